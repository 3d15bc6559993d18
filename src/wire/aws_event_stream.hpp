#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// AWS' binary framing, `application/vnd.amazon.eventstream`: prelude, headers, payload, and a
/// CRC-32 over each part. Source: AWS' "Event stream encoding".
namespace inferometer::wire {

/// AWS' own bound on the headers of one message.
inline constexpr std::size_t k_max_event_stream_headers = std::size_t{128} * 1024;

/// AWS allows 24 MiB. Ours is what the other framings take for one event: a message of a streaming
/// model is some hundred bytes, and each connection may have to hold one.
inline constexpr std::size_t k_max_event_stream_payload = std::size_t{4} * 1024 * 1024;

/// A header of type string, the only type that Bedrock sends.
struct EventStreamHeader {
  std::string_view name;   ///< 1 to 255 bytes
  std::string_view value;  ///< up to 65,535 bytes
};

/// One message. Throws std::invalid_argument if a part is longer than its length field can say or
/// the parser takes.
[[nodiscard]] std::string encode_event_stream_message(std::span<const EventStreamHeader> headers,
                                                      std::string_view payload);

/// One message as it came; the views are valid during the call that gives it.
class EventStreamMessage {
 public:
  /// `headers` are well-formed, as the parser has checked.
  EventStreamMessage(std::string_view headers, std::string_view payload)
      : m_headers(headers), m_payload(payload) {}

  /// The value of the first header of that name; no value if there is none or it is no string.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  [[nodiscard]] std::string_view payload() const { return m_payload; }

 private:
  std::string_view m_headers;
  std::string_view m_payload;
};

/// Parses messages from bytes that are cut anywhere. Memory is bounded by the longest message.
class EventStreamParser {
 public:
  using MessageFunction = std::function<void(const EventStreamMessage&)>;

  /// False once the bytes were no such stream; nothing is taken any more then, as nothing tells
  /// where the next message begins.
  [[nodiscard]] bool feed(std::string_view bytes, const MessageFunction& emit);

  /// Whether the bytes so far end within a message.
  [[nodiscard]] bool inside_message() const { return !m_begun.empty(); }

  /// Why feed() was false.
  [[nodiscard]] std::string_view problem() const { return m_problem; }

 private:
  std::size_t take(std::string_view bytes, const MessageFunction& emit);
  std::size_t fail(std::string_view problem);

  std::string m_begun;  // the beginning of a message whose end has not come yet
  std::string_view m_problem;
};

}  // namespace inferometer::wire
