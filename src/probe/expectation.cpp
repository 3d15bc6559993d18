#include "probe/expectation.hpp"

#include "base/printable.hpp"
#include "config/regex.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include <cstdint>
#include <string>
#include <utility>

namespace inferometer::probe {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t k_longest_excerpt = 80;

/// The text's beginning in quotes, on one line of valid UTF-8, of at most 80 bytes.
std::string excerpt(std::string_view text) {
  if (text.empty()) {
    return "nothing";
  }
  constexpr std::string_view k_more = "…";
  const bool is_cut = text.size() > k_longest_excerpt - 2;
  const std::string line =
      base::one_line(text, k_longest_excerpt - 2 - (is_cut ? k_more.size() : 0));
  return fmt::format("\"{}{}\"", line, is_cut ? k_more : "");
}

}  // namespace

Result<Expectation> Expectation::compile(const config::Expectation& config) {
  if (config.regex.empty()) {
    return Expectation(nullptr, config.json);
  }
  auto regex = config::compile_regex(config.regex);
  if (!regex) {
    return fail(fmt::format("expect.regex {}: {}: write it in the syntax of RE2",
                            excerpt(config.regex), regex.error().message));
  }
  return Expectation(*std::move(regex), config.json);
}

Expectation::Expectation(std::unique_ptr<re2::RE2> regex, bool json)
    : m_regex(std::move(regex)), m_json(json) {}

Expectation::Expectation(Expectation&&) noexcept = default;
Expectation& Expectation::operator=(Expectation&&) noexcept = default;
Expectation::~Expectation() = default;

Result<void> Expectation::check(std::string_view text) const {
  if (m_regex && !RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *m_regex)) {
    return fail(fmt::format("expected text that matches the regular expression {}, got {}",
                            excerpt(m_regex->pattern()), excerpt(text)));
  }
  // Checked without building it: a value costs no memory, and a level of depth one bit.
  if (m_json && !nlohmann::json::accept(text)) {
    return fail(fmt::format("expected the whole text to be one JSON value, got {}", excerpt(text)));
  }
  return {};
}

void Expectations::keep(const std::vector<config::Target>& targets) {
  std::map<Key, std::shared_ptr<const Expectation>> compiled;
  for (const config::Target& target : targets) {
    const config::Expectation& expect = target.workload.expect;
    const Key key{expect.regex, expect.json};
    if (!compiled.contains(key)) {
      if (auto expectation = get(expect); expectation && *expectation != nullptr) {
        compiled.emplace(key, *std::move(expectation));
      }
    }
  }
  const base::LockGuard lock(m_mutex);
  m_compiled = std::move(compiled);
}

Result<std::shared_ptr<const Expectation>> Expectations::get(
    const config::Expectation& config) const {
  if (config == config::Expectation()) {
    return nullptr;
  }
  {
    const base::LockGuard lock(m_mutex);
    if (const auto found = m_compiled.find({config.regex, config.json});
        found != m_compiled.end()) {
      return found->second;
    }
  }
  return Expectation::compile(config).map([](Expectation compiled) {
    return std::make_shared<const Expectation>(std::move(compiled));
  });
}

}  // namespace inferometer::probe
