#pragma once

#include "protocol/protocol.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>

/// Anthropic's Messages (POST {base_url}/messages). Source: Anthropic's API reference.
namespace inferometer::protocol::anthropic {

/// The members of a request's body other than the model and how it is asked.
[[nodiscard]] nlohmann::json request_members(const Generation& generation);

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::anthropic
