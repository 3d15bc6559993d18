#include "config/yaml/reader.hpp"

#include "config/secret_names.hpp"
#include "config/yaml/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <vector>

namespace inferometer::config {
namespace {

const schema::Key* find_key(const schema::Section& section, std::string_view name) {
  const auto key = std::find_if(section.keys.begin(), section.keys.end(),
                                [&](const schema::Key& known) { return known.name == name; });
  return key == section.keys.end() ? nullptr : &*key;
}

std::string hint_for_unknown_key(const schema::Section& section, std::string_view name) {
  for (const schema::FormerKey& former : section.former_keys) {
    if (former.name == name) {
      return std::string(former.hint);
    }
  }
  std::vector<std::string_view> names;
  for (const schema::Key& known : section.keys) {
    names.push_back(known.name);
  }
  return suggest(name, "keys", names);
}

}  // namespace

std::string_view describe(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "text";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
    case Node::Kind::refused:
      return "what was refused";
  }
  return "";
}

MappingReader::MappingReader(const Node& node, const schema::Section& section, Problems& problems)
    : m_node(node), m_section(section), m_problems(problems) {
  if (node.kind == Node::Kind::refused) {
    return;
  }
  if (node.kind != Node::Kind::mapping) {
    m_problems.add(node.mark, fmt::format("{}: expected a mapping, found {}", section.name,
                                          describe(node.kind)));
    return;
  }
  for (const Node::Entry& entry : node.entries) {
    take(entry);
  }
  check_required();
}

void MappingReader::take(const Node::Entry& entry) {
  const Node& key = *entry.key;
  if (key.kind == Node::Kind::refused) {
    return;
  }
  if (key.kind != Node::Kind::scalar) {
    m_problems.add(key.mark, fmt::format("a key of {} must be text, found {}", m_section.name,
                                         describe(key.kind)));
    return;
  }
  const schema::Key* known = find_key(m_section, key.written);
  if (known == nullptr) {
    refuse_unknown(key);
    return;
  }
  const auto [value, is_new] = m_values.emplace(known->name, &entry);
  if (!is_new) {
    m_problems.add(key.mark,
                   fmt::format("key \"{}\" of {} is already in line {}", known->name,
                               m_section.name, value->second->key->mark.line),
                   "remove one of them");
  }
}

void MappingReader::refuse_unknown(const Node& key) const {
  if (const std::string_view hint = hint_for_secret_key(key.written); !hint.empty()) {
    m_problems.add(key.mark,
                   fmt::format("a literal secret: key \"{}\" in {}", key.written, m_section.name),
                   std::string(m_section.secret_hint.empty() ? hint : m_section.secret_hint));
    return;
  }
  if (key.written == "<<") {
    m_problems.add(key.mark, fmt::format("a merge key in {}", m_section.name),
                   "write the keys out");
    return;
  }
  const std::string shown = m_section.confidential ? "" : quote(key.written) + " ";
  m_problems.add(key.mark, fmt::format("unknown key {}in {}", shown, m_section.name),
                 hint_for_unknown_key(m_section, key.written));
}

void MappingReader::check_required() const {
  for (const schema::Key& key : m_section.keys) {
    if (key.required && !m_values.contains(key.name)) {
      m_problems.add(m_node.mark, fmt::format("missing key \"{}\" in {}", key.name, m_section.name),
                     fmt::format("add {}: {}", key.name, key.expects));
    }
  }
}

const Node* MappingReader::find(std::string_view key) const {
  assert(find_key(m_section, key) != nullptr);
  const auto found = m_values.find(key);
  return found == m_values.end() ? nullptr : found->second->value;
}

Mark MappingReader::mark(std::string_view key) const {
  const Node* node = find(key);
  return node == nullptr ? m_node.mark : node->mark;
}

void MappingReader::each(std::string_view key,
                         const std::function<void(const Node&)>& read_item) const {
  const Node* list = find(key);
  if (list == nullptr || list->kind == Node::Kind::refused) {
    return;
  }
  if (list->kind != Node::Kind::sequence) {
    refuse(key, *list, list->kind == Node::Kind::scalar ? "write [ ] around it" : "");
    return;
  }
  if (list->items.empty()) {
    m_problems.add(list->mark, fmt::format("{}: the list is empty", key),
                   "give it at least one entry");
  }
  for (const Node* item : list->items) {
    read_item(*item);
  }
}

void MappingReader::require_either(std::string_view key, std::string_view other) const {
  if (m_node.kind == Node::Kind::mapping && find(key) == nullptr && find(other) == nullptr) {
    m_problems.add(m_node.mark,
                   fmt::format("missing key \"{}\" or \"{}\" in {}", key, other, m_section.name),
                   "add one of them");
  }
}

void MappingReader::allow_one(std::initializer_list<std::string_view> keys) const {
  std::string_view first;
  for (const std::string_view key : keys) {
    if (find(key) == nullptr) {
      continue;
    }
    if (first.empty()) {
      first = key;
      continue;
    }
    m_problems.add(mark(key), fmt::format("both {} and {} are given", first, key),
                   "keep one of them");
  }
}

void MappingReader::refuse_useless(std::initializer_list<std::string_view> keys,
                                   std::string_view hint) const {
  for (const std::string_view key : keys) {
    if (find(key) != nullptr) {
      m_problems.add(mark(key), fmt::format("{} is of no use here", key), std::string(hint));
    }
  }
}

void MappingReader::refuse(std::string_view key, const Node& node, std::string hint) const {
  const schema::Key* known = find_key(m_section, key);
  assert(known != nullptr);
  std::string message = fmt::format("{}: expected {}", key, known->expects);
  if (node.kind != Node::Kind::scalar) {
    message += fmt::format(", found {}", describe(node.kind));
  } else if (!known->confidential) {
    message += ", found " + quote(node.written);
    // A variable may hold anything, also a secret.
    message += node.written == node.text ? "" : " (its value is not shown)";
  }
  m_problems.add(node.mark, std::move(message), std::move(hint));
}

}  // namespace inferometer::config
