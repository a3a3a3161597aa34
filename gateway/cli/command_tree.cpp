#include "gateway/cli/command_tree.hpp"

#include <algorithm>

#include "connectors/connector.hpp"
#include "gateway/cli/command_texts.hpp"

namespace signalbox {
namespace {

const CommandText& text_of_command(std::string_view name) {
  const auto known = command_texts();
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const CommandText& text) { return text.name == name; });
  if (found == known.end()) throw std::logic_error{"a command without words"};
  return *found;
}

// Bounds that help does not repeat: the description says them.
CLI::Validator between(int low, int high) { return CLI::Range(low, high).description(""); }

CLI::Option* value(CLI::App* command, const std::string& flag, auto& into, const char* name,
                   const std::string& what) {
  return command->add_option(flag, into, what)->type_name(name);
}

void add_namespace(CLI::App* command, std::string& into) {
  CLI::Option* option = value(command, "--namespace", into, "NAME",
                              "In this namespace, as an operator; default main");
  if (CLI::Option* agent = command->get_option_no_throw("--agent")) option->excludes(agent);
}

void add_agent(CLI::App* command, std::string& into, const std::string& what = "Whose mailbox") {
  value(command, "--agent", into, value_name::agent, what);
}

}  // namespace

CommandLine::CommandLine() : app{std::string{about_text}, "signalbox"} {
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Help; behind a command, of that command");
  app.set_help_all_flag("--help-all", "Help of all commands");
  add_common();
  add_gateway_commands();
  add_mailbox_commands();
  add_sample();
  add_event_commands();
  add_own_commands();
}

void CommandLine::parse(std::span<const std::string> arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
  app.parse(reversed);
}

const CLI::App* CommandLine::chosen() const {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? nullptr : parsed.front();
}

CLI::App* CommandLine::add(const std::string& name, Action run) {
  const CommandText& text = text_of_command(name);
  CLI::App* command = app.add_subcommand(name, std::string{text.what});
  command->group(std::string{text.group});
  command->set_help_all_flag();  // of the program only
  command->fallthrough();        // the common flags may stand behind the command
  command->callback([this, run = std::move(run)] { action = run; });
  return command;
}

void CommandLine::add_common() {
  value(&app, "--config", common.config, value_name::file, "Configuration of the installation");
  value(&app, "--env-file", common.env_file, value_name::file,
        "File of NAME=value lines; the environment wins");
  value(&app, "--url", common.url, "URL", "Private listener of the server");
  value(&app, "--ca-file", common.ca_file, value_name::file,
        "Certificates to trust with an https server");
  value(&app, "--token-file", common.token_file, value_name::file,
        "File with the token; never an argument");
  app.add_flag("--json", common.json, "JSON instead of text for people");
}

void CommandLine::add_gateway_commands() {
  CLI::App* command =
      add("serve", [this](Invocation& invocation) { return run_serve(invocation, serve_); });
  command->add_flag("--lenient", serve_.lenient,
                    "Go on without a broken rule file, or with its last good version");
  command = add("check", [this](Invocation& invocation) { return run_check(invocation, check_); });
  value(command, "files", check_.files, value_name::file, "Configurations or rule files");
  command->add_flag("--strict", check_.strict, "Warnings count as findings");
  command->add_flag("--stats", check_.stats, "Say what the rules compile to, and what each costs");
  value(command, "--format", check_.format, value_name::report,
        "text, json or sarif; default text, --json is json")
      ->check(CLI::IsMember({"text", "json", "sarif"}).description(""));
  command = add("test", [this](Invocation& invocation) { return run_test(invocation, test_); });
  value(command, "files", test_.files, value_name::file,
        "Rule files; default: those of the configuration");
  command->add_flag("--coverage", test_.coverage, "Say what no test exercises");
  value(command, "--coverage-min", test_.coverage_min, "PERCENT",
        "Less coverage than this, 0 to 100, is a finding")
      ->check(between(0, 100));
  value(command, "--junit", test_.junit, value_name::file, "Write the results as JUnit's XML");
  command =
      add("schema", [this](Invocation& invocation) { return run_schema(invocation, schema_); });
  value(command, "what", schema_.what, value_name::schema, "rules or config; default rules")
      ->check(CLI::IsMember({"rules", "config"}).description(""));
  add("doctor", [](Invocation& invocation) { return run_doctor(invocation); });
}

void CommandLine::add_mailbox_commands() {
  CLI::App* command =
      add("inbox", [this](Invocation& invocation) { return run_inbox(invocation, inbox_); });
  add_agent(command, inbox_.agent);
  value(command, "--max", inbox_.max, "N", "Messages to show, 1 to 100; default 10")
      ->check(between(1, 100));
  add_receive();
  add_receipts(receipts_[0], "ack");
  add_receipts(receipts_[1], "nack");
  add_receipts(receipts_[2], "extend");
  value(app.get_subcommand("extend"), "--visibility", receipts_[2].visibility, "DURATION",
        "From now, as 5m");
  add_dead_letters();
  add_send();
}

void CommandLine::add_receive() {
  CLI::App* command =
      add("receive", [this](Invocation& invocation) { return run_receive(invocation, receive_); });
  add_agent(command, receive_.agent);
  value(command, "--max", receive_.max, "N",
        "Messages, 1 to 100; default 1. With --follow: unfinished ones at a time; default 10")
      ->check(between(1, 100));
  CLI::Option* wait =
      value(command, "--wait", receive_.wait, "DURATION", "Wait for a message, up to 60s");
  value(command, "--visibility", receive_.visibility, "DURATION",
        "How long the lease holds, as 5m");
  CLI::Option* bytes = value(command, "--max-bytes", receive_.max_bytes, "SIZE",
                             "Size of the answer, as 8KiB; what has no room is summarised");
  CLI::Option* follow = command->add_flag("--follow", receive_.follow,
                                          "Go on until Ctrl-C; what was not printed is given back");
  follow->excludes(wait)->excludes(bytes);
  command->add_flag("--ack", receive_.acknowledge, "With --follow: finish each once it is printed")
      ->needs(follow);
}

void CommandLine::add_receipts(ReceiptOptions& options, const std::string& verb) {
  options.verb = verb;
  CLI::App* command =
      add(verb, [&options](Invocation& invocation) { return run_receipts(invocation, options); });
  value(command, "receipts", options.receipts, "RECEIPT", "Receipts from receive")->required();
  add_agent(command, options.agent);
}

void CommandLine::add_dead_letters() {
  CLI::App* command =
      add("dead", [this](Invocation& invocation) { return run_dead(invocation, dead_); });
  add_agent(command, dead_.agent);
  value(command, "--max", dead_.max, "N", "Messages to show, 1 to 100; default 10")
      ->check(between(1, 100));
  command =
      add("redrive", [this](Invocation& invocation) { return run_redrive(invocation, redrive_); });
  value(command, "messages", redrive_.messages, "MESSAGE", "Ids of messages; default: all");
  add_agent(command, redrive_.agent);
  value(command, "--max", redrive_.max, "N", "Messages to move, 1 to 1000; default 1000")
      ->check(between(1, 1000));
}

void CommandLine::add_send() {
  CLI::App* command =
      add("send", [this](Invocation& invocation) { return run_send(invocation, send_); });
  value(command, "--to", send_.to, value_name::recipient, "Mailbox, or topic:<name>")->required();
  value(command, "--kind", send_.kind, value_name::kind,
        "note, progress, help, answer, handoff, control, …; default note");
  value(command, "--work", send_.work, "WORK", "As github:acme/api#42");
  value(command, "--task", send_.task, "TASK", "As review");
  value(command, "--data", send_.data, "JSON", "JSON object, @file or - for standard input");
  value(command, "--summary", send_.summary, "TEXT", "One line for people");
  value(command, "--cause", send_.cause, "ID",
        "What it follows from: a message or receipt, an event");
  value(command, "--idempotency-key", send_.idempotency_key, "KEY", "Send once per key");
  add_agent(command, send_.agent, "Send as this agent; default: as an operator");
  add_namespace(command, send_.space);
}

void CommandLine::add_sample() {
  CLI::App* command = add("sample", [this](Invocation& invocation) {
    sample_.seed_given = app.get_subcommand("sample")->count("--seed") > 0;
    return run_sample(invocation, sample_);
  });
  value(command, "connector", sample_.connector, value_name::connector, connectors_in_words());
  value(command, "type", sample_.type, value_name::sample_type, "As pull_request.opened");
  value(command, "--post", sample_.post, value_name::source,
        "Sign it with this source's secret and post it");
  value(command, "--hooks-url", sample_.hooks_url, "URL", "Public listener");
  value(command, "--secret-file", sample_.secret_file, value_name::file,
        "File with the source's secret");
  value(command, "--delivery", sample_.delivery, "ID", "Delivery id; default: a new one");
  value(command, "--seed", sample_.seed, "N", "Same seed, same body; --post takes a new one");
  command->add_flag("--list", sample_.list, "List the types there are");
}

void CommandLine::add_event_commands() {
  add_search();
  CLI::App* command =
      add("event", [this](Invocation& invocation) { return run_event(invocation, event_); });
  value(command, "event", event_.id, "EVENT", "Event id, as e_…")->required();
  command->add_flag("--body", event_.body, "Print the webhook's body, and nothing else");
  value(command, "--agent", event_.agent, value_name::agent,
        "Ask as this agent; default: as an operator");
  add_namespace(command, event_.space);
  add_explain();
  command =
      add("replay", [this](Invocation& invocation) { return run_replay(invocation, replay_); });
  value(command, "event", replay_.id, "EVENT", "Event id, as e_…")->required();
  value(command, "--rule", replay_.rules, "RULE", "By this rule only; may be repeated")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);  // the event may stand behind it
  command->add_flag("--dry-run", replay_.dry_run, "Say what would be sent, and send nothing");
  value(command, "--idempotency-key", replay_.idempotency_key, "KEY", "Replay once per key");
  add_namespace(command, replay_.space);
  add("rules", [](Invocation& invocation) { return run_rules(invocation); });
}

void CommandLine::add_search() {
  CLI::App* command =
      add("events", [this](Invocation& invocation) { return run_events(invocation, events_); });
  value(command, "--source", events_.source, value_name::source, "Of this source");
  value(command, "--type", events_.type, value_name::event_type,
        "Of this type; a shorter name covers all below it, * any part");
  value(command, "--status", events_.status, value_name::outcome,
        "accepted, no_match, dropped or failed");
  value(command, "--rule", events_.rule, "RULE", "That this rule matched");
  value(command, "--work", events_.work, "WORK", "About this work: w_… or any name of it");
  value(command, "--since", events_.since, "WHEN", "Received since then: 1h, or a time");
  value(command, "--until", events_.until, "WHEN", "Received before then");
  CLI::Option* max = value(command, "--max", events_.max, "N", "Events, 1 to 100; default 20");
  max->check(between(1, 100));
  CLI::Option* cursor =
      value(command, "--cursor", events_.cursor, "CURSOR", "Continue where the last page ended");
  command->add_flag("--all", events_.all, "All pages, up to 10000 events")
      ->excludes(max)
      ->excludes(cursor);
  add_namespace(command, events_.space);
}

void CommandLine::add_explain() {
  CLI::App* command =
      add("explain", [this](Invocation& invocation) { return run_explain(invocation, explain_); });
  CLI::Option* event = value(command, "event", explain_.subject, "EVENT|FILE",
                             "Event id, or a file with a body, or -");
  value(command, "--delivery", explain_.delivery, "ID",
        "A refused delivery, by the provider's id; needs hooks.keep_refused")
      ->excludes(event);
  value(command, "--rule", explain_.rule, "RULE", "This rule only");
  value(command, "--type", explain_.type, value_name::event_type, "Event type of a file's body");
  value(command, "--agent", explain_.agent, value_name::agent,
        "Ask as this agent; default: as an operator");
  add_namespace(command, explain_.space);
}

void CommandLine::add_own_commands() {
  CLI::App* command =
      add("eval", [this](Invocation& invocation) { return run_eval(invocation, eval_); });
  value(command, "--pattern", eval_.pattern, "JSON", "Event pattern, @file or -");
  value(command, "--event", eval_.event, "JSON", "Body of an event, @file or - for standard input");
  command->add_flag("--jsonl", eval_.jsonl,
                    R"(Read {"pattern":"…","event":"…"} lines, answer each with {"result":…})");
  value(command, "--patterns", eval_.patterns, value_name::file, "File with one pattern a line");
  value(command, "--events", eval_.events, value_name::file,
        "File with one event a line: indices that match");
  add("version", [](Invocation& invocation) { return run_version(invocation); });
  command = add("completion",
                [this](Invocation& invocation) { return run_completion(invocation, completion_); });
  value(command, "shell", completion_.shell, value_name::shell, "bash")->required();
  add("man", [](Invocation& invocation) { return run_man(invocation); });
  command = add("names", [this](Invocation& invocation) { return run_names(invocation, names_); });
  value(command, "what", names_.what, value_name::names, "agents, sources or recipients")
      ->required();
}

}  // namespace signalbox
