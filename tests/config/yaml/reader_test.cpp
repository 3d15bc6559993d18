#include "config/yaml/reader.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <array>

namespace inferometer::config {
namespace {

constexpr std::array k_keys{
    schema::Key{.name = "size", .expects = "a size", .required = true},
    schema::Key{.name = "words", .expects = "a list of words"},
    schema::Key{.name = "door", .expects = "a code", .confidential = true},
};
constexpr schema::Section k_box{.name = "box", .keys = k_keys};

/// Reads `text` as a box by `read` and returns what was wrong.
template <typename Read>
std::string problems_of(std::string_view text, const Read& read) {
  Problems problems;
  const auto document = parse_document(text, sample::options().environment, problems);
  REQUIRE(document);
  read(MappingReader(*document->root, k_box, problems));
  return render("f", problems.sorted());
}

std::string problems_of(std::string_view text) {
  return problems_of(text, [](const MappingReader&) {});
}

base::Result<std::string> parse_small(std::string_view text) {
  return text == "small" ? base::Result<std::string>("small") : base::fail("say small");
}

}  // namespace

TEST_CASE("a value is read by its parser") {
  const std::string problems = problems_of("size: small", [](const MappingReader& box) {
    std::string size;
    CHECK(box.read("size", size, parse_small));
    CHECK(size == "small");
  });
  CHECK(problems.empty());
}

TEST_CASE("a refused value leaves the default and says what was expected and found") {
  const auto read = [](const MappingReader& box) {
    std::string size = "default";
    CHECK_FALSE(box.read("size", size, parse_small));
    CHECK(size == "default");
  };
  CHECK(problems_of("size: huge", read) ==
        "f:1:7: size: expected a size, found \"huge\": say small\n");
  CHECK(problems_of("size: [small]", read) == "f:1:7: size: expected a size, found a list\n");
  CHECK(problems_of("size: {}", read) == "f:1:7: size: expected a size, found a mapping\n");
  CHECK(problems_of("size:", read) == "f:1:1: size: expected a size, found nothing\n");
}

TEST_CASE("an absent value leaves the default and is no failure") {
  const std::string problems = problems_of("size: small", [](const MappingReader& box) {
    std::string door = "default";
    CHECK(box.read("door", door, parse_small));
    CHECK(door == "default");
    CHECK(box.find("door") == nullptr);
  });
  CHECK(problems.empty());
}

TEST_CASE("a confidential value is never shown") {
  CHECK(problems_of("{size: small, door: hunter2}", [](const MappingReader& box) {
          std::string door;
          box.read("door", door, parse_small);
        }) == "f:1:21: door: expected a code: say small\n");
}

TEST_CASE("the value of a variable is never shown") {
  CHECK(problems_of("size: a${SECRET}",
                    [](const MappingReader& box) {
                      std::string size;
                      box.read("size", size, parse_small);
                    }) ==
        "f:1:7: size: expected a size, found \"a${SECRET}\" (its value is not shown): say small\n");
}

TEST_CASE("what was refused before is passed over in silence") {
  const std::string problems =
      problems_of("{size: \"${NOT_SET}\", words: \"${NOT_SET}\"}", [](const MappingReader& box) {
        std::string size;
        CHECK_FALSE(box.read("size", size, parse_small));
        box.each("words", [](const Node&) { FAIL("no list"); });
      });
  CHECK(problems.find("size:") == std::string::npos);
  CHECK(problems.find("words:") == std::string::npos);
  CHECK(problems.find("NOT_SET") != std::string::npos);
}

TEST_CASE("each entry of a list is visited whatever it is") {
  std::size_t count = 0;
  const auto visit = [&count](const Node&) { ++count; };
  const auto read = [&visit](const MappingReader& box) { box.each("words", visit); };
  CHECK(problems_of("{size: small, words: [a, [b], {}, ~]}", read).empty());
  CHECK(count == 4);
}

TEST_CASE("a list that is empty or no list is refused") {
  const auto read = [](const MappingReader& box) {
    box.each("words", [](const Node&) { FAIL("no entry"); });
  };
  CHECK(problems_of("{size: small, words: []}", read).find("words: the list is empty") !=
        std::string::npos);
  CHECK(problems_of("{size: small, words: a}", read).find("found \"a\": write [ ] around it") !=
        std::string::npos);
  CHECK(problems_of("{size: small, words: {}}", read).find("found a mapping") != std::string::npos);
}

TEST_CASE("of keys that exclude each other each but the first is reported") {
  const auto read = [](const MappingReader& box) { box.allow_one({"door", "words", "size"}); };
  CHECK(problems_of("size: small", read).empty());
  CHECK(problems_of("{size: small, words: [a]}", read) ==
        "f:1:8: both words and size are given: keep one of them\n");
  CHECK(problems_of("{size: small, words: [a], door: 1}", read) ==
        "f:1:8: both door and size are given: keep one of them\n"
        "f:1:22: both door and words are given: keep one of them\n");
}

TEST_CASE("keys are checked against the schema") {
  CHECK(problems_of("{}") == "f:1:1: missing key \"size\" in box: add size: a size\n");
  CHECK(problems_of("{size: a, sise: b}").find("did you mean \"size\"?") != std::string::npos);
  CHECK(
      problems_of("{size: a, size: b}").find("f:1:11: key \"size\" of box is already in line 1") ==
      0);
  CHECK(problems_of("{size: a, [x]: b}").find("a key of box must be text, found a list") !=
        std::string::npos);
  CHECK(problems_of("{size: a, password: hunter2}").find("hunter2") == std::string::npos);
  CHECK(problems_of("[size]") == "f:1:1: box: expected a mapping, found a list\n");
}

TEST_CASE("of a doubled key the first value counts") {
  problems_of("{size: small, size: large}",
              [](const MappingReader& box) { CHECK(box.find("size")->text == "small"); });
}

TEST_CASE("a key that is an alias shows what was written and not a variable") {
  const std::string problems = problems_of("{size: &a \"${SECRET}\", *a : x}");
  CHECK(problems.find("unknown key \"${SECRET}\" in box") != std::string::npos);
  CHECK(problems.find("hunter2") == std::string::npos);
}

TEST_CASE("a key for a secret is known in any spelling") {
  for (const std::string_view key : {"password", "API_KEY", "Api-Key", "apiKey", "Bearer"}) {
    CAPTURE(key);
    const std::string problems = problems_of("{size: a, " + std::string(key) + ": hunter2}");
    CHECK(problems.find("f:1:11: a literal secret: key \"" + std::string(key) + "\"") == 0);
    CHECK(problems.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("an unknown key of a confidential section is not shown") {
  constexpr schema::Section k_safe{.name = "safe", .keys = k_keys, .confidential = true};
  Problems problems;
  const auto document =
      parse_document("{size: a, sk-0123: }", sample::options().environment, problems);
  REQUIRE(document);
  const MappingReader safe(*document->root, k_safe, problems);
  CHECK(render("f", problems.sorted()).find("f:1:11: unknown key in safe") == 0);
}

}  // namespace inferometer::config
