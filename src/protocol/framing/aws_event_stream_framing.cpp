#include "protocol/framing/aws_event_stream_framing.hpp"

namespace inferometer::protocol {
namespace {

Frame frame_of(const wire::EventStreamMessage& message) {
  const std::string_view kind = message.header(":message-type").value_or("event");
  if (kind == "exception") {
    return {.type = message.header(":exception-type").value_or(""),
            .data = message.payload(),
            .is_error = true};
  }
  if (kind == "error") {  // all that it says is in its headers
    return {.type = message.header(":error-code").value_or(""),
            .data = message.header(":error-message").value_or(message.payload()),
            .is_error = true};
  }
  return {.type = message.header(":event-type").value_or(""), .data = message.payload()};
}

}  // namespace

bool AwsEventStreamFraming::feed(std::string_view bytes, const FrameFunction& emit) {
  return m_parser.feed(
      bytes, [&emit](const wire::EventStreamMessage& message) { emit(frame_of(message)); });
}

bool AwsEventStreamFraming::finish(const FrameFunction& /*emit*/) const {
  return m_parser.problem().empty() && !m_parser.inside_message();
}

std::string_view AwsEventStreamFraming::problem() const {
  return m_parser.problem().empty() ? "the stream ended within an event-stream message"
                                    : m_parser.problem();
}

}  // namespace inferometer::protocol
