#include "gateway/cli/run_cli.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "gateway/cli/command_line.hpp"
#include "gateway/cli/pages.hpp"

namespace signalbox {
namespace {

ExitCode refuse_line(const CommandLine& line, bool empty, Terminal& terminal) {
  if (empty) {
    terminal.notice(help_of_program(terminal));
    return ExitCode::usage;
  }
  terminal.error(line.mistake);
  terminal.advice(line.command == nullptr
                      ? "try `signalbox --help`"
                      : fmt::format("try `signalbox {} --help`", line.command->name));
  return ExitCode::usage;
}

ExitCode run_line(const CommandLine& line, bool empty, Terminal& terminal, Environment process,
                  Time now) {
  switch (line.wish) {
    case CommandLine::Wish::run: {
      Invocation invocation{terminal, line.common, std::move(process), now};
      return line.command->action.run(invocation, line.options.get());
    }
    case CommandLine::Wish::help:
      terminal.own_text(line.command == nullptr ? help_of_program(terminal)
                                                : help_of_command(*line.command, terminal));
      return ExitCode::good;
    case CommandLine::Wish::help_all:
      terminal.own_text(help_of_all(terminal));
      return ExitCode::good;
    case CommandLine::Wish::tell_version: {
      Invocation invocation{terminal, line.common, std::move(process), now};
      return find_command("version")->action.run(invocation, nullptr);
    }
    case CommandLine::Wish::nothing:
      break;
  }
  return refuse_line(line, empty, terminal);
}

// A full disk, or a closed descriptor: who reads the output must not take it for whole. A reader
// that has seen enough is no failure.
int finish(Terminal& terminal, int status) {
  std::signal(SIGPIPE, SIG_IGN);
  errno = 0;
  if (terminal.flush()) return status;
  // What failed may have been an earlier write, whose reason is gone: it is tried once more.
  if (errno == 0 && ::write(STDOUT_FILENO, "\n", 1) == 1) errno = EIO;
  if (errno == EPIPE) return status;
  std::fputs(fmt::format("signalbox: standard output cannot be written: {}\n", std::strerror(errno))
                 .c_str(),
             stderr);
  return status == 0 ? static_cast<int>(ExitCode::refused) : status;
}

}  // namespace

int run_cli(std::span<const std::string> arguments, Terminal& terminal, Environment process,
            Time now) {
  const CommandLine line = parse_command_line(arguments);
  return static_cast<int>(run_line(line, arguments.empty(), terminal, std::move(process), now));
}

int run_cli(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    Terminal terminal = Terminal::of_process();
    const int status = run_cli(arguments, terminal, Environment::of_process(), SystemClock{}.now());
    return finish(terminal, status);
  } catch (const std::exception& broken) {
    std::fputs(fmt::format("signalbox: {}\n", broken.what()).c_str(), stderr);
    return static_cast<int>(ExitCode::usage);
  }
}

}  // namespace signalbox
