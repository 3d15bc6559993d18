#pragma once

#include "measure/outcome.hpp"
#include "probe/protocol/cuts.hpp"
#include "probe/protocol/openai_chat.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

/// A decoder's events as short texts, to compare whole streams at a glance.
namespace inferometer::probe::protocol {

using Texts = std::vector<std::string>;

/// What the event says, in the order of its members; "-" where it says nothing. Usage reads
/// input/cached/output/reasoning.
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
  if (event.refusal) {
    add("refusal");
  }
  if (event.finish_reason) {
    add("finish=" + std::string(measure::to_string(*event.finish_reason)));
  }
  if (event.usage) {
    add("usage=" + std::to_string(event.usage->input) + '/' +
        std::to_string(event.usage->cached_input) + '/' + std::to_string(event.usage->output) +
        '/' + std::to_string(event.usage->reasoning));
  }
  if (event.error) {
    add(std::string(measure::to_string(event.error->outcome)) + ": " + event.error->message);
  }
  if (event.terminator) {
    add("done");
  }
  return text.empty() ? "-" : text;
}

/// All events of an openai-chat stream that arrives in these pieces.
inline Texts decode(const std::vector<std::string_view>& pieces) {
  Texts events;
  const auto emit = [&events](const Event& event) { events.push_back(describe(event)); };
  const std::unique_ptr<Decoder> decoder = openai_chat::make_stream_decoder();
  for (const std::string_view piece : pieces) {
    decoder->feed(piece, emit);
  }
  decoder->finish(emit);
  return events;
}

inline Texts decode(std::string_view stream) {
  return decode(std::vector{stream});
}

inline void check_however_cut(std::string_view stream, const Texts& expected) {
  for (const auto& pieces : cuts(stream)) {
    CAPTURE(pieces.front().size());
    CHECK(decode(pieces) == expected);
  }
}

/// One data-only frame.
inline std::string frame(std::string_view data) {
  return "data: " + std::string(data) + "\n\n";
}

/// A frame with one choice that has this delta, and maybe more members behind the choices.
inline std::string delta(std::string_view members, std::string_view more = "") {
  return frame(R"({"choices":[{"index":0,"delta":{)" + std::string(members) + "}}]" +
               std::string(more) + "}");
}

inline const std::string k_done = frame("[DONE]");

}  // namespace inferometer::probe::protocol

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
