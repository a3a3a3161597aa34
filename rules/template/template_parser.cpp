// Templates out of texts, with everything that is wrong in one.
#include <fmt/format.h>

#include <algorithm>

#include "rules/source/yaml_literal.hpp"
#include "rules/template/template.hpp"
#include "rules/template/template_hints.hpp"

namespace signalbox {
namespace {

// The `}` that ends a `${`, not one within quotes.
std::size_t closing_brace(std::string_view text) noexcept {
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == '\\') ++i;
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '}') {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

class Template::Parser {
 public:
  Parser(std::string_view text, bool has_item, std::vector<TemplateProblem>& problems)
      : rest_{text}, has_item_{has_item}, problems_{problems} {}

  std::optional<Template> run() {
    const std::size_t before = problems_.size();
    if (rest_.size() > template_bytes_max) {
      problem(fmt::format("a template has at most {} bytes", template_bytes_max));
      return std::nullopt;
    }
    while (!rest_.empty()) {
      const std::size_t dollar = std::min(rest_.find('$'), rest_.size());
      literal(dollar);
      if (rest_.starts_with("$${")) {
        rest_.remove_prefix(1);
        literal(2);
        ++number_;
      } else if (rest_.starts_with("${{")) {
        actions();
      } else if (rest_.starts_with("${")) {
        path();
      } else if (!rest_.empty()) {
        literal(1);
      }
    }
    result_.parts_.push_back(std::move(part_));
    return problems_.size() == before ? std::optional{std::move(result_)} : std::nullopt;
  }

 private:
  void problem(std::string message) { problems_.push_back({number_, std::move(message)}); }

  void literal(std::size_t bytes) {
    part_.literal += rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
  }

  void path() {
    rest_.remove_prefix(2);
    const std::size_t end = closing_brace(rest_);
    if (end == std::string_view::npos) {
      problem("'${' is not closed; write '$${' for a literal '${'");
      rest_ = {};
      return;
    }
    auto path = TemplatePath::parse(rest_.substr(0, end), has_item_);
    rest_.remove_prefix(end + 1);
    if (path) {
      part_.path = std::move(*path);
      result_.parts_.push_back(std::move(part_));
      part_ = {};
    } else {
      problem(path.error().detail);
    }
    ++number_;
  }

  // `${{ … }}` of GitHub Actions.
  void actions() {
    const std::size_t end = std::min(rest_.find("}}"), rest_.size());
    const std::string_view inside = rest_.substr(3, end - std::min<std::size_t>(end, 3));
    const std::string here = actions_expression(inside);
    problem(here.empty()
                ? "'${{ … }}' is of GitHub Actions; here it is '${…}' with a path, like "
                  "${body.pull_request.title}"
                : fmt::format("'${{{{{}}}}}' is of GitHub Actions; write '{}'", inside, here));
    number_ += 1;
    rest_.remove_prefix(std::min(end + 2, rest_.size()));
  }

  Template result_;
  Part part_;
  std::string_view rest_;
  const bool has_item_;
  std::vector<TemplateProblem>& problems_;
  std::size_t number_ = 0;
};

Result<Template> Template::parse(std::string_view text, bool has_item) {
  std::vector<TemplateProblem> problems;
  auto parsed = parse(text, has_item, problems);
  if (!parsed) return Error{Reason::invalid_argument, std::move(problems.front().message)};
  return std::move(*parsed);
}

std::optional<Template> Template::parse(std::string_view text, bool has_item,
                                        std::vector<TemplateProblem>& problems) {
  return Parser{text, has_item, problems}.run();
}

std::optional<Template> Template::read(YamlFile& file, const Place& at, std::string_view text,
                                       bool has_item) {
  std::vector<TemplateProblem> problems;
  auto parsed = parse(text, has_item, problems);
  for (TemplateProblem& each : problems) {
    file.report(file.place_within(mark_of(at), "${", each.number), Severity::error,
                "wrong-template", std::move(each.message));
  }
  return parsed;
}

}  // namespace signalbox
