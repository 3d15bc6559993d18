#include "sim/http/framing.hpp"

#include "wire/aws_event_stream.hpp"

#include <fmt/format.h>

#include <array>

namespace inferometer::sim {
namespace {

std::string_view line_end(LineEnding ending) {
  switch (ending) {
    case LineEnding::native:
    case LineEnding::lf:
      return "\n";
    case LineEnding::crlf:
      return "\r\n";
    case LineEnding::cr:
      return "\r";
  }
  return "";
}

constexpr std::size_t k_checksum_size = 4;
constexpr std::size_t k_lengths_size =
    8;  // of the message and of its headers, before their checksum
constexpr std::uint32_t k_unfinished_size = 16U * 1024 * 1024;

/// Bedrock pads its payloads with a part of this, of any length.
constexpr std::string_view k_padding =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string encode(std::string_view type, std::string_view payload) {
  const std::array<wire::EventStreamHeader, 3> headers{
      {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}}};
  return wire::encode_event_stream_message(headers, payload);
}

}  // namespace

SseWriter::SseWriter(const Behaviour& behaviour, LineEnding native)
    : m_line_end(
          line_end(behaviour.line_ending == LineEnding::native ? native : behaviour.line_ending)),
      m_event_end(fmt::format("{0}{1}{1}", behaviour.fault == Fault::trailing_spaces ? "   " : "",
                              m_line_end)) {}

void SseWriter::begin(std::string& out, std::string_view type) const {
  if (!type.empty()) {
    out.append("event: ").append(type).append(m_line_end);
  }
  out.append("data: ");
}

void SseWriter::event(std::string& out, std::string_view type, std::string_view payload) const {
  begin(out, type);
  out.append(payload);
  end(out);
}

void SseWriter::lines(std::string& out, std::string_view text) const {
  for (const char c : text) {
    if (c == '\n') {
      out.append(m_line_end);
    } else {
      out.push_back(c);
    }
  }
  out.append(m_line_end);
}

void SseWriter::comment(std::string& out, std::string_view text) const {
  out.append(":").append(text).append(m_line_end).append(m_line_end);
}

void EventStreamWriter::append_members(std::string& payload, std::string_view members) {
  const std::size_t size = m_events++ % k_padding.size() + 1;
  payload.append("{").append(members);
  payload.append(R"(,"p":")").append(k_padding.substr(0, size)).append("\"");
}

void EventStreamWriter::event(Frames& out, std::string_view type, std::string_view members) {
  m_payload.clear();
  append_members(m_payload.bytes, members);
  m_payload.bytes.append(m_spaces ? "}   " : "}");
  raw_event(out, type, m_payload.bytes);
}

void EventStreamWriter::text_event(Frames& out, std::string_view type, std::string_view members) {
  if (!m_stamp) {
    event(out, type, members);
    return;
  }
  m_payload.clear();
  append_members(m_payload.bytes, members);
  append_stamp(m_payload);
  m_payload.bytes.append(m_spaces ? "}   " : "}");
  const std::size_t begin = out.bytes.size();
  raw_event(out, type, m_payload.bytes);
  const std::size_t payload = out.bytes.size() - k_checksum_size - m_payload.bytes.size();
  out.stamps.push_back(payload + m_payload.stamps.front());
  out.sealed.push_back({.begin = begin, .end = out.bytes.size() - k_checksum_size});
}

void EventStreamWriter::raw_event(Frames& out, std::string_view type, std::string_view payload) {
  out.bytes.append(encode(type, payload));
}

void EventStreamWriter::exception(Frames& out, std::string_view type, std::string_view payload) {
  const std::array<wire::EventStreamHeader, 3> headers{{{":exception-type", type},
                                                        {":content-type", "application/json"},
                                                        {":message-type", "exception"}}};
  out.bytes.append(wire::encode_event_stream_message(headers, payload));
}

void EventStreamWriter::corrupt_event(Frames& out, std::string_view type,
                                      std::string_view members) {
  event(out, type, members);
  out.bytes.back() = static_cast<char>(out.bytes.back() ^ 1);
}

void EventStreamWriter::unfinished(Frames& out, std::string_view type, std::string_view payload) {
  std::string message = encode(type, "");
  message.resize(message.size() - k_checksum_size);
  write_u32(message, 0, k_unfinished_size);
  write_crc32(message, 0, k_lengths_size);
  out.bytes.append(message).append(payload);
}

}  // namespace inferometer::sim
