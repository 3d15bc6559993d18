#include "selftest/stamped_event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace inferometer::selftest {
namespace {

constexpr std::string_view k_asked = R"("asked_ns":")";
constexpr std::string_view k_sent = R"(","sent_ns":")";
constexpr std::string_view k_write = R"(","write_before_ns":")";
constexpr std::size_t k_digits = 20;  // of any 64-bit count of nanoseconds

/// Where the numbers stand in a stamp's text.
constexpr std::size_t k_asked_at = k_asked.size();
constexpr std::size_t k_sent_at = k_asked_at + k_digits + k_sent.size();
constexpr std::size_t k_write_at = k_sent_at + k_digits + k_write.size();
constexpr std::size_t k_length = k_write_at + k_digits;

constexpr std::string_view k_head =
    R"(data: {"id":"chatcmpl-selftest","object":"chat.completion.chunk","created":1700000000,)"
    R"("model":"selftest","system_fingerprint":"fp_selftest","choices":[{"index":0,)";

void put(char* at, std::int64_t count) {
  auto rest = static_cast<std::uint64_t>(count);
  for (std::size_t i = k_digits; i-- > 0; rest /= 10) {
    at[i] = static_cast<char>('0' + rest % 10);
  }
}

base::Duration take(std::string_view text, std::size_t at) {
  std::int64_t count = 0;
  std::from_chars(text.data() + at, text.data() + at + k_digits, count);
  return base::Duration(count);
}

/// The text of a stamp, to be filled in.
std::string empty_stamp() {
  const std::string zeros(k_digits, '0');
  return fmt::format("{}{}{}{}{}{}", k_asked, zeros, k_sent, zeros, k_write, zeros);
}

void fill_in(char* text, const Stamp& stamp) {
  put(text + k_asked_at, stamp.asked.time_since_epoch().count());
  put(text + k_sent_at, stamp.sent.time_since_epoch().count());
  put(text + k_write_at, stamp.write_before.count());
}

std::string make_stamp(const Stamp& stamp) {
  std::string text = empty_stamp();
  fill_in(text.data(), stamp);
  return text;
}

}  // namespace

StampedEvent::StampedEvent()
    : m_text(fmt::format(
          R"({}"delta":{{"content":" word"}},"logprobs":null,"finish_reason":null}}],)", k_head)),
      m_stamp_at(m_text.size()) {
  m_text += empty_stamp() + "\"}\n\n";
}

std::string_view StampedEvent::text(const Stamp& stamp) {
  fill_in(m_text.data() + m_stamp_at, stamp);
  return m_text;
}

std::string closing_text(std::uint32_t events, const Stamp& stamp) {
  return fmt::format(R"({0}"delta":{{}},"logprobs":null,"finish_reason":"stop"}}],)"
                     R"("usage":{{"prompt_tokens":8,"completion_tokens":{1},"total_tokens":{2}}},)"
                     "{3}\"}}\n\ndata: [DONE]\n\n",
                     k_head, events, events + 8, make_stamp(stamp));
}

std::string trailing_comment(const Stamp& stamp) {
  return fmt::format(": {}\"\n\n", make_stamp(stamp));
}

void StampReader::feed(std::string_view bytes, const Found& found) {
  if (m_rest.empty()) {
    search(bytes, found);
    return;
  }
  const std::string text = std::move(m_rest).append(bytes);
  m_rest.clear();
  search(text, found);
}

void StampReader::search(std::string_view text, const Found& found) {
  std::size_t at = text.find(k_asked);
  while (at != std::string_view::npos && text.size() - at >= k_length) {
    found({.asked = base::MonotonicTime(take(text, at + k_asked_at)),
           .sent = base::MonotonicTime(take(text, at + k_sent_at)),
           .write_before = take(text, at + k_write_at)});
    text.remove_prefix(at + k_length);
    at = text.find(k_asked);
  }
  // What is left begins a stamp, or may end in the beginning of its name.
  const std::size_t kept =
      at != std::string_view::npos ? text.size() - at : std::min(text.size(), k_asked.size() - 1);
  m_rest = text.substr(text.size() - kept);
}

}  // namespace inferometer::selftest
