#include "config/schema.hpp"

#include "config/sample.hpp"
#include "config/yaml/document.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace inferometer::config {
namespace {

/// One row of a key table, as `section | key | takes | required`.
std::string row(std::string_view section, std::string_view key, std::string_view takes,
                bool is_required) {
  std::string text(section);
  return text.append(" | ").append(key).append(" | ").append(takes).append(
      is_required ? " | required" : " | optional");
}

std::vector<std::string> split_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, '|');) {
    const std::size_t begin = cell.find_first_not_of(' ');
    const std::size_t end = cell.find_last_not_of(' ');
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

std::set<std::string> documented_rows() {
  std::set<std::string> rows;
  std::string section;
  std::istringstream stream(sample::read_repository_file("docs/configuration.md"));
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("## ")) {
      section = line == "## The file" ? "the file" : line.substr(3);
    }
    if (!line.starts_with("| `")) {
      continue;
    }
    const std::vector<std::string> cells = split_cells(line);
    REQUIRE_MESSAGE(cells.size() == 5, line);
    rows.insert(
        row(section, cells[1].substr(1, cells[1].size() - 2), cells[2], cells[3] == "required"));
  }
  return rows;
}

std::set<std::string> schema_rows() {
  std::set<std::string> rows;
  for (const schema::Section* section : schema::sections()) {
    for (const schema::Key& key : section->keys) {
      rows.insert(row(section->name, key.name, key.expects, key.required));
    }
  }
  return rows;
}

/// The keys of all mappings at one path, such as `providers/auth`; items of a list have the list's.
using KeysByPath = std::map<std::string, std::set<std::string>>;

void collect_keys(const Node& node, const std::string& path, KeysByPath& into) {
  for (const Node* item : node.items) {
    collect_keys(*item, path, into);
  }
  for (const Node::Entry& entry : node.entries) {
    const std::string& key = entry.key->written;
    into[path].insert(key);
    collect_keys(*entry.value, path.empty() ? key : path + "/" + key, into);
  }
}

/// Those of a section, wherever it may stand.
std::set<std::string> keys_of(std::string_view section, const KeysByPath& used) {
  static const std::multimap<std::string_view, std::string> k_paths{
      {"the file", ""},
      {"defaults", "defaults"},
      {"timeouts", "defaults/timeouts"},
      {"timeouts", "probes/timeouts"},
      {"provider", "providers"},
      {"auth", "providers/auth"},
      {"aws", "providers/auth/aws"},
      {"azure", "providers/auth/azure"},
      {"oauth2", "providers/auth/oauth2"},
      {"rate_limit", "providers/rate_limit"},
      {"tls", "providers/tls"},
      {"tls", "providers/server_metrics/tls"},
      {"proxy", "providers/proxy"},
      {"server_metrics", "providers/server_metrics"},
      {"server_metrics.auth", "providers/server_metrics/auth"},
      {"server_metrics.auth.header", "providers/server_metrics/auth/header"},
      {"model", "providers/models"},
      {"workload", "workloads"},
      {"expect", "workloads/expect"},
      {"retries", "workloads/retries"},
      {"probe", "probes"},
      {"web", "web"},
      {"trust", "trust"},
      {"histograms", "histograms"},
      {"slo", "slos"},
      {"sli", "slos/sli"},
      {"match", "slos/match"}};
  std::set<std::string> keys;
  const auto [begin, end] = k_paths.equal_range(section);
  for (auto path = begin; path != end; ++path) {
    if (const auto found = used.find(path->second); found != used.end()) {
      keys.insert(found->second.begin(), found->second.end());
    }
  }
  return keys;
}

}  // namespace

TEST_CASE("the documentation has every key of the schema and no other") {
  const std::set<std::string> documented = documented_rows();
  const std::set<std::string> known = schema_rows();
  CHECK(known.size() > 40);
  for (const std::string& key : known) {
    CHECK_MESSAGE(documented.contains(key), "not documented: " << key);
  }
  for (const std::string& key : documented) {
    CHECK_MESSAGE(known.contains(key), "not in the schema: " << key);
  }
}

TEST_CASE("the example that uses every key does so in each section") {
  Problems problems;
  const auto document =
      parse_document(sample::full_text(), sample::options().environment, problems);
  REQUIRE(document);
  KeysByPath used;
  collect_keys(*document->root, "", used);
  for (const schema::Section* section : schema::sections()) {
    const std::set<std::string> keys = keys_of(section->name, used);
    for (const schema::Key& key : section->keys) {
      CHECK_MESSAGE(keys.contains(std::string(key.name)), section->name << ": " << key.name);
    }
  }
}

}  // namespace inferometer::config
