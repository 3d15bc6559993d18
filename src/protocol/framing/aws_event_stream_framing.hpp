#pragma once

#include "protocol/framing/frame.hpp"
#include "wire/aws_event_stream.hpp"

#include <string_view>

namespace inferometer::protocol {

/// AWS' event stream as frames: the type is the header `:event-type`, the data the payload. An
/// exception or an error is a frame marked so, whose type is the exception's name or the error's
/// code. Source: AWS' "Event stream encoding" and the errors of ConverseStream in the Amazon
/// Bedrock API Reference.
class AwsEventStreamFraming {
 public:
  /// False once the bytes were no such stream; nothing is taken any more then.
  [[nodiscard]] bool feed(std::string_view bytes, const FrameFunction& emit);

  /// The stream has ended; false if that was within a message, of which nothing is given.
  [[nodiscard]] bool finish(const FrameFunction& emit) const;

  /// Whether no part of an unfinished message is held.
  [[nodiscard]] bool at_boundary() const { return !m_parser.inside_message(); }

  /// Why feed() or finish() was false.
  [[nodiscard]] std::string_view problem() const;

 private:
  wire::EventStreamParser m_parser;
};

}  // namespace inferometer::protocol
