// The tree of commands: which there are and which flags they take. Help, completion and the man
// page are made from it.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <functional>
#include <string>

#include "gateway/cli/commands.hpp"

namespace signalbox {

// What the value of an option is; shown in help, and what completion offers follows from it.
namespace value_name {
inline constexpr const char* agent = "AGENT";
inline constexpr const char* source = "SOURCE";
inline constexpr const char* connector = "CONNECTOR";
inline constexpr const char* sample_type = "TYPE";
inline constexpr const char* event_type = "EVENT_TYPE";
inline constexpr const char* file = "FILE";
inline constexpr const char* kind = "KIND";
inline constexpr const char* outcome = "STATUS";
inline constexpr const char* recipient = "RECIPIENT";
inline constexpr const char* shell = "SHELL";
inline constexpr const char* names = "NAMES";
inline constexpr const char* report = "FORMAT";
inline constexpr const char* schema = "SCHEMA";
}  // namespace value_name

// The commands' options live as long as the parser that fills them.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Throws CLI::ParseError; `arguments` without the program's name.
  void parse(std::span<const std::string> arguments);

  // The command that was named, as far as parsing came; null for none.
  const CLI::App* chosen() const;

  CLI::App app;
  CommonOptions common;
  std::function<ExitCode(Invocation&)> action;  // of the command that was parsed

 private:
  using Action = std::function<ExitCode(Invocation&)>;

  CLI::App* add(const std::string& name, Action run);
  void add_common();
  void add_gateway_commands();
  void add_sample();
  void add_mailbox_commands();
  void add_receive();
  void add_receipts(ReceiptOptions& options, const std::string& verb);
  void add_dead_letters();
  void add_send();
  void add_event_commands();
  void add_search();
  void add_explain();
  void add_own_commands();

  ServeOptions serve_;
  CheckOptions check_;
  TestOptions test_;
  SchemaOptions schema_;
  SampleOptions sample_;
  InboxOptions inbox_;
  ReceiveOptions receive_;
  std::array<ReceiptOptions, 3> receipts_;
  DeadOptions dead_;
  RedriveOptions redrive_;
  SendOptions send_;
  EventsOptions events_;
  EventOptions event_;
  ReplayOptions replay_;
  ExplainOptions explain_;
  EvalOptions eval_;
  NamesOptions names_;
  CompletionOptions completion_;
};

}  // namespace signalbox
