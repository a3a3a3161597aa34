// Where configuration values come from besides the file: the process environment and an environment
// file.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "gateway/config/config.hpp"
#include "gateway/config/config_file.hpp"

namespace signalbox {
namespace {

constexpr std::size_t environment_file_bytes_max = std::size_t{256} * 1024;

bool is_variable_name(std::string_view name) noexcept {
  const auto starts = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return !name.empty() && starts(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return starts(c) || (c >= '0' && c <= '9'); });
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// systemd and shells allow quotes around a value; no expansion happens inside them here.
std::string_view unquote(std::string_view value) noexcept {
  const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                      (value.front() == '"' || value.front() == '\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

Environment Environment::of_process() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view assignment{*entry};
    const auto equals = assignment.find('=');
    if (equals == std::string_view::npos) continue;
    environment.values_.emplace(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return environment;
}

Result<bool> Environment::add_file(const std::string& path) {
  const auto text = read_text_file(path, environment_file_bytes_max);
  if (!text) return text.error();
  // The content of a wrong line is not quoted: it may be a secret.
  const auto wrong = [&](int line, std::string_view what) {
    return Error{Reason::invalid_argument, fmt::format("{}:{}: {}", path, line, what)};
  };
  std::set<std::string> own;
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const auto end = rest.find('\n');
    const std::string_view line = trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    const auto equals = line.find('=');
    const std::string_view name = trim(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_variable_name(name)) {
      return wrong(number, "not an assignment NAME=value");
    }
    if (!own.emplace(name).second) return wrong(number, fmt::format("{} is set twice", name));
    values_.emplace(name, unquote(trim(line.substr(equals + 1))));
  }
  return true;
}

const std::string* Environment::find(const std::string& name) const noexcept {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

}  // namespace signalbox
