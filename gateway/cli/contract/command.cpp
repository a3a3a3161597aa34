#include "gateway/cli/contract/command.hpp"

#include "gateway/config/config_file.hpp"

namespace signalbox {

ExitCode fail(Invocation& invocation, const Failure& failure) {
  invocation.terminal.error(failure.text);
  if (!failure.hint.empty()) invocation.terminal.advice("  " + failure.hint);
  return failure.code;
}

CommandResult<std::string> read_argument(const std::string& argument, std::size_t bytes_max) {
  const bool file = argument.starts_with('@');
  if (!file && argument != "-") return argument;
  auto content =
      file ? read_stream_file(argument.substr(1), bytes_max) : read_standard_input(bytes_max);
  if (!content) return usage_failure(content.error().detail);
  return std::move(*content);
}

}  // namespace signalbox
