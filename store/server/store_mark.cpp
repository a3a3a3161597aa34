#include "store/server/store_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>

#include "store/own_directory.hpp"

namespace signalbox {
namespace {

constexpr const char* new_mark_name = "store-mark.new";
constexpr std::string_view first_line = "signalbox store mark 1";

Error mark_error(const std::string& path) {
  return Error{Reason::store_unavailable, path + ": " + std::generic_category().message(errno)};
}

// The line behind `name`, without it; nothing where there is none.
std::optional<std::string_view> value_of(std::string_view text, std::string_view name) {
  const std::string start = "\n" + std::string{name} + " ";
  const std::size_t at = text.find(start);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + start.size());
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;  // torn
  return rest.substr(0, end);
}

}  // namespace

std::string to_text(const StoreMark& mark) {
  return std::string{first_line} + "\nstore " + mark.store + "\ngateway " + mark.gateway +
         "\ncount " + std::to_string(mark.count) + "\nmarked " + format_time(mark.marked) + "\n";
}

std::optional<StoreMark> parse_store_mark(std::string_view text) {
  if (!text.starts_with(first_line)) return std::nullopt;
  const auto store = value_of(text, "store");
  const auto gateway = value_of(text, "gateway");
  const auto count = value_of(text, "count");
  const auto marked = parse_time(value_of(text, "marked").value_or(""));
  if (!store || !gateway || gateway->empty() || !count || !marked) return std::nullopt;
  StoreMark mark{std::string{*store}, std::string{*gateway}, 0, *marked};
  const auto [end, failed] =
      std::from_chars(count->data(), count->data() + count->size(), mark.count);
  if (failed != std::errc{} || end != count->data() + count->size()) return std::nullopt;
  return mark;
}

Result<std::optional<StoreMark>> read_store_mark(int directory, const std::string& path) {
  const std::string shown = path + "/" + store_mark_name;
  if (::faccessat(directory, store_mark_name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
    return std::optional<StoreMark>{};
  const auto file = open_own_file(directory, store_mark_name, O_RDONLY, shown);
  if (!file) return file.error();
  std::array<char, store_mark_bytes_max> bytes;
  const ssize_t size = ::pread(file->get(), bytes.data(), bytes.size(), 0);
  if (size < 0) return mark_error(shown);
  auto mark = parse_store_mark({bytes.data(), static_cast<std::size_t>(size)});
  if (mark) return mark;
  return Error{Reason::store_unavailable,
               shown + " cannot be read, so nobody knows whether the store is whole"};
}

std::optional<Error> write_store_mark(int directory, const std::string& path,
                                      const StoreMark& mark) {
  const std::string shown = path + "/" + store_mark_name;
  const auto file = open_own_file(directory, new_mark_name, O_WRONLY | O_CREAT, shown);
  if (!file) return file.error();
  const std::string text = to_text(mark);
  const bool written =
      ::ftruncate(file->get(), 0) == 0 &&
      ::pwrite(file->get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
      ::fdatasync(file->get()) == 0;
  if (!written || ::renameat(directory, new_mark_name, directory, store_mark_name) != 0)
    return mark_error(shown);
  return std::nullopt;
}

std::optional<std::string> what_is_lost(const StoreMark& known, const StoreMemory& found,
                                        Milliseconds keep) {
  if (known.store.empty()) return std::nullopt;
  const std::string until = format_time(known.marked);
  if (found.store.empty()) {
    return "the store is empty, and held what was acknowledged until " + until;
  }
  if (found.store != known.store) {
    return "this is another store than the one that held what was acknowledged until " + until;
  }
  if (found.now - known.marked >= keep || found.count >= known.count) return std::nullopt;
  if (found.count == 0) {
    return "the store has gone back to before this gateway wrote to it: what it acknowledged "
           "until " +
           until + " is gone";
  }
  return "the store has gone back to " + format_time(found.marked) +
         ": what was acknowledged from then until " + until + " is gone";
}

}  // namespace signalbox
