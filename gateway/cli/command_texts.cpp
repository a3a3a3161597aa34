#include "gateway/cli/command_texts.hpp"

namespace signalbox {
namespace {

constexpr std::string_view gateway = "The gateway";
constexpr std::string_view mailboxes = "Mailboxes";
constexpr std::string_view events = "Events and rules";
constexpr std::string_view shell = "This program";

constexpr std::array texts{
    CommandText{"serve",
                gateway,
                "Run the gateway",
                "Runs in the foreground and logs to standard error. SIGHUP reads the configuration "
                "again, SIGTERM drains and ends.",
                {{{"signalbox serve --config signalbox.yaml --env-file env",
                   "with the secrets of a file"}}}},
    CommandText{"check",
                gateway,
                "Check the configuration, or rule files",
                "Says what is wrong and what is suspicious, with file, line and column; exit "
                "status 1 when something is wrong. Asks no server.",
                {{{"signalbox check", "what `serve` would take"},
                  {"signalbox check --strict rules/review.yaml", "one file; warnings count"},
                  {"signalbox check --format sarif", "for a code host"}}}},
    CommandText{"test",
                gateway,
                "Run the tests that rules carry",
                "Asks no server. Exit status 1 when a test fails, or when --coverage-min is not "
                "reached. Covered are events, conditions, ways of $or and rules, both ways: they "
                "held in a test, and did not hold in another.",
                {{{"signalbox test", "those of all rules of the configuration"},
                  {"signalbox test --coverage rules/review.yaml",
                   "those of one file, and what they leave out"},
                  {"signalbox test --coverage-min 80 --junit results.xml", "in a pipeline"}}}},
    CommandText{"schema",
                gateway,
                "Print the JSON Schema of rule files or of the configuration",
                "For editors: JSON Schema draft-07, as docs/schema/ has it. `check` knows more.",
                {{{"signalbox schema rules", "of rule files"},
                  {"signalbox schema config", "of signalbox.yaml"}}}},
    CommandText{"doctor",
                gateway,
                "Examine this installation: what is wrong, and what to do about it",
                "Configuration, secrets, files, certificates, disk, Redis, the running gateway, "
                "its clock, rules and mailboxes. Changes nothing. Exit status 1 when something is "
                "bad; warnings alone are 0.",
                {{{"signalbox doctor", "on the gateway's machine, as its user"},
                  {"signalbox doctor --json", "for a program: {\"grade\":…,\"checks\":[…]}"}}}},
    CommandText{"inbox",
                mailboxes,
                "Look into an agent's mailbox; nothing is leased",
                "",
                {{{"signalbox inbox --agent reviewer", "counts and the oldest messages"}}}},
    CommandText{
        "receive",
        mailboxes,
        "Lease messages; each comes with a receipt",
        "Until the lease ends nobody else is given the message, nor a later one of its "
        "work. Finish it with `ack`, give it back with `nack`, keep it with `extend`.",
        {{{"signalbox receive --agent reviewer --wait 30s", "wait for one"},
          {"signalbox receive --max 10 --max-bytes 8KiB --json",
           "as much as a reader has room for, the rest as a digest"},
          {"signalbox receive --agent reviewer --follow --json", "one line each, as they come"}}}},
    CommandText{"ack",
                mailboxes,
                "Finish messages",
                "Exit status 4 when a receipt holds its message no longer: somebody else may have "
                "it.",
                {{{"signalbox ack m_0b9akjgInM5O53Uhu.2", "with the receipt of `receive`"}}}},
    CommandText{"nack",
                mailboxes,
                "Give messages back",
                "They are ready again at once.",
                {{{"signalbox nack m_0b9akjgInM5O53Uhu.2", "let somebody else have it"}}}},
    CommandText{
        "extend",
        mailboxes,
        "Keep messages longer",
        "",
        {{{"signalbox extend m_0b9akjgInM5O53Uhu.2 --visibility 30m", "half an hour from now"}}}},
    CommandText{"dead",
                mailboxes,
                "Look at dead letters: messages that were given out too often",
                "They are given to nobody any more, until `redrive` moves them back.",
                {{{"signalbox dead --agent reviewer", "how many, and the oldest"}}}},
    CommandText{"redrive",
                mailboxes,
                "Move dead letters back into their mailbox",
                "They keep their ids, stand behind what waits, and their deliveries count from the "
                "start. Exit status 1 when the mailbox has no room for all.",
                {{{"signalbox redrive --agent reviewer", "all of them, once the cause is mended"},
                  {"signalbox redrive m_0b9akjgInM5O53Uhu --agent reviewer", "one"}}}},
    CommandText{"send",
                mailboxes,
                "Send a message to a mailbox or a topic",
                "As an operator, or with --agent as an agent; who may send which kind depends on "
                "that.",
                {{{"signalbox send --to reviewer --kind note --summary 'main is red'",
                   "a note for one role"},
                  {"signalbox send --to topic:all --kind control --data '{\"pause\": true}'",
                   "one copy each"},
                  {"signalbox send --to coder --work github:acme/api#42 --data @handoff.json",
                   "data from a file"}}}},
    CommandText{
        "sample",
        events,
        "Print a sample webhook, or sign and post one",
        "With --post a message is there to be seen without a provider.",
        {{{"signalbox sample github pull_request.opened --post github", "as if GitHub had sent it"},
          {"signalbox sample linear --list", "which ones there are"},
          {"signalbox sample github issues.opened", "the body, for a rule's test"}}}},
    CommandText{"events",
                events,
                "Find events that came in, newest first",
                "All conditions that are given must hold. --since and --until take how long ago "
                "(1h, 3d) or a time (2026-11-22T10:00:00Z).",
                {{{"signalbox events --since 1h --status dropped", "what went wrong lately"},
                  {"signalbox events --work github:acme/api#42 --all", "all about one work"},
                  {"signalbox events --type github.pull_request --rule review-opened --json",
                   "what a rule matched, for a program"}}}},
    CommandText{"event",
                events,
                "Show one event: what arrived and what became of it",
                "",
                {{{"signalbox event e_1cEI4ot2GmpiHFXjS", "its record"},
                  {"signalbox event e_1cEI4ot2GmpiHFXjS --body", "the webhook's body"}}}},
    CommandText{
        "explain",
        events,
        "Which rules matched an event, and why the others did not",
        "A stored event is explained by the server; a body in a file is decided here, by "
        "the same code and the configuration's rules. A refused delivery is looked up among "
        "those that the gateway keeps (hooks.keep_refused).",
        {{{"signalbox explain e_1cEI4ot2GmpiHFXjS", "by the rules of now"},
          {"signalbox explain body.json --type github.issues.opened", "a file"},
          {"signalbox explain --delivery 72d3162e-cc78-11e3-81ab-4c9367dc0958",
           "why it was refused"}}}},
    CommandText{
        "replay",
        events,
        "Decide an event anew by the rules of now, and send what they say",
        "For an event that was decided by wrong rules. Its messages are new ones: who has "
        "done the old ones will see the work again.",
        {{{"signalbox replay e_1cEI4ot2GmpiHFXjS --dry-run", "only say what would be sent"},
          {"signalbox replay e_1cEI4ot2GmpiHFXjS --rule review-opened", "by this rule only"}}}},
    CommandText{"rules",
                events,
                "The rules that the gateway has loaded, with counters",
                "Counters are of the gateway's process since its start.",
                {{{"signalbox rules", "which rules match, and which never do"}}}},
    CommandText{
        "eval",
        events,
        "Match events against event patterns",
        "One event against one pattern: exit status 1 and the first condition that failed, "
        "where it does not match. Or a line in, a line out, of files and standard input.",
        {{{R"(signalbox eval --pattern '{"action":["opened"]}' --event @body.json)",
           "one event, and why not"},
          {"signalbox eval --patterns patterns.jsonl --events events.jsonl",
           "for each event the indices of the patterns that match"},
          {"signalbox eval --jsonl", "each line of standard input a pattern and an event"}}}},
    CommandText{"version", shell, "Print the version", "", {{{"signalbox version", ""}}}},
    CommandText{"completion",
                shell,
                "Print the completion script for a shell",
                "Source it in the shell's start file; deploy/run stores it for its user.",
                {{{"signalbox completion bash", "for bash"}}}},
    CommandText{"man",
                shell,
                "Print the manual page",
                "In the macros of man(7).",
                {{{"signalbox man", "as docs/man/signalbox.1 has it"}}}},
    CommandText{"names", "", "Names of the configuration, for completion", ""},
};

constexpr std::array<NamedText, 8> environment{{
    {"SIGNALBOX_URL", "Private listener of the server, as http://127.0.0.1:8081"},
    {"SIGNALBOX_TOKEN", "Token of an agent or an operator"},
    {"SIGNALBOX_CA_FILE", "Certificates (PEM) to trust with an https server"},
    {"SIGNALBOX_CONFIG", "Configuration file of the installation"},
    {"SIGNALBOX_ENV_FILE", "File of NAME=value lines with secrets and tokens"},
    {"SIGNALBOX__SECTION__KEY", "A key of the configuration, as SIGNALBOX__API__LISTEN"},
    {"XDG_CONFIG_HOME", "Where the user's profile is; default ~/.config"},
    {"NO_COLOR", "No colours, if set"},
}};

constexpr std::array<NamedText, 5> exit_statuses{{
    {"0", "good"},
    {"1", "findings, or the server refused"},
    {"2", "the command line or the configuration is wrong"},
    {"3", "the server cannot be reached"},
    {"4", "the receipt or claim is not held any more"},
}};

}  // namespace

std::span<const CommandText> command_texts() noexcept { return texts; }
std::span<const NamedText> environment_texts() noexcept { return environment; }
std::span<const NamedText> exit_status_texts() noexcept { return exit_statuses; }

}  // namespace signalbox
