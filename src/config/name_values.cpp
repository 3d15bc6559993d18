#include "config/name_values.hpp"

#include "base/ascii.hpp"
#include "config/names.hpp"
#include "config/secret_names.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <string_view>

namespace inferometer::config {
namespace {

using NameValues = std::map<std::string, std::string>;

/// What one such mapping takes, and how messages speak of it.
struct Kind {
  std::string_view key;
  std::string_view entry;    ///< one entry in words: `header`
  std::string_view entries;  ///< several
  std::size_t most;
  bool (*is_name)(std::string_view name);
  std::string_view bad_name;  ///< a refused name itself is not shown: it may hold a value as well
  std::string_view name_hint;
  std::string_view (*hint_for_secret)(std::string_view name);
  bool ignores_case;
};

bool is_parameter_name(std::string_view name) {
  return parse_name(name).has_value();
}

constexpr Kind k_headers{.key = "headers",
                         .entry = "header",
                         .entries = "headers",
                         .most = 64,
                         .is_name = is_header_name,
                         .bad_name = "headers: a key is no HTTP header's name",
                         .name_hint = "use letters, digits and -",
                         .hint_for_secret = hint_for_secret_header,
                         .ignores_case = true};
constexpr Kind k_query{.key = "query",
                       .entry = "query parameter",
                       .entries = "query parameters",
                       .most = 16,
                       .is_name = is_parameter_name,
                       .bad_name = "query: a key is no name of 1 to 128 bytes",
                       .name_hint = "write one parameter a line, as name: value",
                       .hint_for_secret = hint_for_secret_parameter,
                       .ignores_case = false};

void read_entry(const Node::Entry& entry, const Kind& kind, Names& names, Problems& problems,
                NameValues& into) {
  const Node& key = *entry.key;
  const Node& value = *entry.value;
  if (key.kind == Node::Kind::refused || value.kind == Node::Kind::refused) {
    return;
  }
  if (key.kind != Node::Kind::scalar || !kind.is_name(key.written)) {
    problems.add(key.mark, std::string(kind.bad_name), std::string(kind.name_hint));
  } else if (const std::string_view hint = kind.hint_for_secret(key.written); !hint.empty()) {
    problems.add(key.mark, fmt::format("a literal secret: {} {}", kind.entry, quote(key.written)),
                 std::string(hint));
  } else if (value.kind != Node::Kind::scalar) {
    problems.add(value.mark, fmt::format("{} {}: expected text, found {}", kind.entry,
                                         quote(key.written), describe(value.kind)));
  } else if (names.add(kind.ignores_case ? base::to_lower(key.written) : key.written, key.mark)) {
    into.emplace(key.written, value.text);
  }
}

NameValues read_all(const MappingReader& provider, const Kind& kind) {
  NameValues read;
  const Node* node = provider.find(kind.key);
  if (node == nullptr || node->kind == Node::Kind::refused) {
    return read;
  }
  if (node->kind != Node::Kind::mapping) {
    provider.refuse(kind.key, *node, {});
    return read;
  }
  if (node->entries.size() > kind.most) {
    provider.problems().add(node->mark, fmt::format("more than {} {}", kind.most, kind.entries),
                            "send fewer");
    return read;
  }
  Names names(kind.entry, provider.problems());
  for (const Node::Entry& entry : node->entries) {
    read_entry(entry, kind, names, provider.problems(), read);
  }
  return read;
}

}  // namespace

std::map<std::string, std::string> read_headers(const MappingReader& provider) {
  return read_all(provider, k_headers);
}

std::map<std::string, std::string> read_query(const MappingReader& provider) {
  return read_all(provider, k_query);
}

}  // namespace inferometer::config
