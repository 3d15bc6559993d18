#include "wire/aws_event_stream.hpp"

#include "fuzz/input.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Any bytes, cut anywhere, give the same messages; and what was encoded comes back, which is how
// the fuzzer gets past the checksums.

namespace {

using namespace inferometer;

struct Parsed {
  std::vector<std::string> messages;
  std::string problem;
  bool inside = false;

  bool operator==(const Parsed&) const = default;
};

Parsed parse(std::string_view bytes, std::size_t piece) {
  Parsed parsed;
  wire::EventStreamParser parser;
  const auto emit = [&parsed](const wire::EventStreamMessage& message) {
    parsed.messages.push_back(std::string(message.header(":event-type").value_or("none")) + '|' +
                              std::string(message.payload()));
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!parser.feed(bytes.substr(at, piece), emit)) {
      break;
    }
  }
  parsed.problem = parser.problem();
  parsed.inside = parsed.problem.empty() && parser.inside_message();
  return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t piece = input.byte() % 32U + 1;
  const std::size_t name_size = input.byte() % 64U;
  const std::string_view bytes = input.rest();
  fuzz::require(parse(bytes, bytes.size() + 1) == parse(bytes, piece));

  const std::string_view value = bytes.substr(0, name_size);
  const std::array headers{wire::EventStreamHeader{":event-type", value}};
  const std::string payload(bytes.substr(value.size()));
  const std::string encoded = wire::encode_event_stream_message(headers, payload);
  const Parsed decoded = parse(encoded, piece);
  fuzz::require(decoded.problem.empty() && !decoded.inside && decoded.messages.size() == 1 &&
                decoded.messages.front() == std::string(value) + '|' + payload);
  return 0;
}
