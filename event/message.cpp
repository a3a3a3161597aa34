#include "event/message.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

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

std::string& JsonObject::value(std::string_view key) {
  if (first_) {
    out_.append("\"", 1);
  } else {
    out_.append(",\"", 2);
  }
  out_.append(key).append("\":", 2);
  first_ = false;
  return out_;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view text) {
  append_json_string(value(key), text);
  return *this;
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  value(key).append(json);
  return *this;
}

JsonObject& JsonObject::number(std::string_view key, std::int64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return raw(key, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

JsonObject& JsonObject::time(std::string_view key, Time time) {
  std::string& out = value(key);
  append_time(out += '"', time);
  out += '"';
  return *this;
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
