#pragma once

#include "base/error.hpp"
#include "config/problem.hpp"
#include "config/schema.hpp"
#include "config/yaml/document.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {

/// A kind of value in words: `a list`.
[[nodiscard]] std::string_view describe(Node::Kind kind);

/// A mapping of the document, read by its schema. Everything that is amiss goes to the Problems;
/// what is read then keeps its default. Keeps references to all that it is given.
class MappingReader {
 public:
  /// Reports a node that is no mapping, and keys that are unknown, doubled, missing or no text.
  MappingReader(const Node& node, const schema::Section& section, Problems& problems);

  /// The value of `key`; null if there is none to look at. REQUIRES: the schema has the key.
  [[nodiscard]] const Node* find(std::string_view key) const;

  /// Where the value of `key` stands, or else the mapping.
  [[nodiscard]] Mark mark(std::string_view key) const;

  /// Reads a scalar; `parse` takes its text and returns a Result. False if the value was refused.
  template <typename Value, typename Parse>
  bool read(std::string_view key, Value& into, const Parse& parse) const {
    const Node* node = find(key);
    return node == nullptr || read_item(*node, key, into, parse);
  }

  /// Reads a scalar that stands somewhere below `key`; false if it was refused.
  template <typename Value, typename Parse>
  bool read_item(const Node& node, std::string_view key, Value& into, const Parse& parse) const {
    if (node.kind == Node::Kind::refused) {
      return false;
    }
    if (node.kind != Node::Kind::scalar) {
      refuse(key, node, {});
      return false;
    }
    auto value = parse(std::string_view(node.text));
    if (!value) {
      refuse(key, node, value.error().message);
      return false;
    }
    into = *std::move(value);
    return true;
  }

  /// Reads a list of at least one entry; `read_item` is called for each, whatever it is.
  void each(std::string_view key, const std::function<void(const Node&)>& read_item) const;

  /// Reports a mapping that has neither key.
  void require_either(std::string_view key, std::string_view other) const;

  /// Reports each of `keys` that is given besides the first one that is.
  void allow_one(std::initializer_list<std::string_view> keys) const;

  /// Reports each of `keys` that is given, as another key leaves it without a meaning.
  void refuse_useless(std::initializer_list<std::string_view> keys, std::string_view hint) const;

  /// Reports that `key` does not hold what it expects.
  void refuse(std::string_view key, const Node& node, std::string hint) const;

  Problems& problems() const { return m_problems; }

 private:
  void take(const Node::Entry& entry);
  void refuse_unknown(const Node& key) const;
  void check_required() const;

  const Node& m_node;
  const schema::Section& m_section;
  Problems& m_problems;
  std::map<std::string_view, const Node::Entry*> m_values;
};

}  // namespace inferometer::config
