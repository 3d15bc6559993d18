#pragma once

#include "measure/outcome.hpp"
#include "protocol/cuts.hpp"
#include "protocol/protocol.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// A decoder's events as short texts, to compare whole streams at a glance.
namespace inferometer::protocol {

using Texts = std::vector<std::string>;

/// What the event says, in the order of its members; "-" where it says nothing. Usage reads
/// input/cached/output/reasoning, "-" for what was not reported.
inline std::string describe(const Event& event) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text.append(text.empty() ? "" : " ").append(part);
  };
  if (!event.content.empty()) {
    add("content=" + std::string(event.content));
  }
  if (!event.reasoning.empty()) {
    add("reasoning=" + std::string(event.reasoning));
  }
  if (event.reasoned && event.reasoning.empty()) {
    add("reasoned");
  }
  if (event.refusal) {
    add("refusal");
  }
  if (event.finish_reason) {
    add("finish=" + std::string(measure::to_string(*event.finish_reason)));
  }
  if (event.usage) {
    const auto count = [](std::optional<std::uint64_t> given) {
      return given ? std::to_string(*given) : "-";
    };
    add("usage=" + count(event.usage->input) + '/' + count(event.usage->cached_input) + '/' +
        count(event.usage->output) + '/' + count(event.usage->reasoning));
  }
  if (event.error) {
    add(std::string(measure::to_string(event.error->outcome)) + ": " + event.error->message);
  }
  if (event.terminator) {
    add("done");
  }
  return text.empty() ? "-" : text;
}

/// A protocol's make_stream_decoder or make_body_decoder.
using MakeDecoder = std::unique_ptr<Decoder> (*)();

/// All events of a body that arrives in these pieces.
inline Texts decode(MakeDecoder make_decoder, const std::vector<std::string_view>& pieces) {
  Texts events;
  const auto emit = [&events](const Event& event) { events.push_back(describe(event)); };
  const std::unique_ptr<Decoder> decoder = make_decoder();
  for (const std::string_view piece : pieces) {
    decoder->feed(piece, emit);
  }
  decoder->finish(emit);
  return events;
}

inline Texts decode(MakeDecoder make_decoder, std::string_view body) {
  return decode(make_decoder, std::vector{body});
}

/// Whole, in two at every place, and byte by byte.
inline void check_however_cut(MakeDecoder make_decoder, std::string_view body,
                              const Texts& expected) {
  for (const auto& pieces : cuts(body)) {
    CAPTURE(pieces.front().size());
    CHECK(decode(make_decoder, pieces) == expected);
  }
}

/// The same with each of the line ends that SSE allows in the place of the stream's own LF.
inline void check_however_cut_and_ended(MakeDecoder make_decoder, std::string_view stream,
                                        const Texts& expected) {
  for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
    CAPTURE(line_end.size());
    check_however_cut(make_decoder, with_line_ends(stream, line_end), expected);
  }
}

/// One data-only frame.
inline std::string frame(std::string_view data) {
  return "data: " + std::string(data) + "\n\n";
}

/// One frame with a type.
inline std::string frame(std::string_view type, std::string_view data) {
  return "event: " + std::string(type) + '\n' + frame(data);
}

inline const std::string k_done = frame("[DONE]");

/// A file of tests/data/probe: a stream made by hand after what the vendor documents and what its
/// traffic shows.
inline std::string read_stream(const std::string& file_name) {
  std::ifstream file(INFEROMETER_SOURCE_DIR "/tests/data/protocol/" + file_name, std::ios::binary);
  REQUIRE(file);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace inferometer::protocol

/// Lets a failed check print the events.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& texts) {
    std::string line;
    for (const std::string& text : texts) {
      line.append(line.empty() ? "" : " | ").append(text.substr(0, 200));
    }
    return {line.c_str(), static_cast<unsigned>(line.size())};
  }
};
