// What the bodies of events look like, as far as their providers say: which fields there are, which
// are always there, and what they may hold. Connectors write it down, the linter of rules reads it.
// Nothing at run time depends on it: providers add fields and events without notice.
//
// Notation, one definition a line, `#` for a comment:
//   <state> = open,closed
//   12 = <state>:state s:login,url! n:id! z{7}:owner [{8}]:labels *:extra ...
//   github.issues.opened github.issues.closed = {12}
// A value's shape is of letters: s text, <name> text that is one of the values defined before, as
// far as the provider documents them, n number, b boolean, z null, {name} an object that was
// defined before, {*} any object, [shape] an array of such elements, * anything. In an object each
// shape stands before the fields that have it; `!` marks those that are always there, `...` an
// object that may have others. A type that ends in ".*" stands for every action of its event.
//
// Immutable once read, thread-safe.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/json.hpp"

namespace signalbox {

struct PayloadObject;

struct PayloadShape {
  bool any = false;
  bool text = false;
  bool number = false;
  bool boolean = false;
  bool null = false;
  // The texts that a text is known to be, sorted; null: it may be any. They are the catalog's.
  const std::vector<std::string>* values = nullptr;
  const PayloadObject* object = nullptr;  // the catalog's
  const PayloadShape* element = nullptr;  // of an array; the catalog's

  bool is_scalar() const noexcept { return text || number || boolean || null; }
  // False for arrays and objects of a shape that has none.
  bool allows(JsonKind kind) const noexcept;
};

struct PayloadField {
  std::string name;
  PayloadShape shape;
  bool always = false;
};

struct PayloadObject {
  std::vector<PayloadField> fields;  // sorted by name
  bool open = false;                 // others may be there

  const PayloadField* find(std::string_view name) const noexcept;
};

class PayloadCatalog {
 public:
  PayloadCatalog() = default;
  // Objects are named within one text. invalid_argument names the line that is wrong.
  static Result<PayloadCatalog> parse(std::span<const std::string_view> texts);

  // The shape of each known type's body, sorted by type; those with ".*" are included.
  const std::map<std::string, PayloadShape, std::less<>>& bodies() const noexcept {
    return bodies_;
  }

  // The body of a type, also of one that a ".*" stands for; null for a type that is not known.
  const PayloadShape* body(std::string_view type) const;

 private:
  class Reader;
  std::map<std::string, PayloadShape, std::less<>> bodies_;
  std::vector<std::unique_ptr<const PayloadObject>> objects_;
  std::vector<std::unique_ptr<const PayloadShape>> elements_;
  std::vector<std::unique_ptr<const std::vector<std::string>>> values_;
};

}  // namespace signalbox
