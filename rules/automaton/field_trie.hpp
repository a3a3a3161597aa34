// The field names that any rule needs, as a tree: it steers the walk over an event, so that what no
// rule looks at is skipped. A field is a whole path; a node is a path up to some dot. A key with
// dots takes several steps at once, since a dot within a key counts as nesting.
//
// Immutable once sealed, thread-safe then.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

class FieldTrie {
 public:
  using Node = std::uint32_t;
  using Field = std::uint32_t;
  static constexpr Node root = 0;
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  FieldTrie() : rows_(1) {}

  // Makes `path` lead to the field.
  void add(std::string_view path, Field field);
  // The field, and so what leads to it, is looked at in every event. Others wait until they are
  // asked for.
  void mark_eager(std::string_view path);
  // `field_count`: of all fields, those without a path included.
  void seal(std::size_t field_count);

  // The node under a key; `none` where no rule looks. Requires that the filter let the key pass.
  Node step(Node node, std::string_view key) const noexcept;
  // Whether a key that begins with these two bytes can lead anywhere, by the node's filter; behind
  // a key's last character stands its quote.
  std::uint64_t filter(Node node) const noexcept { return rows_[node].filter; }
  static bool may_step(std::uint64_t filter, const char* key_begin) noexcept {
    const auto two = static_cast<std::uint32_t>(static_cast<unsigned char>(key_begin[0])) |
                     static_cast<std::uint32_t>(static_cast<unsigned char>(key_begin[1])) << 8;
    return (filter >> filter_bit(two) & 1) != 0;
  }
  Field field(Node node) const noexcept { return rows_[node].field; }
  bool has_children(Node node) const noexcept { return rows_[node].has_children; }
  bool is_eager(Node node) const noexcept { return rows_[node].eager; }
  // The highest node on the way to a field that is not eager, the field's own included; asking for
  // the field looks at all that is under that node.
  Node deferred_root(Field field) const noexcept { return deferred_root_[field]; }
  Node deferred_root_of(Node node) const noexcept { return rows_[node].deferred_root; }

  std::size_t node_count() const noexcept { return rows_.size(); }
  std::size_t bytes() const noexcept;

 private:
  struct Row {
    std::uint64_t filter = 0;
    Field field = none;
    Node deferred_root = none;
    bool has_children = false;
    bool eager = false;
  };
  struct Edge {
    Node parent = none;
    Node child = none;
    std::uint32_t name_begin = 0;  // in `names_`
    std::uint32_t name_bytes = 0;
  };

  static std::uint32_t filter_bit(std::uint32_t two_bytes) noexcept {
    return (two_bytes * 0x9E3779B1U) >> 26;
  }
  std::string_view name_of(const Edge& edge) const noexcept {
    return {names_.data() + edge.name_begin, edge.name_bytes};
  }
  std::size_t slot_of(Node parent, std::string_view name) const noexcept;
  Node child(Node parent, std::string_view name) const noexcept;
  Node child_or_new(Node parent, std::string_view name);
  void let_pass(Node parent, std::string_view name);
  void grow();
  template <class Visit>
  void each_step(std::string_view path, const Visit& visit);

  std::vector<Row> rows_;
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> slots_;  // edges by hash; a power of two, at most half taken
  std::vector<Node> deferred_root_;   // by field
  std::string names_;
};

}  // namespace signalbox
