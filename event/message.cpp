#include "event/message.hpp"

#include <fmt/format.h>

#include <array>

#include "event/json_escape.hpp"
#include "event/json_writer.hpp"

namespace signalbox {
namespace {

constexpr std::array<std::string_view, message_kind_count> kind_names{
    "event",   "assign",   "progress", "help",    "answer",
    "handoff", "evidence", "decision", "control", "note"};
static_assert(kind_names.size() == static_cast<std::size_t>(MessageKind::note) + 1);

}  // namespace

std::string_view to_string(MessageKind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<MessageKind> parse_message_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kind_names.size(); ++i) {
    if (kind_names[i] == name) return static_cast<MessageKind>(i);
  }
  return std::nullopt;
}

bool must_be_acted_on(MessageKind kind) noexcept {
  using enum MessageKind;
  return kind == assign || kind == help || kind == handoff || kind == decision || kind == control;
}

std::string render(const Message& message) {
  std::string out;
  out.reserve(640 + message.data.size());
  JsonObject object{out};
  object.text("specversion", "1.0").text("id", message.id);
  append_json_text(object.value("source") += "\"signalbox://", message.site);
  out += '"';
  object.value("type").append("\"dev.signalbox.").append(to_string(message.kind)) += '"';
  if (!message.subject.empty()) object.text("subject", message.subject);
  object.time("time", message.time).text("datacontenttype", "application/json");
  object.text("recipient", message.recipient).text("sender", message.sender);
  if (!message.work.empty()) object.text("workid", message.work);
  if (!message.task.empty()) object.text("taskid", message.task);
  if (!message.cause.empty()) object.text("causationid", message.cause);
  object.number("hop", message.hop);
  object.text("authortrust", to_string(message.trust))
      .text("actorkind", to_string(message.actor_kind));
  if (!message.traceparent.empty()) object.text("traceparent", message.traceparent);
  object.raw("data", message.data).close();
  return out;
}

std::string with_sequence(std::string_view rendered, std::uint64_t sequence) {
  return fmt::format("{},\"sequence\":\"{}\"}}", rendered.substr(0, rendered.size() - 1), sequence);
}

}  // namespace signalbox
