#include "selftest/stamped_event.hpp"

#include "fakes/instants.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using inferometer::fakes::at;
using namespace inferometer;
using namespace std::chrono_literals;
using selftest::Stamp;

namespace {

std::vector<Stamp> read_in_pieces(std::string_view text, std::size_t piece) {
  selftest::StampReader reader;
  std::vector<Stamp> stamps;
  for (std::size_t i = 0; i < text.size(); i += piece) {
    reader.feed(text.substr(i, piece), [&](const Stamp& stamp) { stamps.push_back(stamp); });
  }
  return stamps;
}

}  // namespace

TEST_CASE("stamped event: it is a chunk of OpenAI's chat API") {
  selftest::StampedEvent event;
  const std::string text(event.text({.asked = at(1ns), .sent = at(2ns)}));
  REQUIRE(text.starts_with("data: "));
  REQUIRE(text.ends_with("\n\n"));
  const auto json = nlohmann::json::parse(text.substr(6));
  CHECK(json.at("choices").at(0).at("delta").at("content") == " word");
  CHECK(json.at("sent_ns") == "00000000000000000002");
}

TEST_CASE("stamped event: the closing text ends a stream with the count of its tokens") {
  const std::string text = selftest::closing_text(7, {.asked = at(1ns), .sent = at(2ns)});
  CHECK(text.ends_with("\n\ndata: [DONE]\n\n"));
  const auto json = nlohmann::json::parse(text.substr(6, text.find("\n\n") - 6));
  CHECK(json.at("choices").at(0).at("finish_reason") == "stop");
  CHECK(json.at("usage").at("completion_tokens") == 7);
  CHECK(json.at("sent_ns") == "00000000000000000002");
}

TEST_CASE("stamped event: stamps are read back however the stream is cut") {
  selftest::StampedEvent event;
  std::string text;
  for (int i = 1; i <= 3; ++i) {
    text += event.text({.asked = at(1h), .sent = at(100h + i * 1ns)});
  }
  text += selftest::closing_text(3, {.asked = at(1h), .sent = at(200h), .write_before = 7us});
  text += selftest::trailing_comment({.asked = at(1h), .sent = at(201h), .write_before = 8us});
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const std::vector<Stamp> stamps = read_in_pieces(text, piece);
    REQUIRE(stamps.size() == 3 + selftest::k_last_stamps);
    CHECK(stamps[0].asked == at(1h));
    CHECK(stamps[0].sent == at(100h + 1ns));
    CHECK(stamps[2].sent == at(100h + 3ns));
    CHECK(stamps[3].sent == at(200h));
    CHECK(stamps[3].write_before == 7us);
    CHECK(stamps[4].write_before == 8us);
  }
}

TEST_CASE("stamped event: a stamp is read with the bytes that bring its last digit") {
  selftest::StampedEvent event;
  const std::string text(event.text({.asked = at(1ns), .sent = at(2ns)}));
  const std::size_t end = text.rfind('"');
  selftest::StampReader reader;
  int found = 0;
  const auto count = [&](const Stamp&) { ++found; };
  reader.feed(std::string_view(text).substr(0, end - 1), count);
  CHECK(found == 0);
  reader.feed(std::string_view(text).substr(end - 1, 1), count);
  CHECK(found == 1);
}
