#include "sim/http/request_reader.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace inferometer::sim::http {
namespace {

constexpr std::string_view k_line_end = "\r\n";
constexpr std::string_view k_head_end = "\r\n\r\n";
constexpr std::size_t k_longest_chunk_line = 1024;

bool is_token_char(char c) {
  return base::is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

/// Bytes above ASCII are allowed in values and are left as they are.
bool is_value_char(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

/// All of `text` as a number without a sign.
std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

/// Takes what lies before the next line end off `text`.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find(k_line_end), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + k_line_end.size(), text.size()));
  return line;
}

bool parse_request_line(std::string_view line, Request& request, std::string_view& version) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return false;
  }
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(line.substr(0, first)) || !target.starts_with('/') ||
      !std::all_of(target.begin(), target.end(), base::is_visible_ascii)) {
    return false;
  }
  request.method = line.substr(0, first);
  const std::size_t path_end = std::min(target.find('?'), target.size());
  request.path = target.substr(0, path_end);
  request.query = target.substr(std::min(path_end + 1, target.size()));
  version = line.substr(last + 1);
  return version.starts_with("HTTP/");
}

bool parse_header(std::string_view line, Request& request) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return false;
  }
  const std::string_view value = base::trimmed(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), is_value_char)) {
    return false;
  }
  request.headers.emplace_back(base::to_lower(line.substr(0, colon)), value);
  return true;
}

std::ptrdiff_t count_headers(const Request& request, std::string_view name) {
  return std::count_if(request.headers.begin(), request.headers.end(),
                       [name](const Header& header) { return header.first == name; });
}

}  // namespace

RequestReader::State RequestReader::advance() {
  Step last = Step::advanced;
  while (last == Step::advanced && m_phase != Phase::done) {
    last = step();
  }
  m_buffer.erase(0, m_position);
  m_position = 0;
  if (last == Step::failed) {
    return State::failed;
  }
  return m_phase == Phase::done ? State::complete : State::incomplete;
}

Request RequestReader::take() {
  m_phase = Phase::head;
  m_trailer_size = 0;
  m_expects_continue = false;
  return std::exchange(m_request, Request());
}

RequestReader::Step RequestReader::step() {
  switch (m_phase) {
    case Phase::head:
      return read_head();
    case Phase::body:
      return read_body();
    case Phase::chunk_size:
      return read_chunk_size();
    case Phase::chunk_end:
      return read_chunk_end();
    case Phase::trailer:
      return read_trailer();
    case Phase::done:
      break;
  }
  return Step::starved;
}

RequestReader::Step RequestReader::read_head() {
  // A line end before a request is a relic of the one before it (RFC 9112 §2.2).
  while (m_buffer.compare(m_position, k_line_end.size(), k_line_end) == 0) {
    m_position += k_line_end.size();
  }
  const std::size_t end = m_buffer.find(k_head_end, m_position + m_searched);
  if (std::min(end, m_buffer.size()) - m_position > k_longest_head) {
    return fail(431, "the head of the request is longer than 64 KiB");
  }
  if (end == std::string::npos) {
    const std::size_t held = m_buffer.size() - m_position;
    m_searched = held - std::min(held, k_head_end.size() - 1);
    return Step::starved;
  }
  m_searched = 0;
  std::string_view head = std::string_view(m_buffer).substr(m_position, end - m_position);
  m_position = end + k_head_end.size();
  std::string_view version;
  if (!parse_request_line(take_line(head), m_request, version)) {
    return fail(400, "the first line is not `METHOD /path HTTP/1.1`");
  }
  if (version != "HTTP/1.1") {
    return fail(505, fmt::format("this server speaks HTTP/1.1, not {}", version));
  }
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    if (!parse_header(line, m_request)) {
      return fail(400, fmt::format("header {} is not `name: value`", m_request.headers.size() + 1));
    }
  }
  return read_framing();
}

RequestReader::Step RequestReader::read_framing() {
  if (count_headers(m_request, "host") != 1) {
    return fail(400, "there must be one Host header");
  }
  const auto encodings = count_headers(m_request, "transfer-encoding");
  const auto lengths = count_headers(m_request, "content-length");
  if (encodings + lengths > 1) {
    return fail(400, "there is more than one of Content-Length and Transfer-Encoding");
  }
  m_chunked = encodings == 1;
  if (m_chunked && base::to_lower(m_request.header("transfer-encoding")) != "chunked") {
    return fail(501, "the only transfer encoding here is `chunked`");
  }
  const std::optional<std::uint64_t> size =
      parse_number(lengths == 1 ? m_request.header("content-length") : "0", 10);
  if (!size) {
    return fail(400, "the Content-Length is not a number");
  }
  if (*size > k_longest_body) {
    return fail(413, "the body is longer than 16 MiB");
  }
  const std::string_view expectation = m_request.header("expect");
  if (!expectation.empty() && base::to_lower(expectation) != "100-continue") {
    return fail(417, "the only expectation here is `100-continue`");
  }
  m_remaining = *size;
  m_expects_continue = !expectation.empty() && (m_chunked || *size > 0);
  m_phase = m_chunked ? Phase::chunk_size : Phase::body;
  return Step::advanced;
}

RequestReader::Step RequestReader::read_body() {
  const std::size_t size = std::min<std::size_t>(m_remaining, m_buffer.size() - m_position);
  m_request.body.append(m_buffer, m_position, size);
  m_position += size;
  m_remaining -= size;
  if (size > 0) {
    m_expects_continue = false;
  }
  if (m_remaining > 0) {
    return Step::starved;
  }
  m_phase = m_chunked ? Phase::chunk_end : Phase::done;
  return Step::advanced;
}

RequestReader::Step RequestReader::read_chunk_size() {
  std::string_view line;
  if (!next_line(line)) {
    return m_buffer.size() - m_position > k_longest_chunk_line
               ? fail(400, "the line before a chunk is too long")
               : Step::starved;
  }
  m_expects_continue = false;
  const std::optional<std::uint64_t> size =
      parse_number(base::trimmed(line.substr(0, line.find(';'))), 16);
  if (!size) {
    return fail(400, "a chunk does not begin with its size");
  }
  if (*size > k_longest_body - m_request.body.size()) {
    return fail(413, "the body is longer than 16 MiB");
  }
  m_remaining = *size;
  m_phase = *size == 0 ? Phase::trailer : Phase::body;
  return Step::advanced;
}

RequestReader::Step RequestReader::read_chunk_end() {
  if (m_buffer.size() - m_position < k_line_end.size()) {
    return Step::starved;
  }
  if (m_buffer.compare(m_position, k_line_end.size(), k_line_end) != 0) {
    return fail(400, "a chunk is longer than its size says");
  }
  m_position += k_line_end.size();
  m_phase = Phase::chunk_size;
  return Step::advanced;
}

RequestReader::Step RequestReader::read_trailer() {
  std::string_view line;
  const bool whole = next_line(line);
  m_trailer_size += line.size();
  if (m_trailer_size > k_longest_head || m_buffer.size() - m_position > k_longest_head) {
    return fail(431, "the trailer of the request is longer than 64 KiB");
  }
  if (!whole) {
    return Step::starved;
  }
  if (line.empty()) {
    m_phase = Phase::done;
  }
  return Step::advanced;
}

bool RequestReader::next_line(std::string_view& line) {
  const std::size_t end = m_buffer.find(k_line_end, m_position);
  if (end == std::string::npos) {
    return false;
  }
  line = std::string_view(m_buffer).substr(m_position, end - m_position);
  m_position = end + k_line_end.size();
  return true;
}

RequestReader::Step RequestReader::fail(int status, std::string message) {
  m_failure = Failure{.status = status, .message = std::move(message)};
  return Step::failed;
}

}  // namespace inferometer::sim::http
