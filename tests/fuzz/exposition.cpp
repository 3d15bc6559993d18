#include "fuzz/input.hpp"
#include "scrape/exposition_reader.hpp"

#include <cstddef>
#include <cstdint>

// Any page is samples or an error that says why.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer;
  const fuzz::Input input(data, size);
  const auto page =
      scrape::read_exposition(input.rest(), [](std::string_view /*name*/) { return true; });
  if (!page) {
    fuzz::require(!page.error().message.empty());
    return 0;
  }
  for (const scrape::Sample& sample : page->samples) {
    fuzz::require(!sample.name.empty());
  }
  return 0;
}
