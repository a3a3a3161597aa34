#include "tests/rules/automaton/field_values.hpp"

namespace signalbox {
namespace {

class Collector {
 public:
  explicit Collector(FieldValues& out) : out_{out} {}

  // `object` holds what stands under the rest of the path. Recursion is bounded by the depth of the
  // event.
  void object(Json object, std::string_view rest, std::int32_t element) {
    for (const JsonField field : object.fields()) {
      if (!rest.starts_with(field.key)) continue;
      if (rest.size() == field.key.size()) {
        leaf(field.value, element);
      } else if (rest[field.key.size()] == '.') {
        inner(field.value, rest.substr(field.key.size() + 1), element);
      }
    }
  }

 private:
  void inner(Json value, std::string_view rest, std::int32_t element) {
    if (value.kind() == JsonKind::object) {
      object(value, rest, element);
    } else if (value.kind() == JsonKind::array) {
      for (const Json entry : value.elements()) {
        if (is_container(entry)) inner(entry, rest, enter(value, entry, element));
      }
    }
  }

  void leaf(Json value, std::int32_t element) {
    if (value.kind() == JsonKind::array) {
      for (const Json entry : value.elements()) {
        leaf(entry, entry.kind() == JsonKind::array ? enter(value, entry, element) : element);
      }
    } else if (value.kind() != JsonKind::object) {
      out_.values.push_back({value, element});
    }
  }

  static bool is_container(Json value) {
    return value.kind() == JsonKind::object || value.kind() == JsonKind::array;
  }

  std::int32_t enter(Json array, Json entry, std::int32_t outer) {
    const std::string_view whole = array.raw();
    const std::string_view part = entry.raw();
    out_.elements.push_back(
        {whole.data(), whole.data() + whole.size(), part.data(), part.data() + part.size(), outer});
    return static_cast<std::int32_t>(out_.elements.size() - 1);
  }

  FieldValues& out_;
};

}  // namespace

void FieldValues::collect(Json event, std::string_view path) {
  values.clear();
  elements.clear();
  Collector{*this}.object(event, path, -1);
}

}  // namespace signalbox
