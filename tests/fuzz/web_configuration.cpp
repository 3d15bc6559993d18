#include "config/web/web_file.hpp"
#include "fuzz/input.hpp"

#include <cstddef>
#include <cstdint>

// Any text is a web configuration or a list of what is wrong with it.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer;
  const fuzz::Input input(data, size);
  const auto loaded = config::load_web_text(input.rest(), "fuzz/web.yml");
  fuzz::require(loaded || !loaded.error().empty());
  for (std::size_t i = 0; loaded && i < loaded->headers.size(); ++i) {
    // A line break in a value would be another header.
    fuzz::require(loaded->headers[i].second.find_first_of("\r\n") == std::string::npos);
  }
  return 0;
}
