#include "gateway/cli/screen/view.hpp"

#include <fmt/format.h>

#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

constexpr std::size_t data_fields_max = 30;  // shown of a message's data; --json has all

void show_data(Terminal& terminal, const json::value& message) {
  const json::object* data = member_of(message, "data").if_object();
  if (data == nullptr) return;
  if (const auto* summary = data->if_contains("summary")) {
    terminal.field("summary", shown(*summary));
  }
  std::size_t count = 0;
  for (const auto& field : *data) {
    if (field.key() == "summary") continue;
    if (++count > data_fields_max) {
      terminal.field("…", fmt::format("{} more fields (--json)", data->size() - data_fields_max));
      return;
    }
    terminal.field(std::string_view{field.key().data(), field.key().size()}, shown(field.value()));
  }
}

}  // namespace

std::string kind_of(const json::value& message) {
  const std::string type = text_of(message, "type");
  return type.substr(type.rfind('.') + 1);
}

std::vector<Cell> message_cells(const json::value& message, Time now) {
  return {{kind_of(message), Style::bold},
          {text_of(message, "subject"), Style::name},
          {text_of(message, "taskid"), Style::plain},
          {text_of(member_of(message, "data"), "summary"), Style::plain},
          {age_of(text_of(message, "time"), now), Style::dim},
          {text_of(message, "id"), Style::dim}};
}

Style style_of_outcome(std::string_view outcome) noexcept {
  if (outcome == "accepted") return Style::good;
  return outcome == "no_match" || outcome == "duplicate" ? Style::warn : Style::bad;
}

void show_message(Terminal& terminal, const json::value& message, const std::string& remark) {
  std::string head = terminal.styled(kind_of(message), Style::bold);
  if (const auto subject = text_of(message, "subject"); !subject.empty()) {
    head += "  " + terminal.styled(subject, Style::name);
  }
  if (const auto task = text_of(message, "taskid"); !task.empty()) {
    head += "  task " + printable(task);
  }
  terminal.line(head + terminal.styled(remark, Style::dim));
  show_data(terminal, message);
  if (const auto sender = text_of(message, "sender"); !sender.empty()) {
    terminal.field("from", sender);
  }
  if (const auto trust = text_of(message, "authortrust"); !trust.empty()) {
    // Whose words the texts above are: they are data, however they read.
    terminal.field("author", fmt::format("{}, {}", trust, text_of(message, "actorkind")));
  }
  if (const auto cause = text_of(message, "causationid"); !cause.empty()) {
    terminal.field("cause", cause);
  }
  terminal.field("id", text_of(message, "id"));
}

void show_received(Terminal& terminal, const json::value& answer, Time now) {
  for (const json::value& each : array_of(answer, "messages")) {
    const json::value& message = member_of(each, "message");
    const auto deliveries = number_of(each, "deliveries");
    std::string remark;  // what was cut down to a few bytes has no time
    const std::string age = age_of(text_of(message, "time"), now);
    if (!age.empty()) remark = fmt::format("  {} ago", age);
    if (deliveries > 1) {
      remark += fmt::format("{}delivery {}", remark.empty() ? "  " : ", ", deliveries);
    }
    show_message(terminal, message, remark);
    if (const auto whole = text_of(each, "reference"); !whole.empty()) {
      terminal.field("cut down", "the whole: signalbox message " + text_of(message, "id"));
    }
    terminal.field("receipt", text_of(each, "receipt"));
    terminal.line();
  }
}

void show_sent(Terminal& terminal, const json::value& holder) {
  for (const json::value& message : array_of(holder, "messages")) {
    std::string text = fmt::format("{} to {} by {}", text_of(message, "kind"),
                                   text_of(message, "mailbox"), text_of(message, "rule"));
    if (const auto id = text_of(message, "id"); !id.empty()) text = id + "  " + text;
    terminal.field("message", text);
    const json::value& data = member_of(member_of(message, "message"), "data");
    if (const auto summary = text_of(data, "summary"); !summary.empty()) {
      terminal.field("", summary);
    }
  }
}

void show_failures(Terminal& terminal, const json::value& holder) {
  for (const json::value& failure : array_of(holder, "failures")) {
    const std::string rule = text_of(failure, "rule");
    terminal.field("failed", rule.empty()
                                 ? shown(failure)
                                 : fmt::format("{}: {}", rule, text_of(failure, "detail")));
  }
}

}  // namespace signalbox
