#include "config/schema.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("the example that uses every key does so") {
  const std::string text = sample::full_text();
  for (const schema::Section* section : schema::sections()) {
    for (const schema::Key& key : section->keys) {
      CHECK_MESSAGE(text.find(std::string(key.name) + ":") != std::string::npos, key.name);
    }
  }
}

}  // namespace inferometer::config
