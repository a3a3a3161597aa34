#include "rules/automaton/field_trie.hpp"

#include <algorithm>

#include "rules/automaton/bytes_hash.hpp"

namespace signalbox {
namespace {

constexpr std::size_t edge_slots_least = 64;

std::string_view take_name(std::string_view& path) noexcept {
  const std::size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  return name;
}

}  // namespace

template <class Visit>
void FieldTrie::each_step(std::string_view path, const Visit& visit) {
  Node node = root;
  for (bool more = true; more;) {
    more = path.find('.') != std::string_view::npos;
    node = child_or_new(node, take_name(path));
    visit(node);
  }
}

void FieldTrie::add(std::string_view path, Field field) {
  Node last = root;
  Node highest_deferred = none;
  each_step(path, [&](Node node) {
    last = node;
    if (highest_deferred == none && !rows_[node].eager) highest_deferred = node;
    rows_[node].deferred_root = highest_deferred;
  });
  rows_[last].field = field;
  if (deferred_root_.size() <= field) deferred_root_.resize(field + 1, none);
  deferred_root_[field] = highest_deferred;
}

void FieldTrie::mark_eager(std::string_view path) {
  each_step(path, [&](Node node) { rows_[node].eager = true; });
}

void FieldTrie::seal(std::size_t field_count) {
  deferred_root_.resize(field_count, none);
  rows_.shrink_to_fit();
  edges_.shrink_to_fit();
  names_.shrink_to_fit();
}

FieldTrie::Node FieldTrie::step(Node node, std::string_view key) const noexcept {
  if (const Node found = child(node, key); found != none) return found;
  if (key.find('.') == std::string_view::npos) return none;
  for (bool more = true; more && node != none;) {
    more = key.find('.') != std::string_view::npos;
    node = child(node, take_name(key));
  }
  return node;
}

std::size_t FieldTrie::slot_of(Node parent, std::string_view name) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_bytes(parent, name) & mask;
  for (; slots_[at] != none; at = (at + 1) & mask) {
    const Edge& edge = edges_[slots_[at]];
    if (edge.parent == parent && equal_bytes(name_of(edge), name)) break;
  }
  return at;
}

FieldTrie::Node FieldTrie::child(Node parent, std::string_view name) const noexcept {
  if (slots_.empty()) return none;
  const std::uint32_t edge = slots_[slot_of(parent, name)];
  return edge == none ? none : edges_[edge].child;
}

FieldTrie::Node FieldTrie::child_or_new(Node parent, std::string_view name) {
  if (const Node known = child(parent, name); known != none) return known;
  if ((edges_.size() + 1) * 2 > slots_.size()) grow();
  const auto added = static_cast<Node>(rows_.size());
  const std::size_t slot = slot_of(parent, name);
  slots_[slot] = static_cast<std::uint32_t>(edges_.size());
  edges_.push_back({parent, added, static_cast<std::uint32_t>(names_.size()),
                    static_cast<std::uint32_t>(name.size())});
  names_ += name;
  rows_.emplace_back();
  rows_[parent].has_children = true;
  let_pass(parent, name);
  return added;
}

// Lets the key pass, and keys that begin with it and a dot.
void FieldTrie::let_pass(Node parent, std::string_view name) {
  if (name.empty()) {
    rows_[parent].filter = ~std::uint64_t{0};
    return;
  }
  const auto pass = [&](char second) {
    const auto two = static_cast<std::uint32_t>(static_cast<unsigned char>(name[0])) |
                     static_cast<std::uint32_t>(static_cast<unsigned char>(second)) << 8;
    rows_[parent].filter |= std::uint64_t{1} << filter_bit(two);
  };
  if (name.size() > 1) return pass(name[1]);
  pass('"');
  pass('.');
}

void FieldTrie::grow() {
  slots_.assign(slots_.empty() ? edge_slots_least : slots_.size() * 2, none);
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    slots_[slot_of(edges_[i].parent, name_of(edges_[i]))] = static_cast<std::uint32_t>(i);
  }
}

std::size_t FieldTrie::bytes() const noexcept {
  return rows_.capacity() * sizeof(Row) + edges_.capacity() * sizeof(Edge) +
         (slots_.capacity() + deferred_root_.capacity()) * sizeof(std::uint32_t) +
         names_.capacity();
}

}  // namespace signalbox
