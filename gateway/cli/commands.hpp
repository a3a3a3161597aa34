// The commands, each as its options and a function. They write through the terminal they are given
// and return how they ended; nothing here reads argv.
#pragma once

#include <string>
#include <vector>

#include "event/clock.hpp"
#include "gateway/cli/client/api_client.hpp"
#include "gateway/cli/client/settings.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

struct Invocation {
  Terminal& terminal;
  const CommonOptions& common;
  Environment process;  // as the command was started
  Time now{};           // for ages
};

// An argument that is the text itself, @file, or - for standard input. usage where that cannot be
// read.
Attempt<std::string> read_argument(const std::string& argument, std::size_t bytes_max);

// As whom a command calls the gateway.
struct CallAs {
  Role role = Role::operator_;
  std::string agent;  // whose mailbox, or as which agent; may be empty for Role::agent
  std::string space;  // an operator's: the namespace that is meant; empty: the main one
};
CallAs call_as_operator(const std::string& space);
CallAs call_as_agent(const std::string& agent);
// An agent where one is named, otherwise an operator.
CallAs call_as_either(const std::string& agent, const std::string& space);

// " --namespace <space>", for a hint; empty without one.
std::string namespace_flag(const std::string& space);

// Finds the gateway, and the token for it.
Attempt<ApiClient> find_client(const Invocation& invocation, const CallAs& as);

// Writes a failure with its hint to standard error.
ExitCode fail(Invocation& invocation, const Failure& failure);

// Writes a refusal: its problem to standard error, and with --json its body to standard output.
ExitCode refuse(Invocation& invocation, const ApiAnswer& answer);

// command_serve.cpp
struct ServeOptions {
  bool lenient = false;  // a broken rule file is set aside, and keeps no other from its work
};
ExitCode run_serve(Invocation& invocation, const ServeOptions& options);
ExitCode run_version(Invocation& invocation);

// command_check.cpp
struct CheckOptions {
  std::vector<std::string>
      files;            // configurations or rule files; empty: the configuration that is found
  bool strict = false;  // warnings count as findings
  bool stats = false;   // say what the rules compile to and what each costs
  std::string format = "text";  // or json, sarif
};
ExitCode run_check(Invocation& invocation, const CheckOptions& options);

// command_doctor.cpp
ExitCode run_doctor(Invocation& invocation);

// command_test.cpp
struct TestOptions {
  std::vector<std::string> files;  // rule files; empty: those of the configuration
  bool coverage = false;           // say what no test exercises
  int coverage_min = -1;           // percent; less is a finding. Below 0: not asked for
  std::string junit;               // file for JUnit's XML; empty: none
};
ExitCode run_test(Invocation& invocation, const TestOptions& options);

// command_schema.cpp
struct SchemaOptions {
  std::string what = "rules";  // or config
};
ExitCode run_schema(Invocation& invocation, const SchemaOptions& options);

// command_eval.cpp
struct EvalOptions {
  std::string pattern;  // JSON, @file or - for standard input
  std::string event;
  bool jsonl = false;    // cases on standard input
  std::string patterns;  // files of one JSON text a line
  std::string events;
};
ExitCode run_eval(Invocation& invocation, const EvalOptions& options);

// command_sample.cpp
struct SampleOptions {
  std::string connector;
  std::string type;
  std::string post;  // source
  std::string hooks_url;
  std::string secret_file;
  std::string delivery;
  std::uint64_t seed = 1;
  bool seed_given = false;
  bool list = false;
};
ExitCode run_sample(Invocation& invocation, const SampleOptions& options);

// command_mailbox.cpp
struct InboxOptions {
  std::string agent;
  std::uint32_t max = 10;
};
ExitCode run_inbox(Invocation& invocation, const InboxOptions& options);

struct ReceiveOptions {
  std::string agent;
  std::uint32_t max = 0;  // 0: 1, or 10 with `follow`
  std::string wait;
  std::string visibility;
  std::string max_bytes;
  bool follow = false;
  bool acknowledge = false;  // with `follow`: each once it was printed
};
ExitCode run_receive(Invocation& invocation, const ReceiveOptions& options);

// command_follow.cpp: receive --follow.
ExitCode run_follow(Invocation& invocation, const ReceiveOptions& options);

struct ReceiptOptions {
  std::string verb;  // ack, nack, extend
  std::string agent;
  std::vector<std::string> receipts;
  std::string visibility;  // extend
};
ExitCode run_receipts(Invocation& invocation, const ReceiptOptions& options);

// command_dead.cpp
struct DeadOptions {
  std::string agent;
  std::uint32_t max = 10;
};
ExitCode run_dead(Invocation& invocation, const DeadOptions& options);

struct RedriveOptions {
  std::string agent;
  std::vector<std::string> messages;  // ids; empty: all
  std::uint32_t max = 0;              // 0: as many as one call moves
};
ExitCode run_redrive(Invocation& invocation, const RedriveOptions& options);

// command_send.cpp
struct SendOptions {
  std::string agent;  // empty: as an operator
  std::string to;
  std::string kind = "note";
  std::string work;
  std::string task;
  std::string data;  // JSON, @file or -
  std::string summary;
  std::string cause;  // what made the sender write
  std::string idempotency_key;
  std::string space;  // an operator's: the namespace; empty: the main one
};
ExitCode run_send(Invocation& invocation, const SendOptions& options);

// command_events.cpp
struct EventsOptions {
  std::string source;
  std::string type;
  std::string status;
  std::string rule;
  std::string work;
  std::string since;  // RFC 3339, or a duration before now
  std::string until;
  std::uint32_t max = 20;
  std::string cursor;
  bool all = false;
  std::string space;  // an operator's: the namespace; empty: the main one
};
ExitCode run_events(Invocation& invocation, const EventsOptions& options);

// command_event.cpp
struct EventOptions {
  std::string id;
  std::string agent;  // ask as this agent; empty: as an operator
  bool body = false;  // the webhook's body, and nothing else
  std::string space;  // an operator's: the namespace; empty: the main one
};
ExitCode run_event(Invocation& invocation, const EventOptions& options);

struct ReplayOptions {
  std::string id;
  std::vector<std::string> rules;  // empty: all
  bool dry_run = false;
  std::string idempotency_key;
  std::string space;  // an operator's: the namespace; empty: the main one
};
ExitCode run_replay(Invocation& invocation, const ReplayOptions& options);

// command_rules.cpp
ExitCode run_rules(Invocation& invocation);

// command_names.cpp
struct NamesOptions {
  std::string what;  // agents, sources, recipients
};
ExitCode run_names(Invocation& invocation, const NamesOptions& options);

struct CompletionOptions {
  std::string shell;
};
ExitCode run_completion(Invocation& invocation, const CompletionOptions& options);

ExitCode run_man(Invocation& invocation);

// command_explain.cpp
struct ExplainOptions {
  std::string subject;  // event id, or a file with a body, or - for standard input
  std::string rule;
  std::string type;      // of a file's body
  std::string agent;     // ask as this agent; empty: as an operator
  std::string delivery;  // a refused one, instead of a subject
  std::string space;     // an operator's: the namespace; empty: the main one
};
ExitCode run_explain(Invocation& invocation, const ExplainOptions& options);

// command_refused.cpp: of a refused delivery, by the provider's id.
ExitCode run_explain_delivery(Invocation& invocation, const std::string& delivery);

}  // namespace signalbox
