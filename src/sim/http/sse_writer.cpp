#include "sim/http/sse_writer.hpp"

#include <fmt/format.h>

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

}  // namespace inferometer::sim
