#include "fuzz/input.hpp"
#include "protocol/answer/rate_limits.hpp"
#include "protocol/answer/timestamps.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Lines `name: value` as the headers of a response: every figure that is read from them is bounded.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer;
  using namespace inferometer::protocol;
  constexpr base::WallTime k_now{std::chrono::seconds(1'735'689'600)};
  const fuzz::Input input(data, size);
  std::vector<Header> headers;
  std::string_view rest = input.rest();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) {
      headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
  }
  const auto limits = read_rate_limits(headers, k_now);
  fuzz::require(limits.size() <= measure::k_rate_limit_resources.size());
  for (const measure::RateLimit& limit : limits) {
    fuzz::require(!limit.reset || *limit.reset >= base::Duration::zero());
  }
  const auto delay = read_retry_after(headers, k_now);
  fuzz::require(!delay || (*delay > base::Duration::zero() && *delay <= std::chrono::hours(24)));
  fuzz::require(read_request_id(headers).size() <= 128);
  return 0;
}
