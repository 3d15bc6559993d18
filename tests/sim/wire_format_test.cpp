#include "sim/wire_format.hpp"

#include <doctest/doctest.h>

#include <set>

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

TEST_CASE("every wire format is whole and has a name and a path of its own") {
  REQUIRE(!wire_formats().empty());
  std::set<std::string_view> names;
  std::set<std::string_view> paths;
  for (const WireFormat& format : wire_formats()) {
    CHECK(names.insert(format.name).second);
    CHECK(paths.insert(format.path).second);
    CHECK(format.path.starts_with("/v1/"));
    CHECK(!format.stream_content_type.empty());
    CHECK((format.parse != nullptr));
    CHECK((format.make_renderer != nullptr));
    CHECK((format.render_error != nullptr));
  }
}
