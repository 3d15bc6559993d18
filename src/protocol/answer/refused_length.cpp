#include "protocol/answer/refused_length.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace inferometer::protocol {
namespace {

/// A number stands directly between the two texts, which are in lower case.
struct NumberPlace {
  std::string_view before;
  std::string_view after;
};

/// As the vendors write it; what they have in common comes first. A number that is only a lower
/// bound ("at least", as vLLM stops counting where the window ends) or an estimate ("about") stands
/// in none of these.
constexpr std::array k_places{
    NumberPlace{"", " in the messages"},     // OpenAI, vLLM, DeepSeek: "(3703 in the messages, …"
    NumberPlace{"", " in your prompt"},      // their completions
    NumberPlace{"resulted in ", " tokens"},  // OpenAI: "your messages resulted in …"
    NumberPlace{"request has ", " input tokens"},        // vLLM
    NumberPlace{"you passed ", " input tokens"},         // vLLM
    NumberPlace{"prompt (length ", ")"},                 // vLLM
    NumberPlace{"(total length ", ")"},                  // vLLM
    NumberPlace{"input prompt (", " tokens)"},           // vLLM
    NumberPlace{"", " tokens from the input messages"},  // SGLang
    NumberPlace{"the input (", " tokens)"},              // SGLang
    NumberPlace{"prompt is too long: ", " tokens"},      // Anthropic, also through Bedrock
    NumberPlace{"exceed context limit: ", " +"},         // Anthropic, with max_tokens behind it
    NumberPlace{"input token count (", ")"},             // Gemini
    NumberPlace{"input token count is ", " "},           // Vertex AI
    NumberPlace{"request (", " tokens)"},                // llama.cpp
    NumberPlace{"given: ", ""},                          // TGI
    NumberPlace{"prompt contains ", " tokens"},          // Mistral
    NumberPlace{"request contains ", " tokens"},         // xAI
};

/// The number that `text` begins with, and what follows it; commas may group its digits. No value
/// if it begins with none or with more than any prompt has.
struct Number {
  std::uint64_t value = 0;
  std::string_view rest;
};
std::optional<Number> take_number(std::string_view text) {
  constexpr std::size_t k_most_digits = 10;
  std::uint64_t value = 0;
  std::size_t digits = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool groups =
        text[at] == ',' && digits > 0 && at + 1 < text.size() && base::is_digit(text[at + 1]);
    if (groups) {
      continue;
    }
    if (!base::is_digit(text[at])) {
      break;
    }
    value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
    if (++digits > k_most_digits) {
      return std::nullopt;
    }
  }
  return digits > 0 ? std::optional(Number{value, text.substr(at)}) : std::nullopt;
}

/// The number that ends where `text` ends.
std::optional<std::uint64_t> last_number(std::string_view text) {
  const auto end = text.find_last_not_of("0123456789,");
  const auto number = take_number(end == std::string_view::npos ? text : text.substr(end + 1));
  return number && number->rest.empty() ? std::optional(number->value) : std::nullopt;
}

std::optional<std::uint64_t> number_at(std::string_view message, const NumberPlace& place) {
  const std::string_view mark = place.before.empty() ? place.after : place.before;
  for (std::size_t at = message.find(mark); at != std::string_view::npos;
       at = message.find(mark, at + 1)) {
    if (place.before.empty()) {
      if (const auto number = last_number(message.substr(0, at))) {
        return number;
      }
      continue;
    }
    const auto number = take_number(message.substr(at + mark.size()));
    if (number && number->rest.starts_with(place.after)) {
      return number->value;
    }
  }
  return std::nullopt;
}

/// vLLM counts no further than one token past what would fit, and some versions give that for the
/// count.
bool is_where_counting_stops(std::string_view message, std::uint64_t tokens) {
  const auto most = number_at(message, {"maximum input length of ", " tokens"});
  return most && tokens == *most + 1;
}

}  // namespace

std::optional<std::uint64_t> refused_input_tokens(const ErrorFields& fields) {
  if (fields.input_tokens) {
    return fields.input_tokens;
  }
  const std::string message = base::to_lower(fields.message);
  for (const NumberPlace& place : k_places) {
    if (const auto tokens = number_at(message, place)) {
      return is_where_counting_stops(message, *tokens) ? std::nullopt : tokens;
    }
  }
  return std::nullopt;
}

}  // namespace inferometer::protocol
