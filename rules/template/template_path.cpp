#include "rules/template/template_path.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "rules/source/diagnostic.hpp"

namespace signalbox {
namespace {

struct EventField {
  std::string_view name;
  std::string (*read)(const Event& event);
};

// One row for each `event.…`.
constexpr std::array<EventField, 12> event_fields{{
    {"id", [](const Event& event) { return event.id; }},
    {"type", [](const Event& event) { return event.type; }},
    {"source", [](const Event& event) { return event.source; }},
    {"connector", [](const Event& event) { return event.connector; }},
    {"subject", [](const Event& event) { return event.subject; }},
    {"delivery", [](const Event& event) { return event.delivery; }},
    {"time", [](const Event& event) { return format_time(event.time); }},
    {"trust", [](const Event& event) { return std::string{to_string(event.trust)}; }},
    {"work", [](const Event& event) { return event.work ? event.work->readable : std::string{}; }},
    {"actor.id", [](const Event& event) { return event.actor.id; }},
    {"actor.name", [](const Event& event) { return event.actor.name; }},
    {"actor.kind", [](const Event& event) { return std::string{to_string(event.actor.kind)}; }},
}};

Error wrong_path(std::string message) {
  return Error{Reason::invalid_argument, std::move(message)};
}

bool is_name_start(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

class TemplatePath::Parser {
 public:
  Parser(std::string_view text, bool has_item) : rest_{text}, has_item_{has_item} {
    path_.text_ = trimmed(text);
  }

  Result<TemplatePath> run() {
    skip_spaces();
    const std::string root = name();
    if (root.empty()) return not_a_path();
    skip_spaces();
    while (!rest_.empty()) {
      if (auto failed = step(); !failed.empty()) return wrong_path(std::move(failed));
      skip_spaces();
    }
    if (path_.steps_.size() > path_steps_max) {
      return wrong_path(fmt::format("more than {} steps in '{}'", path_steps_max, path_.text_));
    }
    if (auto failed = bind(root); !failed.empty()) return wrong_path(std::move(failed));
    return std::move(path_);
  }

 private:
  static std::string trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return std::string{text};
  }

  std::string not_supported() const {
    return fmt::format(
        "'${{{}}}' is not supported by this version: it knows paths like body.pull_request.title, "
        "body.labels[0].name or headers[\"X-GitHub-Event\"]",
        path_.text_);
  }
  Error not_a_path() const { return wrong_path(not_supported()); }

  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

  std::string name() {
    std::size_t end = 0;
    while (end < rest_.size() && (is_name_start(rest_[end]) || (end > 0 && is_digit(rest_[end]))))
      ++end;
    std::string found{rest_.substr(0, end)};
    rest_.remove_prefix(end);
    return found;
  }

  // Reads `.name`, `["name"]` or `[0]`; empty when that went well.
  std::string step() {
    const char first = rest_.front();
    rest_.remove_prefix(1);
    if (first == '.') {
      skip_spaces();
      std::string key = name();
      if (key.empty()) return not_supported();
      path_.steps_.emplace_back(std::move(key));
      return {};
    }
    if (first != '[') return not_supported();
    skip_spaces();
    if (rest_.empty()) return not_supported();
    const bool read = is_digit(rest_.front()) ? number() : quoted();
    skip_spaces();
    if (!read || !rest_.starts_with(']')) return not_supported();
    rest_.remove_prefix(1);
    return {};
  }

  bool number() {
    std::size_t value = 0;
    const auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    path_.steps_.emplace_back(value);
    return failed == std::errc{};
  }

  bool quoted() {
    const char quote = rest_.front();
    if (quote != '"' && quote != '\'') return false;
    std::string key;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_.remove_prefix(i + 1);
        path_.steps_.emplace_back(std::move(key));
        return true;
      }
      if (rest_[i] == '\\') {
        ++i;
        if (i == rest_.size() || (rest_[i] != '\\' && rest_[i] != '"' && rest_[i] != '\''))
          return false;
      }
      key += rest_[i];
    }
    return false;
  }

  // Empty when the root is known and the steps fit it.
  std::string bind(const std::string& root) {
    constexpr std::array<std::string_view, 4> roots{"event", "body", "headers", "item"};
    const auto found = std::find(roots.begin(), roots.end(), root);
    if (found == roots.end()) {
      return fmt::format("unknown name '{}' in '${{{}}}': use body, event, headers{}{}", root,
                         path_.text_, has_item_ ? " or item" : "", did_you_mean(root, roots));
    }
    path_.root_ = static_cast<Root>(found - roots.begin());
    if (path_.root_ == Root::item && !has_item_)
      return "'item' is there only in a 'send' with 'for_each'";
    if (path_.root_ == Root::event) return bind_event();
    const bool one_name =
        path_.steps_.size() == 1 && std::holds_alternative<std::string>(path_.steps_[0]);
    if (path_.root_ == Root::headers && !one_name)
      return "a header is written headers[\"X-GitHub-Event\"]";
    return {};
  }

  std::string bind_event() {
    std::string wanted;
    std::vector<std::string_view> names;
    for (const Step& step : path_.steps_) {
      const auto* key = std::get_if<std::string>(&step);
      wanted += fmt::format("{}{}", wanted.empty() ? "" : ".", key ? *key : "[]");
    }
    for (const EventField& field : event_fields) {
      if (field.name == wanted) {
        path_.event_field_ = static_cast<std::size_t>(&field - event_fields.data());
        return {};
      }
      names.push_back(field.name);
    }
    return fmt::format("unknown field '{}' of event{}", wanted, did_you_mean(wanted, names));
  }

  TemplatePath path_;
  std::string_view rest_;
  const bool has_item_;
};

Result<TemplatePath> TemplatePath::parse(std::string_view text, bool has_item) {
  return Parser{text, has_item}.run();
}

Result<PathValue> TemplatePath::resolve(const TemplateScope& scope) const {
  const auto missing = [this] { return wrong_path(fmt::format("{} is missing", text_)); };
  // What came in a header may be any bytes; a message is UTF-8.
  const auto checked = [&](std::string value) -> Result<PathValue> {
    if (!simdjson::validate_utf8(value)) return wrong_path(fmt::format("{} is not UTF-8", text_));
    return PathValue{std::move(value)};
  };
  if (root_ == Root::event) {
    std::string field = event_fields[event_field_].read(scope.event);
    if (field.empty()) return missing();
    return checked(std::move(field));
  }
  if (root_ == Root::headers) {
    const auto header = scope.event.headers.find(std::get<std::string>(steps_.front()));
    if (!header) return wrong_path(fmt::format("{} occurs twice", text_));
    if (!*header) return missing();
    return checked(std::string{**header});
  }
  Json value = root_ == Root::item ? scope.item : scope.event.body;
  for (const Step& step : steps_) {
    const auto* key = std::get_if<std::string>(&step);
    value = key ? value[*key] : value.at(std::get<std::size_t>(step));
  }
  if (!value) return missing();
  return PathValue{value};
}

}  // namespace signalbox
