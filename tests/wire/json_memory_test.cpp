#include "fakes/allocations.hpp"
#include "wire/json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>

namespace inferometer::wire {

TEST_CASE("json: a document of a usual size is parsed without any allocation") {
  const std::string small = R"({"a":"x"})";
  const std::string usual = R"({"a":")" + std::string(3000, 'x') + R"("})";
  CHECK(parse_json(small).has_value());
  const std::size_t before = fakes::allocations();
  for (int i = 0; i < 10; ++i) {
    CHECK(text(parse_json(usual), "a").size() == 3000);
    CHECK(text(parse_json(small), "a") == "x");
  }
  CHECK(fakes::allocations() == before);
}

TEST_CASE("json: the memory of a huge document is given back with the next one") {
  constexpr std::size_t k_mebibyte = std::size_t{1024} * 1024;
  const std::string huge = R"({"a":")" + std::string(4 * k_mebibyte, 'x') + R"("})";
  std::thread([&] {
    const std::size_t before = fakes::allocated_bytes();
    CHECK(text(parse_json(huge), "a").size() == 4 * k_mebibyte);
    CHECK(parse_json("{}").has_value());
    CHECK(fakes::allocated_bytes() - before < k_mebibyte);
  }).join();
}

}  // namespace inferometer::wire
