#include "transport/http/http1_parser.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::transport::http {
namespace {

/// Whether a line that goes on with `rest` behind its first `taken` bytes can be a status line.
/// What cannot is told at once: a peer that speaks another protocol may wait and never end its
/// line.
bool begins_as_http1(std::size_t taken, std::string_view rest) {
  return taken >= k_http1_prefix.size() ||
         rest.starts_with(k_http1_prefix.substr(taken, rest.size()));
}

}  // namespace

void Http1Parser::begin() {
  m_response = Response();
  m_line.clear();
  m_problem.clear();
}

std::size_t Http1Parser::feed(std::string_view bytes, ResponseSink& sink) {
  std::string_view rest = bytes;
  m_response.begun = m_response.begun || !bytes.empty();
  while (m_response.progress == Progress::reading && !rest.empty()) {
    switch (m_response.state) {
      case State::body:
      case State::body_until_close:
      case State::chunk_data:
        m_ends_in_body = true;
        take_body(rest, sink);
        break;
      case State::status_line:
      case State::header:
      case State::chunk_size:
      case State::chunk_end:
      case State::trailer:
        m_ends_in_body = m_response.state == State::chunk_end;
        take_line(rest, sink);
        break;
    }
  }
  return bytes.size() - rest.size();
}

void Http1Parser::finish() {
  if (m_response.progress == Progress::reading) {
    m_response.progress =
        m_response.state == State::body_until_close ? Progress::complete : Progress::lost;
  }
}

std::string_view Http1Parser::version() const {
  if (m_response.minor_version < 0) {
    return "";
  }
  return m_response.minor_version == 0 ? "1.0" : "1.1";
}

Http1Parser::LineBound Http1Parser::line_bound() const {
  constexpr LineBound k_status_line{k_max_status_line_bytes, "a status line of more than 8 KiB"};
  const LineBound head{m_response.head_bytes, "headers of more than 256 KiB"};
  switch (m_response.state) {
    case State::status_line:
      return head.bytes < k_status_line.bytes ? head : k_status_line;
    case State::header:
      return head;
    case State::chunk_size:
      return {k_max_chunk_digits + k_max_chunk_extension_bytes + 2,
              "a line with a chunk's size that is too long"};
    case State::chunk_end:
      return {2, "a chunk that is longer than its size says"};
    case State::trailer:
      return {m_response.trailer_bytes, "trailers of more than 16 KiB"};
    case State::body:
    case State::body_until_close:
    case State::chunk_data:
      break;  // no lines
  }
  return {0, ""};
}

/// Takes what there is of the next line off `rest`, and uses the line if its end is there.
void Http1Parser::take_line(std::string_view& rest, ResponseSink& sink) {
  if (m_response.state == State::status_line && !begins_as_http1(m_line.size(), rest)) {
    break_off("the answer is not HTTP/1.1 or HTTP/1.0");
    return;
  }
  const std::size_t end = rest.find('\n');
  const std::string_view piece = rest.substr(0, end);
  const LineBound bound = line_bound();
  const std::size_t bytes = m_line.size() + piece.size() + 1;
  // Before the line is looked at, so that it depends on no cut which of its faults is found.
  if (bytes > bound.bytes) {
    break_off(bound.problem);
    return;
  }
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (end == std::string_view::npos) {
    m_line.append(piece);
    return;
  }
  if (m_response.state == State::status_line || m_response.state == State::header) {
    m_response.head_bytes -= bytes;
  } else if (m_response.state == State::trailer) {
    m_response.trailer_bytes -= bytes;
  }
  std::string_view line = piece;
  if (!m_line.empty()) {
    line = m_line.append(piece);
  }
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  use_line(line, sink);
  m_line.clear();
}

void Http1Parser::use_line(std::string_view line, ResponseSink& sink) {
  switch (m_response.state) {
    case State::status_line:
      use_status_line(line);
      break;
    case State::header:
      use_header(line, sink);
      break;
    case State::chunk_size:
      use_chunk_size(line);
      break;
    case State::chunk_end:
      m_response.state = State::chunk_size;
      if (!line.empty()) {
        break_off("a chunk that is longer than its size says");
      }
      break;
    case State::trailer:
      use_trailer(line);
      break;
    case State::body:
    case State::body_until_close:
    case State::chunk_data:
      break;  // no lines
  }
}

void Http1Parser::use_status_line(std::string_view line) {
  constexpr int k_switching_protocols = 101;
  const auto parsed = parse_status_line(line);
  if (!parsed) {
    break_off(parsed.error().message);
    return;
  }
  m_response.minor_version = parsed->minor_version;
  m_response.head.status = parsed->status;
  m_response.state = State::header;
  if (parsed->status == k_switching_protocols) {
    break_off("the server switches to another protocol without being asked (status 101)");
  }
}

void Http1Parser::use_header(std::string_view line, ResponseSink& sink) {
  if (line.empty()) {
    end_head(sink);
    return;
  }
  if (m_response.header_lines == 0) {
    break_off("more than 512 headers");
    return;
  }
  --m_response.header_lines;
  auto header = parse_field_line(line);
  if (!header) {
    break_off(header.error().message);
    return;
  }
  m_response.head.headers.push_back(std::move(*header));
}

void Http1Parser::end_head(ResponseSink& sink) {
  constexpr int k_first_final_status = 200;
  if (m_response.head.status < k_first_final_status) {
    if (m_response.interim_responses == 0) {
      break_off("more than 16 interim responses (1xx)");
      return;
    }
    --m_response.interim_responses;
    m_response.head = ResponseHead();
    m_response.state = State::status_line;
    return;
  }
  const auto framing = framing_of(m_response.minor_version, m_response.head);
  if (!framing) {
    break_off(framing.error().message);
    return;
  }
  // The memory of a long header that was cut must not stay for as long as the body streams.
  m_line.clear();
  m_line.shrink_to_fit();
  m_response.framing = *framing;
  m_response.body_left = framing->length.value_or(0);
  if (framing->chunked) {
    m_response.state = State::chunk_size;
  } else if (!framing->length) {
    m_response.state = State::body_until_close;
  } else if (m_response.body_left > 0) {
    m_response.state = State::body;
  } else {
    m_response.progress = Progress::complete;
  }
  sink.on_head(std::exchange(m_response.head, {}));
}

void Http1Parser::use_chunk_size(std::string_view line) {
  const auto parsed = parse_chunk_line(line);
  if (!parsed) {
    break_off(parsed.error().message);
    return;
  }
  if (parsed->extension_bytes > m_response.extension_bytes) {
    break_off("chunks with extensions of more than 64 KiB in all");
    return;
  }
  m_response.extension_bytes -= parsed->extension_bytes;
  m_response.body_left = parsed->size;
  m_response.state = parsed->size > 0 ? State::chunk_data : State::trailer;
}

void Http1Parser::use_trailer(std::string_view line) {
  if (line.empty()) {
    m_response.progress = Progress::complete;
    return;
  }
  if (m_response.trailer_lines == 0) {
    break_off("more than 64 trailers");
    return;
  }
  --m_response.trailer_lines;
  if (const auto trailer = parse_field_line(line); !trailer) {
    break_off(trailer.error().message);
  }
}

void Http1Parser::take_body(std::string_view& rest, ResponseSink& sink) {
  if (m_response.state == State::body_until_close) {
    sink.on_body(std::exchange(rest, {}));
    return;
  }
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(m_response.body_left, rest.size()));
  const std::string_view piece = rest.substr(0, size);
  rest.remove_prefix(size);
  m_response.body_left -= size;
  if (m_response.body_left == 0) {
    if (m_response.state == State::chunk_data) {
      m_response.state = State::chunk_end;
    } else {
      m_response.progress = Progress::complete;
    }
  }
  sink.on_body(piece);
}

void Http1Parser::break_off(std::string problem) {
  m_response.progress = Progress::broken;
  m_problem = std::move(problem);
}

}  // namespace inferometer::transport::http
