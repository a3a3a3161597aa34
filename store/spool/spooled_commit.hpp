// A commit as bytes, for the spool. Pure.
#pragma once

#include <string>
#include <string_view>

#include "coordination/commit.hpp"
#include "event/error.hpp"

namespace signalbox {

struct SpooledCommit {
  std::string space;  // the namespace
  Commit commit;
};

std::string to_bytes(const SpooledCommit& spooled);

// internal_error for bytes that are none.
Result<SpooledCommit> spooled_commit_from(std::string_view bytes);

}  // namespace signalbox
