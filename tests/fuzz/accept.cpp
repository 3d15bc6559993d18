#include "base/accept.hpp"

#include "exposition/format.hpp"
#include "fuzz/input.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

// Any header is a list of preferences within it, each with a quality, and leads to a format.

namespace {

bool is_within(std::string_view part, std::string_view whole) {
  return std::less_equal<>()(whole.data(), part.data()) &&
         std::less_equal<>()(part.data() + part.size(), whole.data() + whole.size());
}

bool is_quality(double quality) {
  return quality >= 0 && quality <= 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer;
  using namespace inferometer::base;
  using namespace inferometer::exposition;
  const fuzz::Input input(data, size);
  const std::string_view header = input.rest();
  const auto preferences = parse_preferences(header);
  for (const Preference& preference : preferences) {
    fuzz::require(!preference.value.empty() && is_within(preference.value, header));
    fuzz::require(is_quality(preference.quality));
    for (const auto& [name, value] : preference.parameters) {
      fuzz::require(!name.empty() && is_within(name, header) && is_within(value, header));
    }
  }
  fuzz::require(is_quality(quality_of(preferences, "text/html")));
  fuzz::require(is_quality(quality_of(preferences, "gzip")));
  fuzz::require(std::ranges::find(k_formats, negotiate(header)) != k_formats.end());
  return 0;
}
