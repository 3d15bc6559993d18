#pragma once

#include "base/error.hpp"
#include "sim/api/wire_format.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Drives one wire format without a server: requests in, bytes out.
namespace inferometer::sim::testing {

/// A POST to `target`, which may have a query.
inline http::Request post_to(std::string_view target, std::string_view body,
                             std::vector<http::Header> headers = {}) {
  const std::size_t end = std::min(target.find('?'), target.size());
  return {.method = "POST",
          .path = std::string(target.substr(0, end)),
          .query = std::string(target.substr(std::min(end + 1, target.size()))),
          .headers = std::move(headers),
          .body = std::string(body)};
}

/// What the API at that path makes of the request.
inline base::Result<Ask> ask_of(const http::Request& request) {
  const Endpoint endpoint = find_endpoint(request.path).value();
  return endpoint.format->parse(
      {.request = request, .route = *endpoint.route, .model = endpoint.model});
}

/// Why the API refuses the request; empty if it does not.
inline std::string refusal_of(const http::Request& request) {
  const base::Result<Ask> ask = ask_of(request);
  return ask ? "" : ask.error().message;
}

inline constexpr AnswerId k_answer_id{.number = 0xabc, .created = 1700000000};
inline constexpr Usage k_prompt_only{.prompt_tokens = 7, .cached_prompt_tokens = 3};
inline constexpr Usage k_one_reasoned{
    .prompt_tokens = 7, .cached_prompt_tokens = 3, .completion_tokens = 1, .reasoning_tokens = 1};
inline constexpr Usage k_whole{
    .prompt_tokens = 7, .cached_prompt_tokens = 3, .completion_tokens = 2, .reasoning_tokens = 1};

inline Ask streamed_ask() {
  return {.model = "m \"q\"", .stream = true, .include_usage = true};
}

/// A whole stream: one reasoning text if the behaviour has reasoning, and one text of content.
inline std::string whole_stream(const WireFormat& format, const Behaviour& behaviour = {},
                                const Ask& ask = streamed_ask(),
                                FinishReason reason = FinishReason::stop) {
  const auto renderer = format.make_renderer(ask, behaviour, k_answer_id);
  Frames frames;
  renderer->opening(frames, k_prompt_only);
  if (behaviour.reasoning_tokens > 0) {
    renderer->tokens(frames, TextKind::reasoning, " why", k_one_reasoned);
  }
  Usage usage = k_whole;
  usage.reasoning_tokens = behaviour.reasoning_tokens;
  renderer->tokens(frames, TextKind::content, " yes", usage);
  renderer->finish(frames, reason, usage);
  renderer->terminator(frames);
  return frames.bytes;
}

/// What one call to a fresh renderer writes.
template <typename Function>
std::string rendered(const WireFormat& format, Function function, const Behaviour& behaviour = {}) {
  const auto renderer = format.make_renderer(streamed_ask(), behaviour, k_answer_id);
  Frames frames;
  function(*renderer, frames);
  return frames.bytes;
}

inline std::string error_in_stream(const WireFormat& format, ErrorKind kind,
                                   const Behaviour& behaviour = {}) {
  return rendered(
      format, [kind](Renderer& renderer, Frames& frames) { renderer.error(frames, kind); },
      behaviour);
}

/// The body of an answer that is not streamed.
inline std::string whole_body(const WireFormat& format, FinishReason reason,
                              std::string_view reasoning = " why",
                              const Ask& ask = streamed_ask()) {
  return format.make_renderer(ask, {}, k_answer_id)->completion(" yes", reasoning, reason, k_whole);
}

}  // namespace inferometer::sim::testing
