#include "config/yaml/document.hpp"

#include "base/ascii.hpp"
#include "base/printable.hpp"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_most_values = 500'000;
constexpr std::size_t k_longest_text = std::size_t{8} * 1024;
constexpr std::size_t k_most_text = std::size_t{8} * 1024 * 1024;  // twice the largest file
constexpr std::ptrdiff_t k_most_punctuation = 1'000'000;

Mark to_mark(const YAML::Mark& mark) {
  return mark.is_null() ? Mark{} : Mark{mark.line + 1, mark.column + 1};
}

/// Builds the tree from yaml-cpp's events. Its own node tree hides doubled keys, and copies of a
/// node share state.
class Builder final : public YAML::EventHandler {
 public:
  /// Without an environment, scalars are verbatim.
  Builder(const Environment& environment, Problems& problems)
      : m_look_up([this, &environment](const std::string& name) {
          auto value = environment(name);
          if (value) {
            m_document.variables.insert_or_assign(name, base::Secret(*value));
          }
          return value;
        }),
        m_verbatim(environment == nullptr),
        m_problems(problems) {}

  /// Whether there is nothing more to build: a second document or too many values.
  [[nodiscard]] bool is_done() const { return m_done; }
  [[nodiscard]] Document take() { return std::move(m_document); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (m_document.root != nullptr) {
      refuse_rest(to_mark(mark), "a second document begins here",
                  "keep all in one document, and check quotes and indentation before this place");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (Node* node = add(Node::Kind::null, mark)) {
      // A missing value has the place of whatever comes next; its key says better where it is.
      if (!m_open.empty() && m_open.back().key != nullptr) {
        node->mark = m_open.back().key->mark;
      }
      complete(*node, anchor);
    }
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (m_done) {
      return;
    }
    if (const auto named = m_anchors.find(anchor); named != m_anchors.end()) {
      attach(*named->second);
      return;
    }
    m_problems.add(to_mark(mark), "an alias inside of the very value that it names",
                   "write the value out");
    if (Node* node = add(Node::Kind::refused, mark)) {
      attach(*node);
    }
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (Node* node = add(Node::Kind::scalar, mark)) {
      refuse_tag(*node, tag);
      read_text(*node, value);
      complete(*node, anchor);
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A sequence or mapping that has not ended yet.
  struct Open {
    Node* node = nullptr;
    YAML::anchor_t anchor{};
    const Node* key = nullptr;  ///< waits for its value
  };

  void refuse_rest(Mark mark, std::string message, std::string hint) {
    m_done = true;
    m_problems.add(mark, std::move(message), std::move(hint));
  }

  void refuse_size(Mark mark) {
    refuse_rest(mark, fmt::format("more than {} values, aliases counted each time", k_most_values),
                "split the file over several daemons");
  }

  Node* add(Node::Kind kind, const YAML::Mark& mark) {
    if (m_done) {
      return nullptr;
    }
    m_document.nodes.push_back({.kind = kind, .mark = to_mark(mark)});
    return &m_document.nodes.back();
  }

  void refuse_tag(const Node& node, const std::string& tag) {
    // "?" and "!" are what yaml-cpp gives to plain and to quoted text without a tag.
    if (!tag.empty() && tag != "?" && tag != "!") {
      m_problems.add(node.mark, "a YAML tag", "leave it out: each key has one type");
    }
  }

  void read_text(Node& node, const std::string& written) {
    const bool is_key =
        !m_open.empty() && m_open.back().node->kind == Node::Kind::mapping && !m_open.back().key;
    node.written = written;
    if (m_verbatim) {
      node.text = written;
      return;
    }
    auto text = is_key ? base::Result<std::string>(written)
                       : substitute(written, m_look_up, k_longest_text);
    std::string refusal;
    if (!text) {
      refusal = text.error().message;
    } else if (base::find_invalid_utf8(*text) != std::string_view::npos) {
      refusal = "the value is not valid UTF-8: its variables must hold UTF-8";
    } else if (base::has_control_character(*text)) {
      refusal = "the value has a control character or a line break: write it as one plain line";
    }
    if (!refusal.empty()) {
      node.kind = Node::Kind::refused;
      m_problems.add(node.mark, std::move(refusal));
      return;
    }
    m_text += text->size();
    node.text = *std::move(text);
    if (m_text > k_most_text) {
      refuse_rest(node.mark, fmt::format("more than {} bytes of text with variables", k_most_text),
                  "shorten the variables");
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (Node* node = add(kind, mark)) {
      refuse_tag(*node, tag);
      m_open.push_back({.node = node, .anchor = anchor});
    }
  }

  void close() {
    if (m_done) {
      return;
    }
    const Open closed = m_open.back();
    m_open.pop_back();
    complete(*closed.node, closed.anchor);
  }

  void complete(const Node& node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      m_anchors[anchor] = &node;
    }
    attach(node);
  }

  void attach(const Node& node) {
    if (m_document.nodes.size() > k_most_values) {
      refuse_size(node.mark);
      return;
    }
    if (m_open.empty()) {
      m_document.root = &node;
      return;
    }
    Open& parent = m_open.back();
    parent.node->values += node.values;
    if (parent.node->values > k_most_values) {
      refuse_size(node.mark);
    } else if (parent.node->kind == Node::Kind::sequence) {
      parent.node->items.push_back(&node);
    } else if (parent.key == nullptr) {
      parent.key = &node;
    } else {
      parent.node->entries.push_back({parent.key, &node});
      parent.key = nullptr;
    }
  }

  const Environment m_look_up;  ///< keeps what it has found
  const bool m_verbatim;
  Problems& m_problems;
  Document m_document;
  std::vector<Open> m_open;
  std::map<YAML::anchor_t, const Node*> m_anchors;
  std::size_t m_text = 0;
  bool m_done = false;
};

Mark mark_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_begin) + 1};
}

/// The name of a syntax error. yaml-cpp puts pieces of the file behind a colon, such as the name of
/// an unknown alias: `password: *hunter2`.
std::string describe(const YAML::Exception& error) {
  return error.msg.substr(0, error.msg.find(':'));
}

bool is_punctuation(char c) {
  return c == '[' || c == ']' || c == '{' || c == '}' || c == ',';
}

bool is_forbidden(char c) {
  return base::is_control(c) && c != '\t' && c != '\n' && c != '\r';
}

/// yaml-cpp replaces or trips over odd bytes without saying where they are, and reads ahead to the
/// end behind brackets, with 100 and more bytes of memory for each of them.
bool refuse_bytes(std::string_view text, Problems& problems) {
  if (const std::size_t at = base::find_invalid_utf8(text); at != std::string_view::npos) {
    problems.add(mark_of(text, at), "not valid UTF-8", "save the file in the encoding UTF-8");
    return true;
  }
  if (const auto at = std::find_if(text.begin(), text.end(), is_forbidden); at != text.end()) {
    problems.add(mark_of(text, static_cast<std::size_t>(at - text.begin())), "a control character",
                 "remove it");
    return true;
  }
  if (std::count_if(text.begin(), text.end(), is_punctuation) > k_most_punctuation) {
    problems.add({}, fmt::format("more than {} brackets and commas", k_most_punctuation),
                 "split the file over several daemons");
    return true;
  }
  return false;
}

}  // namespace

std::optional<Document> parse_document(std::string_view text, const Environment& environment,
                                       Problems& problems) {
  if (refuse_bytes(text, problems)) {
    return std::nullopt;
  }
  // Without this, yaml-cpp takes an open quote for closed where a line break ends the file.
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  std::istringstream stream{std::string(text)};
  Builder builder(environment, problems);
  try {
    YAML::Parser parser(stream);
    while (!builder.is_done() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::DeepRecursion& e) {
    problems.add(to_mark(e.mark), "nested too deeply", "no key needs this depth");
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    problems.add(to_mark(e.mark), "not valid YAML: " + describe(e),
                 "check quotes, brackets and indentation here and in the lines before");
    return std::nullopt;
  }
  if (builder.is_done()) {
    return std::nullopt;
  }
  return builder.take();
}

std::optional<Document> parse_verbatim_document(std::string_view text, Problems& problems) {
  return parse_document(text, nullptr, problems);
}

}  // namespace inferometer::config
