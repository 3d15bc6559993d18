#include "probe/expectation.hpp"

#include "config/regex.hpp"
#include "config/utf8.hpp"
#include "probe/prompt/utf8_boundary.hpp"

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
  std::string line(
      is_cut ? text.substr(0, prompt::boundary_before(text, k_longest_excerpt - 2 - k_more.size()))
             : text);
  for (std::size_t bad = config::find_invalid_utf8(line); bad != std::string::npos;
       bad = config::find_invalid_utf8(line)) {
    line[bad] = '?';
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_c1 = line[i] == '\xc2' && config::has_control_character(line.substr(i, 2));
    if (is_c1 || config::has_control_character(line.substr(i, 1))) {
      line.replace(i, is_c1 ? 2 : 1, 1, ' ');
    }
  }
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

}  // namespace inferometer::probe
