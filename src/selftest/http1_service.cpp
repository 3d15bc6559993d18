#include "selftest/http1_service.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <optional>

namespace inferometer::selftest {
namespace {

/// Longer than any request of a probe's.
constexpr std::size_t k_max_request = 1024UL * 1024;

constexpr std::string_view k_end_of_head = "\r\n\r\n";

/// What the head says of the body's length; none if it cannot be read.
std::optional<std::size_t> body_length(std::string_view head) {
  constexpr std::string_view k_name = "content-length:";
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n")) {
    head.remove_prefix(at + 2);
    if (!base::equal_ignoring_case(head.substr(0, k_name.size()), k_name)) {
      continue;
    }
    const std::string_view value =
        base::trimmed(head.substr(0, head.find("\r\n")).substr(k_name.size()));
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    const bool good = error == std::errc{} && end == value.data() + value.size();
    return good && length <= k_max_request ? std::optional(length) : std::nullopt;
  }
  return 0;
}

}  // namespace

bool Http1Service::receive(std::string_view bytes) {
  m_input += bytes;
  const std::size_t head = m_input.find(k_end_of_head);
  return m_input.size() <= 2 * k_max_request &&
         (head == std::string::npos || body_length(std::string_view(m_input).substr(0, head)));
}

bool Http1Service::take_request() {
  const std::size_t head = m_input.find(k_end_of_head);
  if (head == std::string::npos) {
    return false;
  }
  const auto body = body_length(std::string_view(m_input).substr(0, head));
  const std::size_t size = head + k_end_of_head.size() + body.value_or(0);
  if (!body || m_input.size() < size) {
    return false;
  }
  m_input.erase(0, size);
  return true;
}

void Http1Service::send_head(std::string& output) {
  output +=
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
}

void Http1Service::send_chunk(std::string_view text, std::string& output) {
  fmt::format_to(std::back_inserter(output), "{:x}\r\n{}\r\n", text.size(), text);
}

void Http1Service::send_end(std::string& output) {
  output += "0\r\n\r\n";
}

}  // namespace inferometer::selftest
