// Texts with `${…}`: what a rule takes over from an event. `$${` is a literal `${`. What is put in
// is data and never read as a template again.
//
// Immutable, thread-safe. Rendering fails, with invalid_argument, where a value is missing, and
// with body_too_large where a message would not hold it; the error names the path and never holds a
// value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/source/literal.hpp"
#include "rules/template/template_path.hpp"

namespace signalbox {

class YamlFile;

inline constexpr std::size_t template_bytes_max = 4096;
inline constexpr std::size_t message_bytes_max = 64 * 1024;  // of a message's JSON
inline constexpr std::size_t data_values_max = 256;          // of one `data:`

// What is wrong with one `${…}` of a text.
struct TemplateProblem {
  std::size_t number = 0;  // of its `${` among all of the text, those behind a `$` included
  std::string message;
};

class Template {
 public:
  // invalid_argument says what is wrong first.
  static Result<Template> parse(std::string_view text, bool has_item);
  // The same with everything that is wrong; nothing is returned then.
  static std::optional<Template> parse(std::string_view text, bool has_item,
                                       std::vector<TemplateProblem>& problems);

  // Reports each problem to `file` at its place; `at` is where the text stands.
  static std::optional<Template> read(YamlFile& file, const Place& at, std::string_view text,
                                      bool has_item);

  // Strings as they are, numbers as spelled, booleans as words, lists and objects as JSON. A null
  // fails: no author wants the word "null" in a sentence.
  Result<std::string> text(const TemplateScope& scope) const;

  // Appends a JSON value: of a template that is one `${…}` and nothing else the value itself, null
  // included; the text as a string otherwise.
  Result<bool> append_json(std::string& out, const TemplateScope& scope) const;

  std::vector<TemplatePath> paths() const;
  // One `${…}` and nothing else.
  bool is_one_path() const noexcept;

 private:
  class Parser;
  struct Part {
    std::string literal;               // before the path
    std::optional<TemplatePath> path;  // nothing at the end
  };
  std::vector<Part> parts_;
};

// A value of `data:`: mappings and lists of templates and plain values.
class DataTemplate {
 public:
  // Reports what is wrong to `file`.
  static std::optional<DataTemplate> parse(YamlFile& file, const Literal& literal, bool has_item);

  Result<bool> append_json(std::string& out, const TemplateScope& scope) const;

  // Appends an object's fields, each with a comma before it.
  Result<bool> append_fields(std::string& out, const TemplateScope& scope) const;

  bool has_field(std::string_view key) const noexcept;

 private:
  struct Field;
  JsonKind kind_ = JsonKind::object;
  std::string plain_;                 // JSON of a number, boolean or null
  std::optional<Template> template_;  // of a string
  std::vector<Field> fields_;
  std::vector<DataTemplate> elements_;
};

struct DataTemplate::Field {
  std::string key;
  DataTemplate value;
};

}  // namespace signalbox
