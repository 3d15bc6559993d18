#include "daemon/daemon.hpp"
#include "measure/outcome.hpp"
#include "protocol/protocol.hpp"
#include "sim/api/wire_format.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace inferometer::cli {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(std::string(INFEROMETER_SOURCE_DIR) + '/' + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What stands in backquotes in the first column of the table below `heading`.
std::set<std::string> first_column(const std::string& text, const std::string& heading) {
  std::set<std::string> names;
  const std::size_t begin = text.find(heading);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find("\n## ", begin);
  for (std::size_t at = text.find("\n| `", begin); at < end; at = text.find("\n| `", at + 1)) {
    const std::size_t name = at + 4;
    names.insert(text.substr(name, text.find('`', name) - name));
  }
  return names;
}

/// A row of the table of protocols, as the code knows it.
std::string row_of(const protocol::Protocol& protocol) {
  const std::string path = protocol.make_request({.model = "MODEL"}).path;
  std::string shown = path.substr(0, path.find('?'));
  if (const std::size_t model = shown.find("MODEL"); model != std::string::npos) {
    shown.replace(model, 5, "{model}");
  }
  const std::string header = protocol.api_key_header.empty()
                                 ? std::string()
                                 : fmt::format("`{}` ", protocol.api_key_header);
  return fmt::format("\n| {} | `{}` | {}| {} |\n", protocol.name, shown, header,
                     protocol.takes_ignore_eos ? "yes" : "no");
}

}  // namespace

TEST_CASE("operations.md explains every failure reason and no other") {
  std::set<std::string> reasons;
  for (const measure::Outcome outcome : measure::k_outcomes) {
    if (outcome != measure::Outcome::success) {
      reasons.emplace(to_string(outcome));
    }
  }
  CHECK(first_column(read("docs/operations.md"), "## What to do about a failure reason") ==
        reasons);
}

TEST_CASE("configuration.md has the row of each protocol and no other") {
  const std::string text = read("docs/configuration.md");
  const std::size_t begin = text.find("## Protocols");
  REQUIRE(begin != std::string::npos);
  const std::string section = text.substr(begin, text.find("\n## ", begin) - begin);
  for (const protocol::Protocol& protocol : protocol::protocols()) {
    CHECK_MESSAGE(section.find(row_of(protocol)) != std::string::npos, row_of(protocol));
  }
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = section.find("\n| ", at)) != std::string::npos; ++at) {
    ++rows;
  }
  CHECK(rows == protocol::protocols().size() + 1);  // with the head
}

TEST_CASE("simulator.md has every API that is served with its main path and its key's header") {
  const std::string text = read("docs/simulator.md");
  std::set<std::string> names;
  for (const sim::WireFormat& format : sim::wire_formats()) {
    names.emplace(format.name);
    const std::size_t row = text.find(fmt::format("\n| `{}` |", format.name));
    REQUIRE_MESSAGE(row != std::string::npos, format.name);
    const std::string line = text.substr(row, text.find('\n', row + 1) - row);
    CHECK_MESSAGE(line.find(format.routes.front().pattern) != std::string::npos, line);
    CHECK_MESSAGE(line.find(format.key_header) != std::string::npos, line);
    CHECK_MESSAGE((line.find("SigV4") != std::string::npos) == (format.check_proof != nullptr),
                  line);
  }
  CHECK(first_column(text, "## What it serves") == names);
}

TEST_CASE("each example configuration loads with the protocols of this program") {
  for (const char* name : {"minimal", "inferometer", "cloud", "self-hosted"}) {
    const std::string path = fmt::format("{}/config/{}.yml", INFEROMETER_SOURCE_DIR, name);
    const auto config = config::load_file(path, daemon::load_options());
    CHECK_MESSAGE(config.has_value(),
                  config::render(path, config ? std::vector<config::Problem>() : config.error()));
  }
}

}  // namespace inferometer::cli
