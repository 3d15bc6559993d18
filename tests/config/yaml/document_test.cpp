#include "config/yaml/document.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::config {
namespace {

/// A document together with what was wrong with its text.
struct Parsed {
  std::optional<Document> document;
  std::string problems;
};

Parsed parse(std::string_view text) {
  Problems problems;
  auto document = parse_document(text, sample::options().environment, problems);
  return {.document = std::move(document), .problems = render("f", problems.sorted())};
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string repeated;
  for (std::size_t i = 0; i < times; ++i) {
    repeated += text;
  }
  return repeated;
}

}  // namespace

TEST_CASE("a document is a tree of values with their places") {
  const Parsed parsed = parse("a: [x, ~]\nb:\n  c: \"1\"\n");
  REQUIRE(parsed.document);
  CHECK(parsed.problems.empty());
  const Node& root = *parsed.document->root;
  REQUIRE(root.kind == Node::Kind::mapping);
  REQUIRE(root.entries.size() == 2);
  const Node& list = *root.entries[0].value;
  REQUIRE(list.kind == Node::Kind::sequence);
  CHECK(list.mark.line == 1);
  CHECK(list.mark.column == 4);
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0]->text == "x");
  CHECK(list.items[1]->kind == Node::Kind::null);
  const Node& inner = *root.entries[1].value;
  REQUIRE(inner.entries.size() == 1);
  CHECK(inner.entries[0].key->text == "c");
  CHECK(inner.entries[0].value->text == "1");
  CHECK(inner.entries[0].value->mark.line == 3);
  CHECK(inner.entries[0].value->mark.column == 6);
}

TEST_CASE("a doubled key stays visible") {
  const Parsed parsed = parse("a: 1\na: 2\n");
  REQUIRE(parsed.document);
  CHECK(parsed.document->root->entries.size() == 2);
}

TEST_CASE("a missing value has the place of its key") {
  const Parsed parsed = parse("a:\n\nb: 1\n");
  REQUIRE(parsed.document);
  CHECK(parsed.document->root->entries[0].value->mark.line == 1);
}

TEST_CASE("variables are replaced in values and not in keys") {
  const Parsed parsed = parse("${GOOD_VAR}: ${GOOD_VAR}\n");
  REQUIRE(parsed.document);
  const Node::Entry& entry = parsed.document->root->entries[0];
  CHECK(entry.key->text == "${GOOD_VAR}");
  CHECK(entry.value->text == "value");
  CHECK(entry.value->written == "${GOOD_VAR}");
}

TEST_CASE("an alias leads to the node of its anchor") {
  const Parsed parsed = parse("a: &x {b: 1}\nc: *x\nd: &y 2\ne: *y\n");
  REQUIRE(parsed.document);
  const auto& entries = parsed.document->root->entries;
  CHECK(entries[0].value == entries[1].value);
  CHECK(entries[2].value == entries[3].value);
}

TEST_CASE("an alias within its own anchor is refused and closes no circle") {
  const Parsed parsed = parse("a: &x [1, *x]\n");
  REQUIRE(parsed.document);
  CHECK(parsed.problems.find("f:1:11: an alias inside") == 0);
  CHECK(parsed.document->root->entries[0].value->items[1]->kind == Node::Kind::refused);
}

TEST_CASE("a document without content has no root or an empty one") {
  for (const std::string_view text : {"", "\n\n", "# only a comment\n", "   \t"}) {
    const Parsed parsed = parse(text);
    REQUIRE(parsed.document);
    CHECK(parsed.document->root == nullptr);
    CHECK(parsed.problems.empty());
  }
  REQUIRE(parse("---\n").document);
  CHECK(parse("---\n").document->root->kind == Node::Kind::null);
}

TEST_CASE("an open quote at the end is a syntax error") {
  for (const std::string_view text : {"a: \"b\n", "a: 'b\n", "a: \"b\n  \n", "a: \"b\\\n"}) {
    CHECK_FALSE(parse(text).document.has_value());
  }
}

TEST_CASE("a byte that is no UTF-8 is reported at its place") {
  CHECK(parse("a: b\nc: \xff\n").problems.find("f:2:4: not valid UTF-8") == 0);
  CHECK(parse(std::string_view("\xff\xfe"
                               "a\0",
                               4))
            .problems.find("f:1:1:") == 0);
}

TEST_CASE("a control character is reported at its place") {
  CHECK(parse(std::string_view("a: b\nc\0: d\n", 10)).problems.find("f:2:2: a control") == 0);
  CHECK(parse("a: \x7f").problems.find("f:1:4: a control") == 0);
  CHECK(parse("a: b\r\nc:\t d\r\n").problems.empty());
}

TEST_CASE("a byte order mark is no part of the document") {
  const Parsed parsed = parse(
      "\xef\xbb\xbf"
      "a: b\n");
  REQUIRE(parsed.document);
  CHECK(parsed.document->root->entries[0].key->text == "a");
}

TEST_CASE("aliases cannot multiply without bound") {
  std::string text = "k0: &a0 [0,0,0,0,0,0,0,0,0,0]\n";
  for (int i = 1; i < 400; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1) + ",";
    text += "k" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeat(alias, 10) + "]\n";
  }
  const Parsed parsed = parse(text);
  CHECK_FALSE(parsed.document.has_value());
  CHECK(parsed.problems.find("more than 500000 values") != std::string::npos);
}

TEST_CASE("values and depth are bounded") {
  CHECK(parse("[" + repeat("0,", 499'999) + "]").document.has_value());
  CHECK(parse("[" + repeat("0,", 500'000) + "]").problems.find("more than 500000 values") !=
        std::string::npos);
  for (const std::string_view opener : {"[", "{a: ", "- ", "? "}) {
    CAPTURE(opener);
    CHECK(parse(repeat(opener, 100'000) + "x").problems.find("nested too deeply") !=
          std::string::npos);
  }
}

TEST_CASE("brackets and commas are bounded before they are parsed") {
  CHECK(parse(repeat("[", 1'000'001)).problems ==
        "f: more than 1000000 brackets and commas: split the file over several daemons\n");
  CHECK(parse("a: \"" + repeat("[", 1'000'000) + "\"").problems.find("brackets") ==
        std::string::npos);
}

TEST_CASE("a syntax error shows no piece of the file") {
  const std::string unknown_alias = parse("password: *hunter2\n").problems;
  CHECK(unknown_alias.find("f:1:11: not valid YAML: the referenced anchor is not defined: ") == 0);
  CHECK(unknown_alias.find("hunter2") == std::string::npos);
  CHECK(parse("a: \"\\q\"\n").problems.find("unknown escape character: check") !=
        std::string::npos);
}

TEST_CASE("the text that variables expand to is bounded as a whole") {
  const Environment long_values = [](const std::string&) { return std::string(8192, 'x'); };
  Problems problems;
  CHECK(parse_document("[" + repeat("\"${A}\",", 1024) + "]", long_values, problems));
  CHECK(problems.empty());
  CHECK_FALSE(parse_document("[" + repeat("\"${A}\",", 1025) + "]", long_values, problems));
  CHECK(render("f", problems.sorted()) ==
        "f:1:7170: more than 8388608 bytes of text with variables: shorten the variables\n");
}

}  // namespace inferometer::config
