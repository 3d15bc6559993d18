#include "protocol/framing/sse.hpp"

#include "protocol/cuts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace inferometer::protocol::sse_test {
using inferometer::protocol::cuts;
using inferometer::protocol::Frame;
using inferometer::protocol::SseFraming;
using inferometer::protocol::with_line_ends;
using namespace std::string_literals;

namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t k_max = 1000;

/// "data", or "type|data" where the event has a type.
Texts parse(const std::vector<std::string_view>& pieces, bool finish = true) {
  Texts events;
  const auto emit = [&events](const Frame& event) {
    events.push_back(std::string(event.type) + (event.type.empty() ? "" : "|") +
                     std::string(event.data));
  };
  SseFraming parser(k_max);
  for (const std::string_view piece : pieces) {
    REQUIRE(parser.feed(piece, emit));
  }
  if (finish) {
    (void)parser.finish(emit);
  }
  return events;
}

void check_however_cut(std::string_view bytes, const Texts& expected) {
  for (const auto& pieces : cuts(bytes)) {
    CAPTURE(pieces.front().size());
    CHECK(parse(pieces) == expected);
  }
}

}  // namespace

TEST_CASE("sse: one space after the colon is not part of the value") {
  check_however_cut("data:x\n\n", {"x"});
  check_however_cut("data: x\n\n", {"x"});
  check_however_cut("data:  x\n\n", {" x"});
  check_however_cut("data:x  \n\n", {"x  "});
  check_however_cut("data:\tx\n\n", {"\tx"});
}

TEST_CASE("sse: data without a value is an event with empty data") {
  check_however_cut("data\n\n", {""});
  check_however_cut("data:\n\n", {""});
  check_however_cut("data: \n\n", {""});
  check_however_cut("data\ndata\n\n", {"\n"});
}

TEST_CASE("sse: data lines of one event are joined by a line feed") {
  check_however_cut("data: a\ndata: b\n\n", {"a\nb"});
  check_however_cut("data: a\n: between\nid: 7\ndata: b\ndata:\n\n", {"a\nb\n"});
}

TEST_CASE("sse: line ends of any kind give the same events") {
  const std::string text =
      "event: one\ndata: a\ndata: b\n\n: comment\n\ndata\n\n\n\nevent: two\ndata: caf\xC3\xA9\n\n";
  const Texts expected{"one|a\nb", "", "two|caf\xC3\xA9"};
  check_however_cut(text, expected);
  check_however_cut(with_line_ends(text, "\r\n"), expected);
  check_however_cut(with_line_ends(text, "\r"), expected);
}

TEST_CASE("sse: line ends may be mixed within one event") {
  check_however_cut("data: a\rdata: b\r\ndata: c\n\r\ndata: d\r\r", {"a\nb\nc", "d"});
  check_however_cut("data: a\r\n\rdata: b\n\r\n", {"a", "b"});
}

TEST_CASE("sse: a carriage return at the end of a buffer ends the line at once") {
  CHECK(parse({"data: x\r\r"}, /*finish=*/false) == Texts{"x"});
  CHECK(parse({"data: x\r", "\n\r"}, /*finish=*/false) == Texts{"x"});
  // The line feed of a CRLF that was cut in two is not an empty line of its own.
  CHECK(parse({"data: x\r", "\ndata: y\r", "\n\r", "\n"}, /*finish=*/false) == Texts{"x\ny"});
  CHECK(parse({"data: x\r", "", "\ndata: y\n\n"}, /*finish=*/false) == Texts{"x\ny"});
}

TEST_CASE("sse: comments are no events") {
  check_however_cut(":\n\n: keep-alive\n\n::data: x\n\n", {});
  check_however_cut(": OPENROUTER PROCESSING\ndata: x\n:data: y\n\n", {"x"});
}

TEST_CASE("sse: field names are case-sensitive and not trimmed") {
  check_however_cut("Data: a\ndata : b\n data: c\ndatax: d\ndat: e\n\n", {});
  check_however_cut("EVENT: a\nevent : b\ndata: x\n\n", {"x"});
}

TEST_CASE("sse: id and retry lines and unknown fields are ignored") {
  check_however_cut("id: 1\nretry: 10\nfoo: bar\nfoo\ndata: x\n\n", {"x"});
}

TEST_CASE("sse: an event type holds for one event and goes with an event that has no data") {
  check_however_cut("event: a\nevent: b\ndata: x\n\ndata: y\n\n", {"b|x", "y"});
  check_however_cut("event: a\n\ndata: x\n\n", {"x"});
  check_however_cut("event: a\nevent\ndata: x\n\n", {"x"});
}

TEST_CASE("sse: one byte order mark at the start is dropped") {
  check_however_cut(
      "\xEF\xBB\xBF"
      "data: x\n\n",
      {"x"});
  check_however_cut(
      "\xEF\xBB\xBF\n\n"
      "data: x\n\n",
      {"x"});
  check_however_cut(
      "\xEF\xBB\xBF"
      "\xEF\xBB\xBF"
      "data: x\n\ndata: y\n\n",
      {"y"});
  check_however_cut(
      "\n\xEF\xBB\xBF"
      "data: x\n\ndata: y\n\n",
      {"y"});
}

TEST_CASE("sse: an unfinished last event is given when the stream ends") {
  for (const std::string_view bytes : {"data: x\n\ndata: y\n", "data: x\n\ndata: y",
                                       "data: x\n\ndata: y\r", "data: x\n\ndata: y\r\n"}) {
    CAPTURE(bytes);
    CHECK(parse({bytes}, /*finish=*/false) == Texts{"x"});
    check_however_cut(bytes, {"x", "y"});
  }
  check_however_cut("data: x\n\nevent: a\n", {"x"});
  check_however_cut("data: x\n\n: comm", {"x"});
}

TEST_CASE("sse: finishing twice gives the last event once") {
  Texts events;
  const auto emit = [&events](const Frame& event) { events.emplace_back(event.data); };
  SseFraming parser(k_max);
  REQUIRE(parser.feed("data: x", emit));
  (void)parser.finish(emit);
  (void)parser.finish(emit);
  CHECK(events == Texts{"x"});
}

TEST_CASE("sse: raw JSON is an event once its brackets close") {
  check_however_cut("{\"error\": {\"code\": 1}}\n\n", {R"({"error": {"code": 1}})"});
  check_however_cut("data: x\n\n{\"a\":1}", {"x", R"({"a":1})"});
  check_however_cut("\xEF\xBB\xBF{}\n\n", {"{}"});
  check_however_cut("[DONE]\n", {"[DONE]"});
  CHECK(parse({"{}\n[1]\n"}, /*finish=*/false) == Texts{"{}", "[1]"});
}

TEST_CASE("sse: raw JSON may go over many lines and its texts may hold brackets") {
  const std::string text = "data: x\n\n[{\n  \"a\": \"}]\\\"}\",\n\n  \"b\": 1\n}\n]\ndata: y\n\n";
  const Texts expected{"x", "[{\n  \"a\": \"}]\\\"}\",\n\n  \"b\": 1\n}\n]", "y"};
  for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
    check_however_cut(with_line_ends(text, line_end), expected);
  }
}

TEST_CASE("sse: raw JSON ends the event before it and is ended by the event behind it") {
  check_however_cut("event: a\ndata: x\n{}\ndata: y\n\n", {"a|x", "{}", "y"});
  check_however_cut("{\"a\": [\ndata: y\n\n", {"{\"a\": [", "y"});
  check_however_cut("event: error\n{\n}\n\ndata: y\n\n", {"error|{\n}", "y"});
  check_however_cut("{\"a\": [\n\n", {"{\"a\": [\n"});
  check_however_cut("}\n]\ndata: y\n\n", {"y"});
}

TEST_CASE("sse: a line of the field error is data of that type") {
  check_however_cut("error: {\"a\":1}\n\ndata: y\n\n", {R"(error|{"a":1})", "y"});
  check_however_cut("errors: x\n\n", {});
}

TEST_CASE("sse: a NUL is a character like any other") {
  check_however_cut("data: a\0b\n\nda\0ta: c\n\n"s, {"a\0b"s});
  check_however_cut("event: \0\ndata: x\nid: \0\n\n"s, {"\0|x"s});
}

TEST_CASE("sse: an event is refused once it is longer than the bound and nothing follows") {
  for (const std::string& long_event :
       {"data: " + std::string(k_max, 'x'), ":" + std::string(k_max, 'c'),
        "event: " + std::string(k_max, 'e'), "{" + std::string(k_max, 'j'),
        std::string(k_max + 1, '\0')}) {
    CAPTURE(long_event.substr(0, 8));
    Texts events;
    const auto emit = [&events](const Frame& event) { events.emplace_back(event.data); };
    SseFraming parser(k_max);
    REQUIRE(parser.feed("data: before\n\n", emit));
    CHECK_FALSE(parser.feed(long_event, emit));
    CHECK_FALSE(parser.feed("\n\ndata: after\n\n", emit));
    (void)parser.finish(emit);
    CHECK(events == Texts{"before"});
  }
}

TEST_CASE("sse: the bound holds byte by byte and over the lines of one event") {
  for (const std::string_view line : {"data: 0123456789\n", "data\n", "data:\r"}) {
    CAPTURE(line);
    int events = 0;
    const auto emit = [&events](const Frame&) { ++events; };
    SseFraming parser(k_max);
    std::size_t taken = 0;
    bool accepted = true;
    for (std::size_t lines = 0; accepted && lines < 2 * k_max; ++lines) {
      for (const char byte : line) {
        accepted = accepted && parser.feed({&byte, 1}, emit);
      }
      ++taken;
    }
    CHECK_FALSE(accepted);
    CHECK(taken > k_max / 20);
    CHECK(events == 0);
  }
}

TEST_CASE("sse: whether an event is too long does not hang on how it is cut") {
  for (std::size_t length = k_max - 20; length < k_max; ++length) {
    CAPTURE(length);
    const std::string event = "data: " + std::string(length, 'x') + "\ndata: yz\n\n";
    const auto is_accepted = [](const std::vector<std::string_view>& pieces) {
      SseFraming parser(k_max);
      return std::all_of(pieces.begin(), pieces.end(), [&parser](std::string_view piece) {
        return parser.feed(piece, [](const Frame& /*event*/) {});
      });
    };
    const bool expected = is_accepted({event});
    for (const auto& pieces : cuts(event)) {
      CHECK(is_accepted(pieces) == expected);
    }
  }
}

TEST_CASE("sse: any number of events may follow one another below the bound") {
  std::size_t bytes = 0;
  const auto emit = [&bytes](const Frame& event) { bytes += event.data.size(); };
  SseFraming parser(k_max);
  const std::string event = "data: " + std::string(k_max - 10, 'x') + "\n\n";
  for (int i = 0; i < 100; ++i) {
    REQUIRE(parser.feed(event, emit));
  }
  CHECK(bytes == 100 * (k_max - 10));
}

}  // namespace inferometer::protocol::sse_test
