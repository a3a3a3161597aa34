// Keys that people write in rule files who come from other systems, and what to write here. For
// messages alone.
#pragma once

#include <array>

#include "rules/source/yaml_reader.hpp"

namespace signalbox {

// In the file itself.
inline constexpr auto file_key_hints = std::to_array<KeyHint>({
    {"on jobs permissions concurrency env run-name",
     "this is how a workflow of GitHub Actions begins; here a file has 'rules', a list"},
    {"apiVersion kind metadata spec",
     "this is how an object of Kubernetes begins; here a file has 'rules', a list"},
    {"site redis sources agents topics hooks api", "that belongs into signalbox.yaml"},
});

// In a rule.
inline constexpr auto rule_key_hints = std::to_array<KeyHint>({
    {"on event trigger triggers types event_types detail-type source",
     "what starts a rule are its 'events', as events: [github.pull_request.opened]"},
    {"if filter filters condition conditions pattern event_pattern EventPattern cel where "
     "interceptors expression",
     "conditions are said with 'match', as match: {pull_request: {draft: [false]}}"},
    {"branch branches branches-ignore ref",
     "a branch is a condition: match: {ref: [refs/heads/main]} of a push, "
     "match: {pull_request: {base: {ref: [main]}}} of a pull request"},
    {"tags", "a tag is a condition: match: {ref: [{prefix: refs/tags/}]}"},
    {"paths paths-ignore files",
     "paths are a condition on a push: match: {commits: {modified: [{wildcard: \"src/*\"}]}}; "
     "the body of a pull request has none"},
    {"action label labels author draft sender",
     "that is a condition on the body, within 'match', as match: {action: [opened]}"},
    {"then do steps jobs run uses actions target targets notify outputs template triggerTemplate",
     "what a rule does is to 'send' messages, as send: [{to: reviewer, kind: assign}]"},
    {"to kind task summary data for_each",
     "it stands within 'send', as send: [{to: reviewer, kind: assign}]"},
    {"prompt message text", "a text stands within 'send': as 'summary', or within 'data'"},
    {"id title", "a rule is called by its 'name'"},
    {"description comment", "say it in a comment, behind '#'"},
    {"enabled disabled active state", "a rule that is not wanted is left out, or commented out"},
    {"test", "tests are a list in 'tests'"},
    {"env with secrets permissions timeout-minutes runs-on needs",
     "a rule runs nothing: it sends messages, and agents run"},
    {"cron every timezone", "this version has no schedules: let cron run `signalbox send`"},
    {"debounce throttle concurrency rate_limit rate cooldown dedupe batch delay after hours",
     "this version has no limits of rules: each event that matches sends, and messages of one "
     "work are handed out one after the other"},
    {"facts",
     "this version has none: say it in 'match', and take event.trust, event.actor.kind and others "
     "over in templates"},
});

// In an entry of `send`.
inline constexpr auto send_key_hints = std::to_array<KeyHint>({
    {"prompt message text title body content instructions instruction description comment",
     "a line for people is 'summary', anything else stands within 'data'"},
    {"payload args arguments params parameters with inputs input metadata vars env",
     "what a message carries is 'data', a mapping"},
    {"agent agents recipient recipients mailbox target channel topic queue runs-on",
     "who gets it is 'to': an agent, or topic:<name>"},
    {"type action", "what a message is is its 'kind'"},
    {"forEach foreach each loop matrix strategy with_items items range",
     "a message for each element of a list is 'for_each', as for_each: '${body.commits}'"},
    {"if match filter condition unless",
     "conditions are the rule's, in 'match'; those on an item of 'for_each' are 'where'"},
    {"work", "'work' stands beside 'send': it is the rule's"},
    {"priority stop", "it stands beside 'send': it is the rule's"},
});

// In an entry of `tests`.
inline constexpr auto test_key_hints = std::to_array<KeyHint>({
    {"payload body given input with sample", "the body is 'event'"},
    {"then expected result output should matches match send",
     "what is expected is 'expect', a list of messages; [] where the rule must not match"},
    {"name description title", "say it in a comment, behind '#'"},
});

}  // namespace signalbox
