#pragma once

#include "probe/protocol/protocol.hpp"

#include <memory>

/// Anthropic's Messages (POST {base_url}/messages). Source: Anthropic's API reference.
namespace inferometer::probe::protocol::anthropic {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::probe::protocol::anthropic
