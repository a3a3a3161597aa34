#include "gateway/cli/run_cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>

#include "gateway/cli/commands.hpp"
#include "rules/diagnostic.hpp"

namespace signalbox {
namespace {

constexpr const char* about =
    "Signalbox routes signed webhooks to coding agents as coordination messages.";
constexpr const char* footer =
    "The server and its tokens are found by flags, then SIGNALBOX_URL and SIGNALBOX_TOKEN, then "
    "the\n"
    "configuration: --config, SIGNALBOX_CONFIG, ./signalbox.yaml, the user's profile, "
    "/etc/signalbox.\n"
    "Exit status: 0 good, 1 findings or refused, 2 usage or configuration, 3 server not "
    "reachable,\n"
    "4 the receipt or claim is not held any more.";

using Action = std::function<ExitCode(Invocation&)>;

// The commands' options live as long as the parser that fills them.
struct CommandLine {
  CLI::App app{about, "signalbox"};
  CommonOptions common;
  CheckOptions check;
  TestOptions test;
  SampleOptions sample;
  InboxOptions inbox;
  ReceiveOptions receive;
  std::array<ReceiptOptions, 3> receipts;
  DeadOptions dead;
  RedriveOptions redrive;
  SendOptions send;
  EventsOptions events;
  ExplainOptions explain;
  EvalOptions eval;
  Action action;

  CommandLine();

 private:
  CLI::App* add(const std::string& name, const std::string& what, Action run);
  void add_common();
  void add_local_commands();
  void add_sample();
  void add_mailbox_commands();
  void add_receipts(ReceiptOptions& options, const std::string& verb, const std::string& what);
  void add_dead_commands();
  void add_send();
  void add_event_commands();
};

CommandLine::CommandLine() {
  app.footer(footer);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");
  add_common();
  add_local_commands();
  add_sample();
  add_mailbox_commands();
  add_dead_commands();
  add_send();
  add_event_commands();
}

CLI::App* CommandLine::add(const std::string& name, const std::string& what, Action run) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer(
      "Also: --config --env-file --url --token-file --ca-file --json; see `signalbox --help`.");
  command->fallthrough();  // the common flags may stand behind the command
  command->callback([this, run = std::move(run)] { action = run; });
  return command;
}

void CommandLine::add_common() {
  app.add_option("--config", common.config, "Configuration file of the installation");
  app.add_option("--env-file", common.env_file, "File of NAME=value lines; the environment wins");
  app.add_option("--url", common.url, "Private listener of the server, as http://127.0.0.1:8081");
  app.add_option("--ca-file", common.ca_file, "Certificates to trust with an https server");
  app.add_option("--token-file", common.token_file, "File with the token; never an argument");
  app.add_flag("--json", common.json, "JSON instead of text for people");
}

void CommandLine::add_local_commands() {
  add("serve", "Run the gateway", [](Invocation& invocation) { return run_serve(invocation); });
  CLI::App* command = add("check", "Check the configuration, or rule files",
                          [this](Invocation& invocation) { return run_check(invocation, check); });
  command->add_option("files", check.files, "Configurations or rule files");
  command->add_flag("--strict", check.strict, "Warnings count as findings");
  command = add("test", "Run the tests that rules carry",
                [this](Invocation& invocation) { return run_test(invocation, test); });
  command->add_option("files", test.files, "Rule files; default: those of the configuration");
  command = add("eval", "Match events against event patterns",
                [this](Invocation& invocation) { return run_eval(invocation, eval); });
  command->add_flag("--jsonl", eval.jsonl,
                    R"(Read {"pattern":"…","event":"…"} lines, answer each with {"result":…})");
  command->add_option("--patterns", eval.patterns, "File with one pattern a line");
  command->add_option("--events", eval.events, "File with one event a line: indices that match");
  add("version", "Print the version",
      [](Invocation& invocation) { return run_version(invocation); });
}

void CommandLine::add_sample() {
  CLI::App* command =
      add("sample", "Print a sample webhook, or sign and post one", [this](Invocation& invocation) {
        sample.seed_given = app.get_subcommand("sample")->count("--seed") > 0;
        return run_sample(invocation, sample);
      });
  command->add_option("connector", sample.connector, "github");
  command->add_option("type", sample.type, "As pull_request.opened");
  command->add_option("--post", sample.post, "Sign it with this source's secret and post it");
  command->add_option("--hooks-url", sample.hooks_url, "Public listener, as http://127.0.0.1:8080");
  command->add_option("--secret-file", sample.secret_file, "File with the source's secret");
  command->add_option("--delivery", sample.delivery, "Delivery id; default: a new one");
  command->add_option("--seed", sample.seed, "Same seed, same body; --post takes a new one");
  command->add_flag("--list", sample.list, "List the types there are");
}

void CommandLine::add_mailbox_commands() {
  CLI::App* command = add("inbox", "Look into an agent's mailbox; nothing is leased",
                          [this](Invocation& invocation) { return run_inbox(invocation, inbox); });
  command->add_option("--agent", inbox.agent, "Whose mailbox");
  command->add_option("--max", inbox.max, "Messages to show, 1 to 100")->check(CLI::Range(1, 100));
  command = add("receive", "Lease messages; each comes with a receipt",
                [this](Invocation& invocation) { return run_receive(invocation, receive); });
  command->add_option("--agent", receive.agent, "Whose mailbox");
  command->add_option("--max", receive.max, "Messages, 1 to 100")->check(CLI::Range(1, 100));
  command->add_option("--wait", receive.wait, "Wait for a message, up to 60s");
  command->add_option("--visibility", receive.visibility, "How long the lease holds, as 5m");
  command->add_option("--max-bytes", receive.max_bytes, "Bytes of messages together, as 8KiB");
  add_receipts(receipts[0], "ack", "Finish messages");
  add_receipts(receipts[1], "nack", "Give messages back");
  add_receipts(receipts[2], "extend", "Keep messages longer");
  app.get_subcommand("extend")->add_option("--visibility", receipts[2].visibility,
                                           "From now, as 5m");
}

void CommandLine::add_receipts(ReceiptOptions& options, const std::string& verb,
                               const std::string& what) {
  options.verb = verb;
  CLI::App* command = add(
      verb, what, [&options](Invocation& invocation) { return run_receipts(invocation, options); });
  command->add_option("receipts", options.receipts, "Receipts from receive")->required();
  command->add_option("--agent", options.agent, "Whose mailbox");
}

void CommandLine::add_dead_commands() {
  CLI::App* command = add("dead", "Messages that were given out too often, and are given no more",
                          [this](Invocation& invocation) { return run_dead(invocation, dead); });
  command->add_option("--agent", dead.agent, "Whose mailbox");
  command->add_option("--max", dead.max, "Messages to show, 1 to 100")->check(CLI::Range(1, 100));
  command = add("redrive", "Move dead letters back into their mailbox",
                [this](Invocation& invocation) { return run_redrive(invocation, redrive); });
  command->add_option("messages", redrive.messages, "Ids of messages; default: all");
  command->add_option("--agent", redrive.agent, "Whose mailbox");
  command->add_option("--max", redrive.max, "Messages to move, 1 to 1000")
      ->check(CLI::Range(1, 1000));
}

void CommandLine::add_send() {
  CLI::App* command = add("send", "Send a message to a mailbox or a topic",
                          [this](Invocation& invocation) { return run_send(invocation, send); });
  command->add_option("--to", send.to, "Mailbox, or topic:<name>")->required();
  command->add_option("--kind", send.kind, "note, progress, help, answer, handoff, control, …");
  command->add_option("--work", send.work, "As github:acme/api#42");
  command->add_option("--task", send.task, "As review");
  command->add_option("--data", send.data, "JSON object, @file or - for standard input");
  command->add_option("--summary", send.summary, "One line for people");
  command->add_option("--idempotency-key", send.idempotency_key, "Send once per key");
  command->add_option("--agent", send.agent, "Send as this agent; default: as an operator");
}

void CommandLine::add_event_commands() {
  CLI::App* command = add("events", "What came in last", [this](Invocation& invocation) {
    return run_events(invocation, events);
  });
  command->add_option("--max", events.max, "Events to show, 1 to 100")->check(CLI::Range(1, 100));
  command->add_option("--cursor", events.cursor, "Continue where the last page ended");
  command = add("explain", "Which rules matched an event, and why the others did not",
                [this](Invocation& invocation) { return run_explain(invocation, explain); });
  CLI::Option* event =
      command->add_option("event", explain.subject, "Event id, or a file with a body, or -");
  command->add_option("--delivery", explain.delivery, "A refused delivery, by the provider's id")
      ->excludes(event);
  command->add_option("--rule", explain.rule, "This rule only");
  command->add_option("--type", explain.type, "Event type of a file's body");
  command->add_option("--agent", explain.agent, "Ask as this agent; default: as an operator");
}

ExitCode parse_failed(CommandLine& line, const CLI::ParseError& error,
                      std::span<const std::string> arguments, Terminal& terminal) {
  if (error.get_exit_code() == 0) {  // --help
    terminal.line(error.get_name() == "CallForAllHelp" ? line.app.help("", CLI::AppFormatMode::All)
                                                       : line.app.help());
    return ExitCode::good;
  }
  std::vector<std::string_view> names;
  const auto commands = line.app.get_subcommands([](CLI::App*) { return true; });
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  if (arguments.empty()) {
    terminal.notice(line.app.help());
    return ExitCode::usage;
  }
  const std::string& first = arguments.front();
  if (!first.starts_with('-') && std::find(names.begin(), names.end(), first) == names.end()) {
    terminal.error(fmt::format("unknown command '{}'{}", first, did_you_mean(first, names)));
  } else {
    terminal.error(error.what());
  }
  terminal.advice("try `signalbox --help`, or `signalbox <command> --help`");
  return ExitCode::usage;
}

}  // namespace

ExitCode fail(Invocation& invocation, const Failure& failure) {
  invocation.terminal.error(failure.text);
  if (!failure.hint.empty()) invocation.terminal.advice("  " + failure.hint);
  return failure.code;
}

ExitCode refuse(Invocation& invocation, const ApiAnswer& answer) {
  if (invocation.common.json) invocation.terminal.json(answer.text);
  invocation.terminal.error(describe_problem(answer));
  return exit_code_of(answer);
}

int run_cli(std::span<const std::string> arguments, Terminal& terminal, Environment process,
            Time now) {
  CommandLine line;
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
  try {
    line.app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(parse_failed(line, error, arguments, terminal));
  }
  Invocation invocation{terminal, line.common, std::move(process), now};
  return static_cast<int>(line.action(invocation));
}

int run_cli(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    Terminal terminal = Terminal::of_process();
    return run_cli(arguments, terminal, Environment::of_process(), SystemClock{}.now());
  } catch (const std::exception& broken) {
    std::fputs(fmt::format("signalbox: {}\n", broken.what()).c_str(), stderr);
    return static_cast<int>(ExitCode::usage);
  }
}

}  // namespace signalbox
