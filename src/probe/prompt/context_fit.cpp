#include "probe/prompt/context_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace inferometer::probe::prompt {
namespace {

using base::fail;
using base::Result;
using config::ContextFit;

std::uint64_t tokens_in(std::size_t characters, double characters_per_token) {
  return static_cast<std::uint64_t>(
      std::llround(static_cast<double>(characters) / characters_per_token));
}

/// Rounded, not cut off: a text that was reported to have exactly so many tokens fits.
std::size_t characters_in(std::uint64_t tokens, double characters_per_token) {
  return static_cast<std::size_t>(std::llround(static_cast<double>(tokens) * characters_per_token));
}

// In text that is no UTF-8 a boundary is at most 3 bytes off as well.

/// Whether the byte at `at` continues a character.
bool continues_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
}

/// The last place at or before `at` where a character ends.
std::size_t boundary_before(std::string_view text, std::size_t at) {
  for (std::size_t back = 0; back < 4 && back <= at; ++back) {
    if (!continues_character(text, at - back)) {
      return at - back;
    }
  }
  return at;
}

/// The first place at or after `at` where a character begins.
std::size_t boundary_after(std::string_view text, std::size_t at) {
  for (std::size_t forth = 0; forth < 4; ++forth) {
    if (!continues_character(text, at + forth)) {
      return at + forth;
    }
  }
  return at;
}

std::string join(std::string_view head, std::string_view tail) {
  return fmt::format("{}{}{}{}{}", head, head.empty() ? "" : " ", k_shortened,
                     tail.empty() ? "" : " ", tail);
}

}  // namespace

Result<void> check_context(std::uint64_t tokens, const ContextLimit& limit) {
  if (limit.window <= limit.reserve) {
    return fail(fmt::format(
        "the context window of {} tokens has no room for an input beside the {} reserved for the "
        "output: lower output_reserve or output_tokens",
        limit.window, limit.reserve));
  }
  if (tokens > limit.window - limit.reserve) {
    return fail(fmt::format(
        "the input of about {} tokens is too long: the context window has {}, of which {} are "
        "reserved for the output, which leaves {}: shorten the prompt, lower output_reserve, or "
        "let context_fit truncate",
        tokens, limit.window, limit.reserve, limit.window - limit.reserve));
  }
  return {};
}

Result<std::string> fit_context(std::string text, const ContextLimit& limit, ContextFit policy) {
  if (Result<void> room = check_context(0, limit); !room) {
    return tl::make_unexpected(room.error());
  }
  const std::size_t all = limit.other_characters + text.size();
  const std::size_t most = characters_in(limit.window - limit.reserve, limit.characters_per_token);
  if (all <= most) {
    return text;
  }
  if (policy == ContextFit::refuse || limit.other_characters >= most) {
    // At least one more than fits: rounding must not let pass what the characters forbid.
    const std::uint64_t tokens = std::max<std::uint64_t>(tokens_in(all, limit.characters_per_token),
                                                         limit.window - limit.reserve + 1ULL);
    return tl::make_unexpected(check_context(tokens, limit).error());
  }
  return shorten(text, most - limit.other_characters, policy);
}

Result<std::string> shorten(std::string_view text, std::size_t length, ContextFit policy) {
  const std::size_t spaces = policy == ContextFit::truncate_middle ? 2 : 1;
  if (length < k_shortened.size() + spaces) {
    return fail(fmt::format(
        "only {} characters of the prompt fit the context window beside the rest, too few to "
        "truncate it: lower output_reserve or shorten the system prompt",
        length));
  }
  const std::size_t kept = length - k_shortened.size() - spaces;
  const auto head = [&](std::size_t size) { return text.substr(0, boundary_before(text, size)); };
  const auto tail = [&](std::size_t size) {
    return text.substr(boundary_after(text, text.size() - size));
  };
  switch (policy) {
    case ContextFit::truncate_start:
      return join({}, tail(kept));
    case ContextFit::truncate_end:
      return join(head(kept), {});
    case ContextFit::truncate_middle:
    case ContextFit::refuse:
      break;
  }
  return join(head(kept - kept / 2), tail(kept / 2));
}

}  // namespace inferometer::probe::prompt
