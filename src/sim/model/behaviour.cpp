#include "sim/model/behaviour.hpp"

#include "sim/model/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace inferometer::sim {
namespace {

struct DialectDefaults {
  UsagePlacement usage;
  RoleChunk role;
  ReasoningField reasoning_field;
  bool comments = false;
};

DialectDefaults dialect_defaults(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai:
    case Dialect::azure:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::none};
    case Dialect::vllm:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::with_first_token,
              .reasoning_field = ReasoningField::reasoning};
    case Dialect::sglang:
    case Dialect::tgi:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::with_first_token,
              .reasoning_field = ReasoningField::reasoning_content};
    case Dialect::llamacpp:
      return {.usage = UsagePlacement::trailing,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::reasoning_content};
    case Dialect::deepseek:
      return {.usage = UsagePlacement::finish,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::reasoning_content};
    case Dialect::openrouter:
      return {.usage = UsagePlacement::trailing_choice,
              .role = RoleChunk::with_first_token,
              .reasoning_field = ReasoningField::reasoning,
              .comments = true};
    case Dialect::groq:
      return {.usage = UsagePlacement::x_groq,
              .role = RoleChunk::early,
              .reasoning_field = ReasoningField::reasoning};
  }
  return {};
}

UsageParts native_parts(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai:
    case Dialect::azure:
    case Dialect::deepseek:
    case Dialect::openrouter:
      return {.cached_input = true, .reasoning = true};
    case Dialect::sglang:
      return {.cached_input = false, .reasoning = true};
    case Dialect::vllm:
    case Dialect::tgi:
    case Dialect::llamacpp:
    case Dialect::groq:
      return {.cached_input = false, .reasoning = false};
  }
  return {};
}

constexpr std::uint32_t k_most_per_event = 100;
constexpr std::uint32_t k_most_template_tokens = 1000;
constexpr std::uint32_t k_largest_window = 100'000'000;
constexpr double k_most_bytes_per_token = 16;

constexpr std::array k_head_timings{
    Name<HeadTiming>{"immediate", HeadTiming::immediate},
    Name<HeadTiming>{"with_first_token", HeadTiming::with_first_token},
};
constexpr std::array k_role_chunks{
    Name<RoleChunk>{"with_first_token", RoleChunk::with_first_token},
    Name<RoleChunk>{"early", RoleChunk::early},
};
constexpr std::array k_usage_placements{
    Name<UsagePlacement>{"trailing", UsagePlacement::trailing},
    Name<UsagePlacement>{"finish", UsagePlacement::finish},
    Name<UsagePlacement>{"every", UsagePlacement::every},
    Name<UsagePlacement>{"trailing_choice", UsagePlacement::trailing_choice},
    Name<UsagePlacement>{"x_groq", UsagePlacement::x_groq},
    Name<UsagePlacement>{"none", UsagePlacement::none},
};
constexpr std::array k_usage_details{
    Name<UsageDetails>{"native", UsageDetails::native},
    Name<UsageDetails>{"all", UsageDetails::all},
    Name<UsageDetails>{"none", UsageDetails::none},
};
constexpr std::array k_reasoning_fields{
    Name<ReasoningField>{"reasoning_content", ReasoningField::reasoning_content},
    Name<ReasoningField>{"reasoning", ReasoningField::reasoning},
    Name<ReasoningField>{"both", ReasoningField::both},
    Name<ReasoningField>{"none", ReasoningField::none},
};
constexpr std::array k_line_endings{
    Name<LineEnding>{"native", LineEnding::native},
    Name<LineEnding>{"lf", LineEnding::lf},
    Name<LineEnding>{"crlf", LineEnding::crlf},
    Name<LineEnding>{"cr", LineEnding::cr},
};
constexpr std::array k_dialects{
    Name<Dialect>{"openai", Dialect::openai},     Name<Dialect>{"azure", Dialect::azure},
    Name<Dialect>{"vllm", Dialect::vllm},         Name<Dialect>{"sglang", Dialect::sglang},
    Name<Dialect>{"tgi", Dialect::tgi},           Name<Dialect>{"llamacpp", Dialect::llamacpp},
    Name<Dialect>{"deepseek", Dialect::deepseek}, Name<Dialect>{"openrouter", Dialect::openrouter},
    Name<Dialect>{"groq", Dialect::groq},
};
constexpr std::array k_switches{Name<bool>{"on", true}, Name<bool>{"off", false}};

base::Result<std::uint32_t> parse_count(std::string_view text, std::uint32_t least,
                                        std::uint32_t most) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < least || count > most) {
    return base::fail(fmt::format("'{}' is not a whole number from {} to {}", text, least, most));
  }
  return count;
}

base::Result<double> parse_decimal(std::string_view text, double least, double most) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(number >= least && number <= most)) {
    return base::fail(fmt::format("'{}' is not a number from {} to {}", text, least, most));
  }
  return number;
}

base::Result<Writes> parse_writes(std::string_view text) {
  if (text == "bytes") {
    return Writes{.bytewise = true};
  }
  return parse_count(text, 1, k_most_per_event).map([](std::uint32_t events) {
    return Writes{.events = events};
  });
}

template <typename Value, typename Member>
base::Result<void> assign(base::Result<Value> value, Member& member) {
  return std::move(value).map([&member](Value good) { member = std::move(good); });
}

constexpr std::array k_settings{
    Setting{"x-sim-ttft", "50ms or p50/p95/p99", "time to first token",
            [](Behaviour& b, std::string_view v) { return assign(parse_distribution(v), b.ttft); }},
    Setting{"x-sim-itl", "20ms or p50/p95/p99", "time between two content events",
            [](Behaviour& b, std::string_view v) { return assign(parse_distribution(v), b.itl); }},
    Setting{"x-sim-output-tokens", "0 to 1000000", "where the model would stop by itself",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_count(v, 0, k_most_output_tokens), b.output_tokens);
            }},
    Setting{"x-sim-tokens-per-chunk", "1 to 100", "tokens in one content event",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_count(v, 1, k_most_per_event), b.tokens_per_chunk);
            }},
    Setting{"x-sim-reasoning-tokens", "0 to 1000000", "how many of the tokens are reasoning",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_count(v, 0, k_most_output_tokens), b.reasoning_tokens);
            }},
    Setting{"x-sim-reasoning-field", "reasoning_content, reasoning, both, none",
            "where reasoning text is",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_reasoning_fields, "reasoning field", v),
                            b.reasoning_field);
            }},
    Setting{"x-sim-usage", "trailing, finish, every, trailing_choice, x_groq, none",
            "where the usage is",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_usage_placements, "usage placement", v), b.usage);
            }},
    Setting{"x-sim-usage-details", "native, all, none",
            "whether the usage counts cached input and reasoning apart",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_usage_details, "kind of usage details", v),
                            b.usage_details);
            }},
    Setting{"x-sim-role", "with_first_token, early", "when the role chunk comes",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_role_chunks, "role placement", v), b.role);
            }},
    Setting{"x-sim-head", "immediate, with_first_token", "when the response's head comes",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_head_timings, "head timing", v), b.head);
            }},
    Setting{"x-sim-line-ending", "native, lf, crlf, cr", "line ending of the event stream",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_line_endings, "line ending", v), b.line_ending);
            }},
    Setting{"x-sim-dialect",
            "openai, azure, vllm, sglang, tgi, llamacpp, deepseek, openrouter, groq",
            "whose chat completions it is; sets usage, role, reasoning field and comments too",
            [](Behaviour& b, std::string_view v) {
              return parse_name(k_dialects, "dialect", v).map([&b](Dialect dialect) {
                adopt_dialect(b, dialect);
              });
            }},
    Setting{"x-sim-writes", "1 to 100, or bytes",
            "content events merged into one write, or each byte a write",
            [](Behaviour& b, std::string_view v) { return assign(parse_writes(v), b.writes); }},
    Setting{"x-sim-comments", "on, off", "SSE comments at once and before each content event",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_switches, "switch", v), b.comments);
            }},
    Setting{"x-sim-stamp", "on, off", "each content event carries its true send time",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_switches, "switch", v), b.stamp);
            }},
    Setting{
        "x-sim-content", "printable ASCII without quotes",
        "what the answer says, word by word and again from the start",
        [](Behaviour& b, std::string_view v) { return assign(AnswerText::given(v), b.content); }},
    Setting{"x-sim-bytes-per-token", "1 to 16", "bytes of prompt that make a token",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_decimal(v, 1, k_most_bytes_per_token),
                            b.tokenizer.bytes_per_token);
            }},
    Setting{"x-sim-template-tokens", "0 to 1000", "tokens that every prompt has besides its text",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_count(v, 0, k_most_template_tokens), b.tokenizer.template_tokens);
            }},
    Setting{"x-sim-context-window", "0 to 100000000",
            "most tokens of prompt and answer together, 0 for any number",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_count(v, 0, k_largest_window), b.context_window);
            }},
    Setting{"x-sim-prefix-cache", "on, off", "whether prompts are looked up and remembered",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_switches, "switch", v), b.prefix_cache);
            }},
    Setting{"x-sim-prefix-cache-speedup", "0 to 1",
            "share of the time to first token that a fully cached prompt saves",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_decimal(v, 0, 1), b.prefix_cache_speedup);
            }},
    Setting{"x-sim-rate-limits", "on, off", "responses tell what is left of the rate limits",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_switches, "switch", v), b.rate_limits);
            }},
    Setting{"x-sim-retry-after-on-success", "on, off", "a good answer has Retry-After too",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_switches, "switch", v), b.retry_after_on_success);
            }},
    Setting{"x-sim-fault", "a fault's name", "what goes wrong with the answer",
            [](Behaviour& b, std::string_view v) { return assign(parse_fault(v), b.fault); }},
    Setting{"x-sim-fault-rate", "fault=rate,...", "what goes wrong with a share of the answers",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_fault_rates(v), b.fault_rates);
            }},
};

}  // namespace

UsageParts usage_parts(const Behaviour& behaviour) {
  switch (behaviour.usage_details) {
    case UsageDetails::native:
      return native_parts(behaviour.dialect);
    case UsageDetails::all:
      return {.cached_input = true, .reasoning = true};
    case UsageDetails::none:
      return {.cached_input = false, .reasoning = false};
  }
  return {};
}

void adopt_dialect(Behaviour& behaviour, Dialect dialect) {
  const DialectDefaults own = dialect_defaults(dialect);
  behaviour.dialect = dialect;
  behaviour.usage = own.usage;
  behaviour.role = own.role;
  behaviour.reasoning_field = own.reasoning_field;
  behaviour.comments = own.comments;
}

std::span<const Setting> settings() {
  return k_settings;
}

base::Result<void> apply_setting(Behaviour& behaviour, std::string_view name,
                                 std::string_view value) {
  const auto setting = std::find_if(k_settings.begin(), k_settings.end(),
                                    [name](const Setting& row) { return row.header == name; });
  if (setting == k_settings.end()) {
    return base::fail(fmt::format("there is no setting '{}': use one of {}", name,
                                  list_names(k_settings, &Setting::header)));
  }
  return setting->apply(behaviour, value).map_error([name](const base::Error& error) {
    return base::Error{fmt::format("{}: {}", name, error.message)};
  });
}

}  // namespace inferometer::sim
