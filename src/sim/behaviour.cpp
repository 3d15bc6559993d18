#include "sim/behaviour.hpp"

#include "sim/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace inferometer::sim {
namespace {

constexpr std::uint32_t k_most_tokens = 1'000'000;
constexpr std::uint32_t k_most_per_event = 100;

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
constexpr std::array k_reasoning_fields{
    Name<ReasoningField>{"reasoning_content", ReasoningField::reasoning_content},
    Name<ReasoningField>{"reasoning", ReasoningField::reasoning},
    Name<ReasoningField>{"both", ReasoningField::both},
};
constexpr std::array k_line_endings{
    Name<LineEnding>{"lf", LineEnding::lf},
    Name<LineEnding>{"crlf", LineEnding::crlf},
    Name<LineEnding>{"cr", LineEnding::cr},
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
              return assign(parse_count(v, 0, k_most_tokens), b.output_tokens);
            }},
    Setting{"x-sim-tokens-per-chunk", "1 to 100", "tokens in one content event",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_count(v, 1, k_most_per_event), b.tokens_per_chunk);
            }},
    Setting{"x-sim-reasoning-tokens", "0 to 1000000", "how many of the tokens are reasoning",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_count(v, 0, k_most_tokens), b.reasoning_tokens);
            }},
    Setting{
        "x-sim-reasoning-field", "reasoning_content, reasoning, both", "where reasoning text is",
        [](Behaviour& b, std::string_view v) {
          return assign(parse_name(k_reasoning_fields, "reasoning field", v), b.reasoning_field);
        }},
    Setting{"x-sim-usage", "trailing, finish, every, trailing_choice, x_groq, none",
            "where the usage is",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_usage_placements, "usage placement", v), b.usage);
            }},
    Setting{"x-sim-role", "with_first_token, early", "when the role chunk comes",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_role_chunks, "role placement", v), b.role);
            }},
    Setting{"x-sim-head", "immediate, with_first_token", "when the response's head comes",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_head_timings, "head timing", v), b.head);
            }},
    Setting{"x-sim-line-ending", "lf, crlf, cr", "line ending of the event stream",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_name(k_line_endings, "line ending", v), b.line_ending);
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
    Setting{"x-sim-fault", "a fault's name", "what goes wrong with the answer",
            [](Behaviour& b, std::string_view v) { return assign(parse_fault(v), b.fault); }},
    Setting{"x-sim-fault-rate", "fault=rate,...", "what goes wrong with a share of the answers",
            [](Behaviour& b, std::string_view v) {
              return assign(parse_fault_rates(v), b.fault_rates);
            }},
};

}  // namespace

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
