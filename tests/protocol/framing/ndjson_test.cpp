#include "protocol/framing/ndjson.hpp"

#include "protocol/decode.hpp"

#include <doctest/doctest.h>

using namespace inferometer::protocol;
using namespace std::string_literals;

namespace {

constexpr std::size_t k_max = 20;

Texts parse(const std::vector<std::string_view>& pieces, bool finish = true) {
  Texts lines;
  const auto emit = [&lines](const Frame& line) {
    CHECK(line.type.empty());
    lines.emplace_back(line.data);
  };
  NdjsonFraming parser(k_max);
  for (const std::string_view piece : pieces) {
    REQUIRE(parser.feed(piece, emit));
  }
  if (finish) {
    CHECK(parser.finish(emit));
  }
  return lines;
}

}  // namespace

TEST_CASE("ndjson: lines are read however they are cut") {
  for (const std::string_view line_end : {"\n", "\r\n"}) {
    const std::string bytes = with_line_ends("{\"a\":1}\n\n[2]\n \n{\"c\":\"d\re\"}\n", line_end);
    for (const auto& pieces : cuts(bytes)) {
      CAPTURE(pieces.front().size());
      CHECK(parse(pieces) == Texts{R"({"a":1})", "[2]", " ", "{\"c\":\"d\re\"}"});
    }
  }
}

TEST_CASE("ndjson: an unfinished last line is given at the end") {
  CHECK(parse({"a\nb"}, /*finish=*/false) == Texts{"a"});
  CHECK(parse({"a\nb"}) == Texts{"a", "b"});
  CHECK(parse({"a\nb\r"}) == Texts{"a", "b"});
  CHECK(parse({""}) == Texts{});
  CHECK(parse({"\r"}) == Texts{});
}

TEST_CASE("ndjson: a line that is too long ends the parsing") {
  const std::string longest(k_max, 'x');
  CHECK(parse({longest + "\n" + longest}) == Texts{longest, longest});
  const std::string too_long = longest + "x\nb\n";
  for (const auto& pieces : cuts(too_long)) {
    Texts lines;
    const auto emit = [&lines](const Frame& line) { lines.emplace_back(line.data); };
    NdjsonFraming parser(k_max);
    bool good = true;
    for (const std::string_view piece : pieces) {
      good = parser.feed(piece, emit);
    }
    CHECK_FALSE(good);
    CHECK_FALSE(parser.feed("c\n", emit));
    CHECK_FALSE(parser.finish(emit));
    CHECK(lines == Texts{});
  }
}
