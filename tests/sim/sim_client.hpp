#pragma once

#include "base/error.hpp"
#include "fakes/eventually.hpp"
#include "fakes/raw_http_client.hpp"
#include "sim/server.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

/// What the tests of the simulator share: requests to it and readers of its streams.
namespace inferometer::sim::testing {

/// A running server, or the test fails.
inline Server start(Options options = {}) {
  return Server::start(std::move(options)).value();
}

inline std::string chat_body(bool stream, std::uint32_t max_tokens = 4,
                             std::string_view more = "") {
  return R"({"model":"m","messages":[{"role":"user","content":"12345678"}],"max_tokens":)" +
         std::to_string(max_tokens) + R"(,"stream":)" + (stream ? "true" : "false") +
         std::string(more) + "}";
}

/// A POST of `body`; `headers` are whole lines.
inline std::string post(std::string_view path, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: sim\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline constexpr std::string_view k_chat = "/v1/chat/completions";
inline constexpr std::string_view k_fast = "X-Sim-Ttft: 1ms\r\nX-Sim-Itl: 1ms\r\n";

/// A streamed chat request that is answered fast.
inline std::string fast_chat(std::string_view headers = "", std::uint32_t max_tokens = 4,
                             std::string_view more = "") {
  return post(k_chat, chat_body(true, max_tokens, more),
              std::string(k_fast) + std::string(headers));
}

inline std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: sim\r\n\r\n";
}

/// The payloads of a stream's `data:` lines.
inline std::vector<std::string> payloads(std::string_view stream,
                                         std::string_view line_end = "\n") {
  std::vector<std::string> found;
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find(line_end), stream.size());
    const std::string_view line = stream.substr(0, end);
    if (line.starts_with("data: ")) {
      found.emplace_back(line.substr(6));
    }
    stream.remove_prefix(std::min(end + line_end.size(), stream.size()));
  }
  return found;
}

/// The send times that a stamped stream carries, in nanoseconds.
inline std::vector<std::int64_t> stamps(std::string_view stream) {
  constexpr std::string_view k_member = R"("sim_sent_ns":")";
  std::vector<std::int64_t> found;
  for (std::size_t at = stream.find(k_member); at != std::string_view::npos;
       at = stream.find(k_member, at + 1)) {
    found.push_back(std::stoll(std::string(stream.substr(at + k_member.size(), 20))));
  }
  return found;
}

using fakes::eventually;

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++n;
  }
  return n;
}

}  // namespace inferometer::sim::testing
