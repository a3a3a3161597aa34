// What one event has in the fields that rules look at, collected in one walk that a trie of field
// names steers. Fields that are seldom asked for are walked to when they are.
//
// The scratch of one thread, used for event after event: it grows to what the largest needed and
// allocates nothing after that. Holds views into the event.
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include "event/json.hpp"
#include "rules/automaton/field_trie.hpp"
#include "rules/automaton/symbol_table.hpp"

namespace signalbox {

// An element of an array around a value, by the places of both in the document.
struct AroundValue {
  std::uint32_t array;
  std::uint32_t array_end;
  std::uint32_t element;
  std::int32_t outer;  // index of the enclosing one, or -1
};

struct CollectedValue {
  Json value;  // a scalar; missing where the value is a symbol only
  FieldTrie::Field field;
  std::int32_t around;  // index of the innermost AroundValue, or -1
  std::int32_t next;    // the field's next value, or -1
  SymbolTable::Symbol symbol;
  bool symbol_known;
};

struct CollectedField {
  std::uint32_t epoch = 0;
  std::int32_t first = -1;
  std::int32_t last = -1;
  bool in_arrays = false;  // some value lies in an element
  bool outside = false;    // some value lies in none
};

class EventFields {
 public:
  void fit(const FieldTrie& trie, std::size_t field_count);

  // Forgets the event before, and walks to the fields that are looked at in every event.
  void begin(const FieldTrie& trie, Json event);

  // The values of a field, those of equal names all; an epoch that is not the present one means
  // that there are none.
  const CollectedField& look(FieldTrie::Field field) {
    assert(field < fields_.size());
    const FieldTrie::Node deferred = trie_->deferred_root(field);
    if (deferred != FieldTrie::none && walked_[deferred] != epoch_) walk_deferred(deferred);
    CollectedField& row = fields_[field];
    if (row.epoch != epoch_) row = {epoch_, -1, -1, false, false};
    return row;
  }

  // A value that the body does not have: a symbol of the event's type.
  void add_symbol(FieldTrie::Field field, SymbolTable::Symbol symbol);

  std::vector<CollectedValue>& values() noexcept { return values_; }
  CollectedValue& value(std::int32_t index) {
    assert(index >= 0 && static_cast<std::size_t>(index) < values_.size());
    return values_[static_cast<std::size_t>(index)];
  }
  const AroundValue& around(std::int32_t index) const {
    return around_[static_cast<std::size_t>(index)];
  }
  // Two conditions can contradict each other only where values lie in arrays.
  bool any_in_arrays() const noexcept { return any_in_arrays_; }

 private:
  struct Deferred {
    Json value;
    FieldTrie::Node node;
    std::int32_t around;
  };

  void object(Json object, FieldTrie::Node node, std::int32_t around);
  void under(Json value, FieldTrie::Node node, std::int32_t around);
  void leaf(Json value, FieldTrie::Field field, std::int32_t around);
  void inner(Json value, FieldTrie::Node node, std::int32_t around);
  std::int32_t enter(Json array, Json element, std::int32_t outer);
  CollectedValue& add(FieldTrie::Field field, std::int32_t around);
  void walk_deferred(FieldTrie::Node root);

  const FieldTrie* trie_ = nullptr;
  std::uint32_t epoch_ = 0;
  bool deferring_ = true;
  bool any_in_arrays_ = false;
  std::vector<CollectedField> fields_;
  std::vector<CollectedValue> values_;
  std::vector<AroundValue> around_;
  std::vector<Deferred> deferred_;
  std::vector<std::uint32_t> walked_;  // by node: the epoch in which it was
};

}  // namespace signalbox
