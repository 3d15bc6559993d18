#include "exposition/accept.hpp"

#include "exposition/format.hpp"
#include "fuzz/input.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

// Any header is a list of choices within it, each with a quality, and leads to a format.

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
  using namespace inferometer::exposition;
  const fuzz::Input input(data, size);
  const std::string_view header = input.rest();
  const auto choices = parse_choices(header);
  for (const Choice& choice : choices) {
    fuzz::require(!choice.value.empty() && is_within(choice.value, header));
    fuzz::require(is_quality(choice.quality));
    for (const auto& [name, value] : choice.parameters) {
      fuzz::require(!name.empty() && is_within(name, header) && is_within(value, header));
    }
  }
  fuzz::require(is_quality(quality_of(choices, "text/html")));
  fuzz::require(is_quality(quality_of(choices, "gzip")));
  fuzz::require(std::ranges::find(k_formats, negotiate(header)) != k_formats.end());
  return 0;
}
