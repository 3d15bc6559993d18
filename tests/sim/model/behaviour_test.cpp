#include "sim/model/behaviour.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace inferometer::sim;

namespace {

/// The defaults with one setting applied; fails if it cannot be.
Behaviour with(std::string_view name, std::string_view value) {
  Behaviour behaviour;
  const auto applied = apply_setting(behaviour, name, value);
  if (!applied) {
    FAIL(applied.error().message);
  }
  return behaviour;
}

}  // namespace

TEST_CASE("each setting changes its own member") {
  CHECK(with("x-sim-ttft", "50ms").ttft->quantile(0.5) == 50ms);
  CHECK(with("x-sim-itl", "1ms/2ms/3ms").itl->quantile(0.95) == 2ms);
  CHECK(with("x-sim-output-tokens", "7").output_tokens == 7);
  CHECK(with("x-sim-tokens-per-chunk", "4").tokens_per_chunk == 4);
  CHECK(with("x-sim-reasoning-tokens", "3").reasoning_tokens == 3);
  CHECK(with("x-sim-reasoning-field", "both").reasoning_field == ReasoningField::both);
  CHECK(with("x-sim-usage", "trailing_choice").usage == UsagePlacement::trailing_choice);
  CHECK(with("x-sim-role", "early").role == RoleChunk::early);
  CHECK(with("x-sim-head", "with_first_token").head == HeadTiming::with_first_token);
  CHECK(with("x-sim-line-ending", "crlf").line_ending == LineEnding::crlf);
  CHECK(with("x-sim-dialect", "groq").dialect == Dialect::groq);
  CHECK(with("x-sim-writes", "5").writes.events == 5);
  CHECK(with("x-sim-writes", "bytes").writes.bytewise);
  CHECK(with("x-sim-comments", "on").comments);
  CHECK(with("x-sim-stamp", "on").stamp);
  CHECK(with("x-sim-bytes-per-token", "3.7").tokenizer.bytes_per_token == 3.7);
  CHECK(with("x-sim-template-tokens", "12").tokenizer.template_tokens == 12);
  CHECK(with("x-sim-context-window", "4096").context_window == 4096);
  CHECK(!with("x-sim-prefix-cache", "off").prefix_cache);
  CHECK(with("x-sim-prefix-cache-speedup", "0.75").prefix_cache_speedup == 0.75);
  CHECK(with("x-sim-rate-limits", "on").rate_limits);
  CHECK(with("x-sim-retry-after-on-success", "on").retry_after_on_success);
  std::string text;
  with("x-sim-content", "so it is").content.append(text, 0, 4);
  CHECK(text == "so it is so");
  CHECK(with("x-sim-fault", "reset").fault == Fault::reset);
  CHECK(with("x-sim-fault-rate", "reset=0.5").fault_rates.at(0).rate == 0.5);
}

TEST_CASE("the table has each setting once and all of them carry the prefix") {
  std::set<std::string_view> names;
  for (const Setting& setting : settings()) {
    CHECK(setting.header.starts_with(k_setting_prefix));
    CHECK(names.insert(setting.header).second);
    CHECK(!setting.values.empty());
    CHECK(!setting.summary.empty());
  }
  CHECK(names.size() == 25);
}

TEST_CASE("a bad value is refused by name and leaves the behaviour alone") {
  for (const auto& [header, text] : {std::pair("x-sim-ttft", "fast"),
                                     std::pair("x-sim-itl", "1ms/2ms"),
                                     std::pair("x-sim-output-tokens", "1000001"),
                                     std::pair("x-sim-output-tokens", "-1"),
                                     std::pair("x-sim-tokens-per-chunk", "0"),
                                     std::pair("x-sim-tokens-per-chunk", "101"),
                                     std::pair("x-sim-reasoning-tokens", "1.5"),
                                     std::pair("x-sim-usage", "nowhere"),
                                     std::pair("x-sim-writes", "0"),
                                     std::pair("x-sim-writes", "bytewise"),
                                     std::pair("x-sim-comments", "yes"),
                                     std::pair("x-sim-stamp", ""),
                                     std::pair("x-sim-content", "say \"no\""),
                                     std::pair("x-sim-bytes-per-token", "0.9"),
                                     std::pair("x-sim-bytes-per-token", "16.1"),
                                     std::pair("x-sim-bytes-per-token", "nan"),
                                     std::pair("x-sim-bytes-per-token", "4,5"),
                                     std::pair("x-sim-template-tokens", "1001"),
                                     std::pair("x-sim-context-window", "-1"),
                                     std::pair("x-sim-prefix-cache", "1"),
                                     std::pair("x-sim-prefix-cache-speedup", "1.01"),
                                     std::pair("x-sim-rate-limits", "yes"),
                                     std::pair("x-sim-retry-after-on-success", "2"),
                                     std::pair("x-sim-fault", "none"),
                                     std::pair("x-sim-fault-rate", "reset=2"),
                                     std::pair("x-sim-line-ending", "LF"),
                                     std::pair("x-sim-role", "late"),
                                     std::pair("x-sim-head", "late"),
                                     std::pair("x-sim-reasoning-field", "content")}) {
    const std::string name = header;
    const std::string value = text;
    CAPTURE(name);
    CAPTURE(value);
    Behaviour behaviour;
    const auto refused = apply_setting(behaviour, name, value);
    REQUIRE(!refused);
    CHECK(refused.error().message.starts_with(name));
    CHECK(behaviour.output_tokens == Behaviour().output_tokens);
    CHECK(!behaviour.ttft);
    CHECK(!behaviour.fault);
    CHECK(behaviour.writes.events == 1);
  }
}

TEST_CASE("an unknown setting is an error that lists the settings there are") {
  Behaviour behaviour;
  const auto unknown = apply_setting(behaviour, "x-sim-tfft", "1ms");
  REQUIRE(!unknown);
  CHECK(unknown.error().message.find("'x-sim-tfft'") != std::string::npos);
  CHECK(unknown.error().message.find("x-sim-ttft, x-sim-itl") != std::string::npos);
}

TEST_CASE("an unknown name of a value is an error that lists the names there are") {
  Behaviour behaviour;
  CHECK(apply_setting(behaviour, "x-sim-line-ending", "nl").error().message ==
        "x-sim-line-ending: there is no line ending 'nl': use one of native, lf, crlf, cr");
}
