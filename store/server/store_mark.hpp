// What a gateway knows of its store, kept beside the store's files: which store it was and how far
// the gateway had come in it. A store that is found empty, or further back, has lost what was
// acknowledged; without this mark nobody would notice. Linux.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/clock.hpp"
#include "event/error.hpp"
#include "store/redis/redis_store.hpp"

namespace signalbox {

struct StoreMark {
  std::string store;        // the store's id; empty: it was never met
  std::string gateway;      // who has left the mark there
  std::uint64_t count = 0;  // of the last one; grows
  Time marked{};            // when, by Redis's clock
};

inline constexpr const char* store_mark_name = "store-mark";
inline constexpr std::size_t store_mark_bytes_max = 1024;
// For so long the store keeps a gateway's mark after its last webhook.
inline constexpr Milliseconds store_mark_keep = std::chrono::days{400};
// For a gateway that keeps none of its own, and is another with each start.
inline constexpr Milliseconds store_mark_keep_short = std::chrono::days{2};

std::string to_text(const StoreMark& mark);
std::optional<StoreMark> parse_store_mark(std::string_view text);

// The mark in a data directory of ours; nothing where there is none. store_unavailable where it is
// not ours, or cannot be read.
Result<std::optional<StoreMark>> read_store_mark(int directory, const std::string& path);

// Replaces the one that is there; what a crash leaves is the old or the new one, whole.
std::optional<Error> write_store_mark(int directory, const std::string& path,
                                      const StoreMark& mark);

// What the store has lost since the mark was left, for people; nothing where it is as it was. Marks
// in the store are kept for `keep`.
std::optional<std::string> what_is_lost(const StoreMark& known, const StoreMemory& found,
                                        Milliseconds keep);

}  // namespace signalbox
