#include "config/section/probe_entry.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {
namespace {

std::vector<ProbeEntry> read(std::string_view text, std::string& messages) {
  Problems problems;
  const auto document = parse_document(text, sample::options().environment, problems);
  REQUIRE(document);
  auto entries =
      read_probe_entries(MappingReader(*document->root, schema::k_file, problems), Settings());
  // Of the file itself only the probes are given here.
  for (const Problem& problem : problems.sorted()) {
    messages += problem.message.starts_with("missing key") ? "" : problem.message + "\n";
  }
  return entries;
}

}  // namespace

TEST_CASE("references keep their places") {
  std::string messages;
  const auto entries =
      read("probes:\n  - {providers: [a, b], models: [m], workloads: [w]}\n", messages);
  CHECK(messages.empty());
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].mark.line == 2);
  CHECK(entries[0].mark.column == 5);
  REQUIRE(entries[0].providers.size() == 2);
  CHECK(entries[0].providers[1].name == "b");
  CHECK(entries[0].providers[1].mark.column == 21);
  REQUIRE(entries[0].models.has_value());
  CHECK(entries[0].models->at(0).name == "m");
  CHECK(entries[0].workloads.at(0).name == "w");
}

TEST_CASE("no models at all means all and an empty list means none") {
  std::string messages;
  CHECK_FALSE(read("probes: [{providers: [a], workloads: [w]}]", messages)[0].models.has_value());
  CHECK(messages.empty());
  const auto entries = read("probes: [{providers: [a], models: [], workloads: [w]}]", messages);
  REQUIRE(entries[0].models.has_value());
  CHECK(entries[0].models->empty());
  CHECK(messages == "models: the list is empty\n");
}

TEST_CASE("a reference that comes twice in a list counts once") {
  std::string messages;
  CHECK(read("probes: [{providers: [a, a], workloads: [w]}]", messages)[0].providers.size() == 1);
  CHECK(messages == "provider \"a\" is already in line 1\n");
}

TEST_CASE("an entry of which a name was refused is not complete") {
  std::string messages;
  const auto is_complete = [&messages](const std::string& entry) {
    return read("probes: [" + entry + "]", messages)[0].is_complete;
  };
  CHECK(is_complete("{providers: [a, a], models: [m], workloads: [w]}"));
  CHECK(is_complete("{providers: [a], workloads: [w], interval: 1ns}"));
  CHECK_FALSE(is_complete("{providers: [a, [b]], workloads: [w]}"));
  CHECK_FALSE(is_complete("{providers: [a], models: [m, \"\"], workloads: [w]}"));
  CHECK_FALSE(is_complete("{providers: [a], workloads: [~, w]}"));
}

TEST_CASE("an entry that is no mapping has nothing to probe") {
  std::string messages;
  CHECK(read("probes: [a]", messages)[0].providers.empty());
  CHECK(messages == "probe: expected a mapping, found text\n");
}

}  // namespace inferometer::config
