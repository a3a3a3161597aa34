// A coordination message: an immutable CloudEvents 1.0 JSON object, addressed to one mailbox.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/clock.hpp"
#include "event/event.hpp"

namespace signalbox {

enum class MessageKind : std::uint8_t {
  event,
  assign,
  progress,
  help,
  answer,
  handoff,
  evidence,
  decision,
  control,
  note,
};

inline constexpr std::size_t message_kind_count = 10;

std::string_view to_string(MessageKind kind) noexcept;
// Whether somebody waits for what the reader does: assign, help, handoff, decision, control. The
// others tell.
bool must_be_acted_on(MessageKind kind) noexcept;
std::optional<MessageKind> parse_message_kind(std::string_view name) noexcept;

struct Message {
  std::string id;    // "m_…"
  std::string site;  // source is "signalbox://<site>"
  MessageKind kind = MessageKind::event;
  std::string subject;  // readable alias of the work; may be empty
  Time time{};
  std::string recipient;  // mailbox
  std::string sender;     // "rule:<name>", "agent:<role>" or "operator:<name>"
  std::string work;       // "w_…"; empty where the message is about no work
  std::string task;       // empty where it is about no task
  std::string cause;      // "e_…" or "m_…"; empty for what starts a chain itself
  unsigned hop = 0;       // distance from the outside event
  Trust trust = Trust::outsider;
  ActorKind actor_kind = ActorKind::unknown;
  std::string traceparent{};  // event/trace_context.hpp; empty where its cause had none
  std::string data = "{}";    // JSON
};

// The object without `sequence`, which its mailbox gives it when it is stored.
std::string render(const Message& message);

// The rendered object with the `sequence` extension, a string as CloudEvents wants it.
std::string with_sequence(std::string_view rendered, std::uint64_t sequence);

}  // namespace signalbox
