#pragma once

#include "wire/aws_event_stream.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Messages of AWS' event stream as Bedrock sends them.
namespace inferometer::protocol {

inline std::string message(const std::vector<wire::EventStreamHeader>& headers,
                           std::string_view payload) {
  return wire::encode_event_stream_message(headers, payload);
}

inline std::string event_message(std::string_view type, std::string_view payload) {
  return message(
      {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}},
      payload);
}

inline std::string exception_message(std::string_view type, std::string_view payload) {
  return message({{":exception-type", type},
                  {":content-type", "application/json"},
                  {":message-type", "exception"}},
                 payload);
}

}  // namespace inferometer::protocol
