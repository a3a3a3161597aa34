#include "event/message.hpp"

#include <fmt/format.h>

#include <array>

#include "event/json_escape.hpp"

namespace signalbox {
namespace {

constexpr std::array<std::string_view, 10> kind_names{"event",   "assign",  "progress", "help",
                                                      "answer",  "handoff", "evidence", "decision",
                                                      "control", "note"};

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

void JsonObject::begin(std::string_view key) {
  out_ += first_ ? "\"" : ",\"";
  out_ += key;
  out_ += "\":";
  first_ = false;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  begin(key);
  append_json_string(out_, value);
  return *this;
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  begin(key);
  out_ += json;
  return *this;
}

JsonObject& JsonObject::number(std::string_view key, std::int64_t value) {
  begin(key);
  fmt::format_to(std::back_inserter(out_), "{}", value);
  return *this;
}

std::string render(const Message& message) {
  std::string out;
  out.reserve(512 + message.data.size());
  JsonObject object{out};
  object.text("specversion", "1.0").text("id", message.id);
  object.text("source", "signalbox://" + message.site);
  object.text("type", fmt::format("dev.signalbox.{}", to_string(message.kind)));
  if (!message.subject.empty()) object.text("subject", message.subject);
  object.text("time", format_time(message.time)).text("datacontenttype", "application/json");
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
