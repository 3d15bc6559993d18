#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

// One stream of each server that differs, in tests/data/probe: hand-made after what the vendors
// document and what their traffic shows.

using namespace inferometer::protocol;
using nlohmann::json;

namespace {

struct Vendor {
  std::string name;
  Texts events;
};

const std::vector<Vendor>& vendors() {
  static const std::vector<Vendor> k_vendors{
      {"openai", {"-", "content=Hel", "content=lo", "finish=stop", "usage=8/3/2/0", "done"}},
      {"azure", {"-", "-", "content=Hello", "-", "finish=stop", "usage=8/-/1/-", "done"}},
      {"vllm",
       {"usage=8/-/0/-", "content=Hello,  usage=8/-/2/-", "content=world usage=8/-/3/-",
        "finish=length usage=8/-/3/-", "usage=8/-/3/-", "done"}},
      {"sglang",
       {"-", "reasoning=Hm.", "content=Hello", "finish=stop", "-", "-", "usage=9/-/5/2", "done"}},
      {"tgi", {"content=Hel", "content=lo", "finish=stop", "usage=7/-/3/-", "done"}},
      {"llamacpp",
       {"-", "-", "reasoning=So", "content=Hello", "finish=stop", "usage=12/-/2/-", "done"}},
      {"deepseek",
       {"-", "reasoning=We ", "reasoning=think", "content=Hel", "content=lo",
        "finish=stop usage=20/16/12/10", "done"}},
      {"openrouter",
       {"reasoning=Hm", "content=Hel", "content=lo", "finish=stop", "finish=stop",
        "finish=stop usage=14/0/4/1", "done"}},
      {"groq", {"-", "reasoning=Hm", "content=Hello", "finish=stop usage=11/-/3/-", "done"}},
      {"xai",
       {"reasoning=First", "content=Hel", "content=lo", "finish=stop", "usage=10/4/302/300",
        "done"}},
      {"together", {"content=Hel", "content=lo", "finish=stop usage=6/-/3/-", "done"}},
      {"zai", {"reasoning=Hm", "content=Hello", "finish=length usage=9/2/4/3", "done"}},
      {"ollama", {"reasoning=Hm", "content=Hello", "finish=stop", "usage=26/-/5/-", "done"}},
  };
  return k_vendors;
}

void check_streams(const std::vector<Vendor>& all) {
  for (const Vendor& vendor : all) {
    CAPTURE(vendor.name);
    check_however_cut_and_ended(openai_chat::make_stream_decoder, read_stream(vendor.name + ".sse"),
                                vendor.events);
  }
}

// ---- the five places of usage

enum class Place { trailing_empty, finish_chunk, every_chunk, trailing_choices, groq };

constexpr Place k_places[] = {Place::trailing_empty, Place::finish_chunk, Place::every_chunk,
                              Place::trailing_choices, Place::groq};

json with_member(json chunk, const char* name, json value) {
  chunk[name] = std::move(value);
  return chunk;
}

bool has_finish_reason(const json& chunk) {
  const json reason = chunk.value("/choices/0/finish_reason"_json_pointer, json());
  return reason.is_string() && !reason.get_ref<const std::string&>().empty();
}

/// The chunks of a vendor's stream without any usage.
std::vector<json> chunks_without_usage(const std::string& name) {
  std::vector<json> chunks;
  const std::string stream = "\n" + read_stream(name + ".sse");
  for (std::size_t at = stream.find("\ndata:"); at != std::string::npos;
       at = stream.find("\ndata:", at + 1)) {
    const std::size_t begin = at + 6;
    json chunk = json::parse(stream.substr(begin, stream.find('\n', begin) - begin), nullptr,
                             /*allow_exceptions=*/false);
    if (chunk.is_object() && chunk.contains("model") && !chunk.at("choices").empty()) {
      chunk.erase("usage");
      chunk.erase("x_groq");
      chunks.push_back(std::move(chunk));
    }
  }
  return chunks;
}

std::string with_usage(const std::vector<json>& chunks, Place place) {
  const json usage{{"prompt_tokens", 8}, {"completion_tokens", 5}, {"total_tokens", 13}};
  const json early{{"prompt_tokens", 8}, {"completion_tokens", 1}, {"total_tokens", 9}};
  std::string stream;
  for (const json& chunk : chunks) {
    json sent = chunk;
    if (has_finish_reason(chunk)) {
      sent = place == Place::groq ? with_member(chunk, "x_groq", {{"usage", usage}})
             : place == Place::finish_chunk || place == Place::every_chunk
                 ? with_member(chunk, "usage", usage)
                 : chunk;
    } else if (place == Place::every_chunk) {
      sent["usage"] = early;
    }
    stream += frame(sent.dump());
  }
  if (place == Place::trailing_empty) {
    stream += frame(json{{"choices", json::array()}, {"usage", usage}}.dump());
  } else if (place == Place::trailing_choices) {
    stream += frame(with_member(chunks.back(), "usage", usage).dump());
  }
  return stream + k_done;
}

std::string last_usage(const Texts& events) {
  std::string usage;
  for (const std::string& event : events) {
    const std::size_t at = event.find("usage=");
    usage = at == std::string::npos ? usage : event.substr(at);
  }
  return usage;
}

}  // namespace

TEST_CASE("openai-chat: the stream of each vendor gives its events however it is cut") {
  check_streams(vendors());
}

TEST_CASE("openai-chat: the error in the stream of each vendor is reported") {
  check_streams({
      {"vllm_error",
       {"-", "content=Hello",
        "stream_error: error in the stream: EngineCore encountered an issue."}},
      {"sglang_error",
       {"-", "content=Hello", "stream_error: error in the stream: Internal server error"}},
      {"tgi_error", {"overloaded: error in the stream: Model is overloaded"}},
      {"llamacpp_error",
       {"-",
        "context_length: error in the stream: request (9000 tokens) exceeds the available "
        "context size (4096 tokens), try increasing it"}},
      {"openrouter_error",
       {"content=Hel", "stream_error: error in the stream: Provider disconnected unexpectedly"}},
      {"azure_error",
       {"-", "content=Hel", "content_filtered: error in the stream: The response was filtered"}},
      {"llamacpp_old_error",
       {"content=Hel", "stream_error: error in the stream: slot unavailable"}},
      {"openrouter_limit",
       {"content=Hel",
        "rate_limited: error in the stream: Provider returned error: slow down, please"}},
      {"groq_error",
       {"-", "content=Hel", "overloaded: error in the stream: Over capacity, please try again"}},
  });
}

TEST_CASE("openai-chat: usage is found in each of its five places in the stream of each vendor") {
  for (const Vendor& vendor : vendors()) {
    const std::vector<json> chunks = chunks_without_usage(vendor.name);
    REQUIRE(chunks.size() >= 2);
    for (const Place place : k_places) {
      CAPTURE(vendor.name);
      CAPTURE(static_cast<int>(place));
      const Texts events = decode(openai_chat::make_stream_decoder, with_usage(chunks, place));
      CHECK(last_usage(events) == "usage=8/-/5/-");
      CHECK(events.back() == "done");
    }
  }
}
