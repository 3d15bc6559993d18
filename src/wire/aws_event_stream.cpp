#include "wire/aws_event_stream.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace inferometer::wire {
namespace {

constexpr std::size_t k_prelude_size = 12;  // the two lengths and their checksum
constexpr std::size_t k_checksum_size = 4;
constexpr std::size_t k_overhead = k_prelude_size + k_checksum_size;

constexpr std::size_t k_max_name = 255;
constexpr std::size_t k_max_value = 65535;

constexpr char k_string_type = 7;

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

/// The big-endian number in the `size` bytes at `at`, which are there.
std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(at, size)) {
    value = (value << 8U) | static_cast<unsigned char>(byte);
  }
  return value;
}

void append_number(std::string& bytes, std::size_t value, unsigned size) {
  for (unsigned i = size; i-- > 0;) {
    bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
  }
}

struct RawHeader {
  std::string_view name;
  char type = 0;
  std::string_view value;
};

/// How many bytes hold the length of a value of that type, and how many the value where its length
/// is fixed; no value for a type that is unknown.
struct ValueShape {
  std::size_t length_size = 0;
  std::size_t fixed_size = 0;
};

std::optional<ValueShape> shape_of(char type) {
  switch (type) {
    case 0:  // true
    case 1:  // false
      return ValueShape{0, 0};
    case 2:  // byte
      return ValueShape{0, 1};
    case 3:  // 16-bit integer
      return ValueShape{0, 2};
    case 4:  // 32-bit integer
      return ValueShape{0, 4};
    case 5:  // 64-bit integer
    case 8:  // time in milliseconds
      return ValueShape{0, 8};
    case 6:  // bytes
    case k_string_type:
      return ValueShape{2, 0};
    case 9:  // UUID
      return ValueShape{0, 16};
    default:
      return std::nullopt;
  }
}

/// Cuts the first header off `headers`; no value if they are malformed.
std::optional<RawHeader> next_header(std::string_view& headers) {
  const std::size_t name_size = number_at(headers, 0, 1);
  if (headers.size() < 1 + name_size + 1) {
    return std::nullopt;
  }
  RawHeader header{headers.substr(1, name_size), headers[1 + name_size], {}};
  headers.remove_prefix(1 + name_size + 1);
  const std::optional<ValueShape> shape = shape_of(header.type);
  if (!shape || headers.size() < shape->length_size) {
    return std::nullopt;
  }
  const std::size_t size =
      shape->length_size > 0 ? number_at(headers, 0, shape->length_size) : shape->fixed_size;
  headers.remove_prefix(shape->length_size);
  if (headers.size() < size) {
    return std::nullopt;
  }
  header.value = headers.substr(0, size);
  headers.remove_prefix(size);
  return header;
}

bool are_well_formed(std::string_view headers) {
  while (!headers.empty()) {
    if (!next_header(headers)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string encode_event_stream_message(std::span<const EventStreamHeader> headers,
                                        std::string_view payload) {
  std::string encoded;
  for (const EventStreamHeader& header : headers) {
    if (header.name.empty() || header.name.size() > k_max_name ||
        header.value.size() > k_max_value) {
      throw std::invalid_argument("the header of an event-stream message is empty or too long");
    }
    append_number(encoded, header.name.size(), 1);
    encoded.append(header.name).push_back(k_string_type);
    append_number(encoded, header.value.size(), 2);
    encoded.append(header.value);
  }
  if (encoded.size() > k_max_event_stream_headers || payload.size() > k_max_event_stream_payload) {
    throw std::invalid_argument("an event-stream message is too long");
  }
  std::string message;
  message.reserve(k_overhead + encoded.size() + payload.size());
  append_number(message, k_overhead + encoded.size() + payload.size(), 4);
  append_number(message, encoded.size(), 4);
  append_number(message, checksum(message), 4);
  message.append(encoded).append(payload);
  append_number(message, checksum(message), 4);
  return message;
}

std::optional<std::string_view> EventStreamMessage::header(std::string_view name) const {
  std::string_view rest = m_headers;
  while (!rest.empty()) {
    const std::optional<RawHeader> header = next_header(rest);
    if (!header) {
      break;
    }
    if (header->name == name) {
      return header->type == k_string_type ? std::optional(header->value) : std::nullopt;
    }
  }
  return std::nullopt;
}

bool EventStreamParser::feed(std::string_view bytes, const MessageFunction& emit) {
  while (m_problem.empty() && !bytes.empty()) {
    if (m_begun.empty()) {  // a message that came whole needs no copy
      const std::size_t taken = take(bytes, emit);
      bytes.remove_prefix(taken);
      if (taken > 0 || !m_problem.empty()) {
        continue;
      }
    }
    const std::size_t wanted =
        m_begun.size() < k_prelude_size ? k_prelude_size : number_at(m_begun, 0, 4);
    const std::size_t piece = std::min(wanted - m_begun.size(), bytes.size());
    m_begun.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    if (take(m_begun, emit) > 0) {
      m_begun.clear();
    }
  }
  return m_problem.empty();
}

/// Gives the message that `bytes` begin with, and its size; 0 if its end has not come yet or it is
/// broken.
std::size_t EventStreamParser::take(std::string_view bytes, const MessageFunction& emit) {
  if (bytes.size() < k_prelude_size) {
    return 0;
  }
  const std::size_t total = number_at(bytes, 0, 4);
  const std::size_t headers_size = number_at(bytes, 4, 4);
  if (checksum(bytes.substr(0, 8)) != number_at(bytes, 8, 4)) {
    return fail("the checksum of an event-stream message's lengths is wrong");
  }
  if (total < k_overhead || headers_size > total - k_overhead) {
    return fail("the lengths of an event-stream message contradict each other");
  }
  const std::size_t payload_size = total - k_overhead - headers_size;
  if (headers_size > k_max_event_stream_headers || payload_size > k_max_event_stream_payload) {
    return fail("an event-stream message of more than 128 KiB of headers or 4 MiB of payload");
  }
  if (bytes.size() < total) {
    return 0;
  }
  const std::string_view checked = bytes.substr(0, total - k_checksum_size);
  if (checksum(checked) != number_at(bytes, checked.size(), 4)) {
    return fail("the checksum of an event-stream message is wrong");
  }
  const std::string_view headers = bytes.substr(k_prelude_size, headers_size);
  if (!are_well_formed(headers)) {
    return fail("the headers of an event-stream message are malformed");
  }
  emit(EventStreamMessage(headers, bytes.substr(k_prelude_size + headers_size, payload_size)));
  return total;
}

std::size_t EventStreamParser::fail(std::string_view problem) {
  m_problem = problem;
  return 0;
}

}  // namespace inferometer::wire
