#pragma once

#include "config/config.hpp"
#include "config/problem.hpp"
#include "config/yaml/substitute.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::config {

/// One value of a YAML document, with its place.
struct Node {
  enum class Kind {
    null,
    scalar,
    sequence,
    mapping,
    refused,  ///< already reported; readers pass it over in silence
  };
  struct Entry {
    const Node* key = nullptr;
    const Node* value = nullptr;
  };

  Kind kind = Kind::null;
  Mark mark;
  std::string text;     ///< of a scalar, with `${…}` replaced: what a value is
  std::string written;  ///< of a scalar, as the file has it: what a key is, and messages may show
  std::vector<const Node*> items;
  std::vector<Entry> entries;  ///< in the order of the file; a key may stand there twice
  std::size_t values = 1;      ///< in this subtree, aliases counted each time
};

/// A YAML document as a tree. An alias leads to the very node that its anchor names, and no node
/// contains itself.
struct Document {
  std::deque<Node> nodes;
  const Node* root = nullptr;
  Variables variables;
};

/// Parses one YAML document. Whatever the text holds, this returns: bounds on depth, values and
/// lengths keep memory and time in proportion. After a syntax error there is no document; other
/// problems leave a `refused` node.
[[nodiscard]] std::optional<Document> parse_document(std::string_view text,
                                                     const Environment& environment,
                                                     Problems& problems);

/// The same of a document in which `$` stands for itself, as in a bcrypt hash, and a value may have
/// line breaks, as in a certificate. Values are as long as the text lets them be.
[[nodiscard]] std::optional<Document> parse_verbatim_document(std::string_view text,
                                                              Problems& problems);

}  // namespace inferometer::config
