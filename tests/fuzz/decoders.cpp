#include "fuzz/input.hpp"
#include "protocol/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Any bytes, cut anywhere, through the decoder of any protocol: the events must not depend on the
// cut. The first byte chooses the protocol and streamed or not, the second the cut.

namespace inferometer::protocol {
namespace {

/// What all events together say.
struct Sum {
  std::string content;
  std::string reasoning;
  std::string errors;
  std::size_t events = 0;
  bool terminated = false;

  bool operator==(const Sum&) const = default;
};

void add(Sum& sum, const Event& event) {
  ++sum.events;
  sum.content.append(event.content);
  sum.reasoning.append(event.reasoning);
  sum.terminated = sum.terminated || event.terminator;
  if (event.error) {
    sum.errors.append(measure::to_string(event.error->outcome));
  }
}

Sum decode(const Protocol& protocol, bool streamed, std::string_view bytes, std::size_t piece) {
  Sum sum;
  const auto emit = [&sum](const Event& event) { add(sum, event); };
  const auto decoder = streamed ? protocol.make_stream_decoder() : protocol.make_body_decoder();
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoder->feed(bytes.substr(at, piece), emit);
  }
  decoder->finish(emit);
  return sum;
}

}  // namespace
}  // namespace inferometer::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer::protocol;
  inferometer::fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  const std::size_t piece = input.byte() % 32U + 1;
  const std::string_view bytes = input.rest();
  const Protocol& protocol = protocols()[(choice / 2U) % protocols().size()];
  const bool streamed = choice % 2 == 0;
  const Sum whole = decode(protocol, streamed, bytes, bytes.size() + 1);
  inferometer::fuzz::require(whole == decode(protocol, streamed, bytes, piece));
  return 0;
}
