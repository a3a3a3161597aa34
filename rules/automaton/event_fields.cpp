#include "rules/automaton/event_fields.hpp"

#include <algorithm>

namespace signalbox {
namespace {

bool is_container(Json value) noexcept {
  return value.kind() == JsonKind::object || value.kind() == JsonKind::array;
}

}  // namespace

void EventFields::fit(const FieldTrie& trie, std::size_t field_count) {
  epoch_ = 0;
  fields_.assign(field_count, {});
  walked_.assign(trie.node_count(), 0);
}

void EventFields::begin(const FieldTrie& trie, Json event) {
  trie_ = &trie;
  if (++epoch_ == 0) {  // four thousand million events later
    std::fill(fields_.begin(), fields_.end(), CollectedField{});
    std::fill(walked_.begin(), walked_.end(), 0);
    epoch_ = 1;
  }
  values_.clear();
  around_.clear();
  deferred_.clear();
  any_in_arrays_ = false;
  deferring_ = true;
  object(event, FieldTrie::root, -1);
}

// Recursion is bounded by the depth of the event.
void EventFields::object(Json object, FieldTrie::Node node, std::int32_t around) {
  const Json::Fields fields = object.fields();
  const std::uint64_t filter = fields.keys_escaped() ? ~std::uint64_t{0} : trie_->filter(node);
  const auto end = fields.end();
  for (auto field = fields.begin(); !(field == end); ++field) {
    if (!FieldTrie::may_step(filter, field.key_begin())) continue;
    const JsonField named = *field;
    const FieldTrie::Node next = trie_->step(node, named.key);
    if (next != FieldTrie::none) under(named.value, next, around);
  }
}

void EventFields::under(Json value, FieldTrie::Node node, std::int32_t around) {
  if (deferring_ && !trie_->is_eager(node)) {
    deferred_.push_back({value, node, around});
    return;
  }
  if (trie_->field(node) != FieldTrie::none) leaf(value, trie_->field(node), around);
  if (trie_->has_children(node)) inner(value, node, around);
}

void EventFields::leaf(Json value, FieldTrie::Field field, std::int32_t around) {
  if (value.kind() == JsonKind::array) {
    for (const Json entry : value.elements()) {
      leaf(entry, field, entry.kind() == JsonKind::array ? enter(value, entry, around) : around);
    }
  } else if (value.kind() != JsonKind::object) {
    add(field, around).value = value;
  }
}

void EventFields::inner(Json value, FieldTrie::Node node, std::int32_t around) {
  if (value.kind() == JsonKind::object) {
    object(value, node, around);
  } else if (value.kind() == JsonKind::array) {
    for (const Json entry : value.elements()) {
      if (is_container(entry)) inner(entry, node, enter(value, entry, around));
    }
  }
}

std::int32_t EventFields::enter(Json array, Json element, std::int32_t outer) {
  around_.push_back({array.position(), array.end_position(), element.position(), outer});
  return static_cast<std::int32_t>(around_.size() - 1);
}

CollectedValue& EventFields::add(FieldTrie::Field field, std::int32_t around) {
  CollectedField& row = fields_[field];
  if (row.epoch != epoch_) row = {epoch_, -1, -1, false, false};
  const auto index = static_cast<std::int32_t>(values_.size());
  (row.last < 0 ? row.first : value(row.last).next) = index;
  row.last = index;
  (around < 0 ? row.outside : row.in_arrays) = true;
  any_in_arrays_ = any_in_arrays_ || around >= 0;
  return values_.emplace_back(CollectedValue{{}, field, around, -1, SymbolTable::none, false});
}

void EventFields::add_symbol(FieldTrie::Field field, SymbolTable::Symbol symbol) {
  CollectedValue& added = add(field, -1);
  added.symbol = symbol;
  added.symbol_known = true;
}

void EventFields::walk_deferred(FieldTrie::Node root) {
  walked_[root] = epoch_;
  deferring_ = false;
  for (std::size_t i = 0; i < deferred_.size(); ++i) {
    const Deferred at = deferred_[i];
    if (trie_->deferred_root_of(at.node) == root) under(at.value, at.node, at.around);
  }
  deferring_ = true;
}

}  // namespace signalbox
