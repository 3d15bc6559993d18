#include "transport/http/content_decoder.hpp"

#include "fuzz/input.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Any bytes under any coding unpack to a bounded text, which is the same however they are cut
// unless they are not valid. The first byte chooses the codings, the second the cut.

namespace {

using namespace inferometer;
using transport::http::ContentDecoder;

struct Unpacked {
  std::string text;
  std::string problem;
};

Unpacked unpack(std::string_view encoding, std::string_view packed, std::size_t piece) {
  auto decoder = ContentDecoder::make(encoding);
  fuzz::require(decoder.has_value() && *decoder != nullptr);
  Unpacked unpacked;
  for (std::size_t at = 0; at < packed.size(); at += piece) {
    std::size_t bytes = 0;
    const auto fed = (*decoder)->feed(packed.substr(at, piece), [&](std::string_view text) {
      bytes += text.size();
      fuzz::require(!text.empty() && bytes <= ContentDecoder::k_max_call_bytes);
      unpacked.text.append(text);
    });
    if (!fed) {
      fuzz::require(!fed.error().message.empty());
      unpacked.problem = fed.error().message;
      return unpacked;
    }
  }
  if (const auto finished = (*decoder)->finish(); !finished) {
    unpacked.problem = finished.error().message;
  }
  return unpacked;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array k_encodings{"gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate"};
  fuzz::Input input(data, size);
  const std::string_view encoding = k_encodings.at(input.byte() % k_encodings.size());
  const std::size_t piece = input.byte() % 32U + 1;
  const Unpacked whole = unpack(encoding, input.rest(), size + 1);
  const Unpacked cut = unpack(encoding, input.rest(), piece);
  // What is too much for one call may be little enough for each of several.
  if (whole.problem.find("at once") == std::string::npos) {
    fuzz::require(whole.problem.empty() == cut.problem.empty());
    fuzz::require(!whole.problem.empty() || whole.text == cut.text);
  }
  return 0;
}
