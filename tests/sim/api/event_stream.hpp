#pragma once

#include "wire/aws_event_stream.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Reads AWS' event streams for the tests of the simulator.
namespace inferometer::sim::testing {

struct Message {
  std::string kind;  ///< `event` or `exception`
  std::string type;
  std::string payload;
};

struct EventStream {
  std::vector<Message> messages;
  bool whole = false;  ///< no message was broken or cut
};

inline EventStream read_event_stream(std::string_view bytes) {
  EventStream stream;
  wire::EventStreamParser parser;
  const bool good = parser.feed(bytes, [&stream](const wire::EventStreamMessage& message) {
    const std::string kind(message.header(":message-type").value_or(""));
    const char* const type = kind == "exception" ? ":exception-type" : ":event-type";
    stream.messages.push_back({.kind = kind,
                               .type = std::string(message.header(type).value_or("")),
                               .payload = std::string(message.payload())});
  });
  stream.whole = good && !parser.inside_message();
  return stream;
}

}  // namespace inferometer::sim::testing
