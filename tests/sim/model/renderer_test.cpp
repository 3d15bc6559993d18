#include "sim/model/renderer.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::sim;

TEST_CASE("a stamp fills every place with twenty digits and touches nothing else") {
  Frames frames{
      .bytes = "<" + std::string(k_stamp_width, '0') + "><" + std::string(k_stamp_width, '0') + ">",
      .stamps = {1, 23}};
  frames.stamp(1234567890123U);
  CHECK(frames.bytes == "<00000001234567890123><00000001234567890123>");
  frames.stamp(18446744073709551615U);
  CHECK(frames.bytes == "<18446744073709551615><18446744073709551615>");
  frames.clear();
  CHECK(frames.bytes.empty());
  CHECK(frames.stamps.empty());
}

TEST_CASE("a stamp is a member of its own at the place that is noted") {
  Frames frames{.bytes = "{\"a\":1", .stamps = {}};
  append_stamp(frames);
  frames.stamp(5);
  CHECK(frames.bytes == R"({"a":1,"sim_sent_ns":"00000000000000000005")");
}

TEST_CASE("the prompt's tokens are a quarter of its bytes and rounded up") {
  Ask ask;
  set_prompt(ask, "");
  CHECK(ask.prompt_tokens == 0);
  set_prompt(ask, "12345");
  CHECK(ask.prompt == "12345");
  CHECK(ask.prompt_tokens == 2);
}
