#include "probe/protocol/openai_chat.hpp"

#include "probe/protocol/api_error.hpp"
#include "probe/protocol/sse.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace inferometer::probe::protocol::openai_chat {
namespace {

using measure::FinishReason;
using measure::Outcome;
using measure::TokenUsage;
using nlohmann::json;

// Servers are known to send lines of a megabyte; four times that without an end is a fault.
constexpr std::size_t k_max_event_bytes = 4UL * 1024 * 1024;

// A parsed value takes up to a hundred times the memory of its text, and time to match.
constexpr std::ptrdiff_t k_max_values = 100'000;

bool has_too_many_values(std::string_view data) {
  return std::count_if(data.begin(), data.end(),
                       [](char c) { return c == '[' || c == '{' || c == ','; }) > k_max_values;
}

/// The member if it is there and not null, otherwise a null pointer: servers leave members out or
/// send them as null, and mean the same.
const json* member(const json& object, const char* name) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string_view text(const json& object, const char* name) {
  const json* value = member(object, name);
  return value != nullptr && value->is_string()
             ? std::string_view(value->get_ref<const std::string&>())
             : std::string_view();
}

/// 0 for what is no count of tokens; the bound keeps sums of counts far from an overflow.
std::uint64_t count(const json& object, const char* name) {
  constexpr std::uint64_t k_max_count = 1'000'000'000'000;
  const json* value = member(object, name);
  const auto number =
      value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
  return number <= k_max_count ? number : 0;
}

std::optional<TokenUsage> read_usage(const json& chunk) {
  const json* usage = member(chunk, "usage");
  if (usage == nullptr) {
    const json* groq = member(chunk, "x_groq");
    usage = groq != nullptr ? member(*groq, "usage") : nullptr;
  }
  if (usage == nullptr || !usage->is_object()) {
    return std::nullopt;
  }
  TokenUsage tokens;
  tokens.input = count(*usage, "prompt_tokens");
  tokens.output = count(*usage, "completion_tokens");
  tokens.cached_input = count(*usage, "prompt_cache_hit_tokens");
  if (const json* details = member(*usage, "prompt_tokens_details")) {
    tokens.cached_input = std::max(tokens.cached_input, count(*details, "cached_tokens"));
  }
  tokens.reasoning = count(*usage, "reasoning_tokens");
  if (const json* details = member(*usage, "completion_tokens_details")) {
    tokens.reasoning = std::max(tokens.reasoning, count(*details, "reasoning_tokens"));
  }
  // xAI counts reasoning beside the completion, everyone else within it; the total tells which.
  if (tokens.reasoning > 0 &&
      count(*usage, "total_tokens") == tokens.input + tokens.output + tokens.reasoning) {
    tokens.output += tokens.reasoning;
  }
  return tokens;
}

std::optional<FinishReason> read_finish_reason(std::string_view reason) {
  struct Entry {
    std::string_view text;
    FinishReason reason;
  };
  static constexpr std::array k_reasons{
      Entry{"length", FinishReason::length},
      Entry{"tool_calls", FinishReason::tool_calls},
      Entry{"function_call", FinishReason::tool_calls},
      Entry{"content_filter", FinishReason::content_filter},
      Entry{"error", FinishReason::error},
      Entry{"abort", FinishReason::error},
      Entry{"aborted", FinishReason::error},
      Entry{"insufficient_system_resource", FinishReason::error},
  };
  if (reason.empty()) {  // TGI sends "" where others send null
    return std::nullopt;
  }
  for (const Entry& entry : k_reasons) {
    if (entry.text == reason) {
      return entry.reason;
    }
  }
  // "stop" and its many names (eos, eos_token, stop_sequence, repetition, …).
  return FinishReason::stop;
}

std::optional<ErrorFields> read_error(const json& chunk) {
  std::optional<ErrorFields> error = error_fields(chunk);
  if (!error) {
    const json* groq = member(chunk, "x_groq");
    error = groq != nullptr ? error_fields(*groq) : std::nullopt;
  }
  return error;
}

class ChatDecoder final : public Decoder {
 public:
  void feed(std::string_view bytes, const EventFunction& emit) override {
    if (m_ended) {
      return;
    }
    const bool taken =
        m_sse.feed(bytes, [this, &emit](const SseEvent& event) { take(event, emit); });
    if (!taken && !m_ended) {
      fail("an event of more than 4 MiB", emit);
    }
  }

  void finish(const EventFunction& emit) override {
    m_finishing = true;
    m_sse.finish([this, &emit](const SseEvent& event) { take(event, emit); });
  }

 private:
  void take(const SseEvent& sse, const EventFunction& emit) {
    if (m_ended) {
      return;
    }
    const bool is_error = sse.type == "error";
    if (!sse.type.empty() && sse.type != "message" && !is_error) {
      emit(Event{});  // a server's own event (SGLang's sglext_ids): it is no content
      return;
    }
    if (sse.data.starts_with("[DONE]")) {
      m_ended = true;
      Event event;
      event.terminator = true;
      emit(event);
      return;
    }
    if (sse.data.find_first_not_of(" \t\n") == std::string_view::npos) {
      emit(Event{});
      return;
    }
    if (has_too_many_values(sse.data)) {
      fail("an event of more than 100,000 values", emit);
      return;
    }
    const json chunk = json::parse(sse.data, nullptr, /*allow_exceptions=*/false);
    if (const std::optional<ErrorFields> error = read_error(chunk)) {
      report(*error, emit);
    } else if (is_error) {
      ErrorFields fields = fields_of_error(chunk);
      fields.message = fields.message.empty() ? std::string(sse.data) : fields.message;
      report(fields, emit);
    } else if (chunk.is_object()) {
      take_chunk(chunk, emit);
    } else if (!m_finishing) {  // otherwise the end of the body cut it off
      fail("an event is not a JSON object in valid UTF-8", emit);
    }
  }

  void take_chunk(const json& chunk, const EventFunction& emit) {
    m_content.clear();
    m_reasoning.clear();
    Event event;
    if (const json* choices = member(chunk, "choices"); choices != nullptr && choices->is_array()) {
      for (const json& choice : *choices) {
        if (const json* delta = member(choice, "delta")) {
          take_delta(*delta, event);
        }
        if (const auto reason = read_finish_reason(text(choice, "finish_reason"))) {
          event.finish_reason = reason;
        }
      }
    }
    event.usage = read_usage(chunk);
    event.content = m_content;
    event.reasoning = m_reasoning;
    emit(event);
  }

  void take_delta(const json& delta, Event& event) {
    m_content.append(text(delta, "content"));
    const std::string_view reasoning = text(delta, "reasoning_content");
    m_reasoning.append(reasoning.empty() ? text(delta, "reasoning") : reasoning);
    if (const std::string_view refusal = text(delta, "refusal"); !refusal.empty()) {
      m_content.append(refusal);
      event.refusal = true;
    }
    if (const json* function = member(delta, "function_call")) {
      m_content.append(text(*function, "arguments"));
    }
    if (const json* calls = member(delta, "tool_calls"); calls != nullptr && calls->is_array()) {
      for (const json& call : *calls) {
        if (const json* function = member(call, "function")) {
          m_content.append(text(*function, "arguments"));
        }
      }
    }
  }

  void report(const ErrorFields& fields, const EventFunction& emit) {
    m_ended = true;
    Event event;
    event.error = classify_stream_error(fields);
    emit(event);
  }

  void fail(std::string_view what, const EventFunction& emit) {
    m_ended = true;
    Event event;
    event.error = ApiError{Outcome::protocol_error, std::string(what)};
    emit(event);
  }

  SseParser m_sse{k_max_event_bytes};
  std::string m_content;
  std::string m_reasoning;
  bool m_finishing = false;  // the body has ended
  bool m_ended = false;      // after the terminator or an error nothing counts
};

}  // namespace

HttpRequest make_request(const Generation& generation) {
  json body{
      {"model", generation.model},
      {"messages", json::array({{{"role", "user"}, {"content", generation.prompt}}})},
      {"stream", true},
      {"stream_options", {{"include_usage", true}}},
      {generation.max_tokens_parameter, generation.max_output_tokens},
  };
  if (generation.temperature) {
    body["temperature"] = *generation.temperature;
  }
  return {.path = "/chat/completions",
          .headers = {{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}},
          .body = body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

std::unique_ptr<Decoder> make_decoder() {
  return std::make_unique<ChatDecoder>();
}

}  // namespace inferometer::probe::protocol::openai_chat
