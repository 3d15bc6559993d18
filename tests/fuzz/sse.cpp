#include "protocol/framing/sse.hpp"

#include "fuzz/framing.hpp"

// The events of any bytes must not depend on how they are cut, nor grow beyond the limit.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  inferometer::fuzz::check_framing<inferometer::protocol::SseFraming>(data, size);
  return 0;
}
