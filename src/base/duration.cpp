#include "base/duration.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

namespace inferometer::base {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr std::array<Unit, 7> k_units{{{"d", 86'400'000'000'000},
                                       {"h", 3'600'000'000'000},
                                       {"m", 60'000'000'000},
                                       {"s", 1'000'000'000},
                                       {"ms", 1'000'000},
                                       {"us", 1'000},
                                       {"ns", 1}}};
constexpr std::uint64_t k_longest = std::numeric_limits<std::int64_t>::max();
// So many digits always fit 64 bits; for a fraction, so does the power of ten that it is over.
constexpr std::size_t k_most_whole_digits = 19;
constexpr std::size_t k_most_fraction_digits = 18;

/// One number of the sum, as text: `1.5` is "1" and "5".
struct Number {
  std::string_view whole;
  std::string_view fraction;
};

std::string_view take_while(std::string_view& text, bool (*belongs)(char)) {
  const auto end = std::find_if_not(text.begin(), text.end(), belongs);
  const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

std::optional<Number> take_number(std::string_view& text) {
  Number number{.whole = take_while(text, is_digit), .fraction = {}};
  if (number.whole.empty() || !text.starts_with('.')) {
    return number.whole.empty() ? std::nullopt : std::optional(number);
  }
  text.remove_prefix(1);
  number.fraction = take_while(text, is_digit);
  return number.fraction.empty() ? std::nullopt : std::optional(number);
}

std::uint64_t to_integer(std::string_view digits) {
  return std::accumulate(digits.begin(), digits.end(), std::uint64_t{0},
                         [](std::uint64_t sum, char digit) {
                           return sum * 10 + static_cast<std::uint64_t>(digit - '0');
                         });
}

Result<std::uint64_t> to_nanoseconds(Number number, std::uint64_t unit) {
  const auto first_nonzero = std::min(number.whole.find_first_not_of('0'), number.whole.size());
  number.whole.remove_prefix(first_nonzero);
  number.fraction = number.fraction.substr(0, number.fraction.find_last_not_of('0') + 1);
  if (number.fraction.size() > k_most_fraction_digits) {
    return fail("a duration cannot be finer than a nanosecond");
  }
  // unit * fraction / 10^digits, reduced first so that it neither overflows nor rounds.
  std::uint64_t denominator = 1;
  for (std::size_t i = 0; i < number.fraction.size(); ++i) {
    denominator *= 10;
  }
  const std::uint64_t common = std::gcd(unit, denominator);
  const std::uint64_t fraction = to_integer(number.fraction);
  if (fraction % (denominator / common) != 0) {
    return fail("a duration cannot be finer than a nanosecond");
  }
  const std::uint64_t part = unit / common * (fraction / (denominator / common));
  if (number.whole.size() > k_most_whole_digits ||
      to_integer(number.whole) > (k_longest - part) / unit) {
    return fail("a duration cannot be longer than 292 years");
  }
  return to_integer(number.whole) * unit + part;
}

std::string whole_in(std::uint64_t count, const Unit& unit) {
  return std::to_string(count).append(unit.name);
}

/// All of it in one unit (`1.5s`), if that is exact.
std::optional<std::string> decimal_in(std::uint64_t nanoseconds, const Unit& unit) {
  std::string text = std::to_string(nanoseconds / unit.nanoseconds);
  std::uint64_t rest = nanoseconds % unit.nanoseconds;
  if (rest != 0) {
    text += '.';
  }
  for (std::size_t digits = 0; rest != 0; ++digits) {
    if (digits == k_most_fraction_digits) {
      return std::nullopt;
    }
    text += static_cast<char>('0' + rest * 10 / unit.nanoseconds);
    rest = rest * 10 % unit.nanoseconds;
  }
  return text.append(unit.name);
}

/// Of two texts of one length, the one without a fraction is easier to read: 250ms, not 0.25s.
bool is_better(const std::string& text, const std::string& than) {
  if (text.size() != than.size()) {
    return text.size() < than.size();
  }
  return text.find('.') == std::string::npos && than.find('.') != std::string::npos;
}

std::string shortest(std::uint64_t nanoseconds, std::span<const Unit> units) {
  std::string best = whole_in(nanoseconds, units.back());
  for (std::size_t i = 0; i + 1 < units.size(); ++i) {
    const std::uint64_t count = nanoseconds / units[i].nanoseconds;
    const std::uint64_t rest = nanoseconds % units[i].nanoseconds;
    if (auto text = decimal_in(nanoseconds, units[i]); text && is_better(*text, best)) {
      best = std::move(*text);
    }
    if (count == 0 || rest == 0) {
      continue;
    }
    if (auto text = whole_in(count, units[i]) + shortest(rest, units.subspan(i + 1));
        is_better(text, best)) {
      best = std::move(text);
    }
  }
  return best;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::uint64_t sum = 0;
  std::span<const Unit> units = k_units;
  do {
    const auto number = take_number(text);
    if (!number) {
      return fail("a duration is written like 250ms, 1.5s or 1h30m");
    }
    const std::string_view name = take_while(text, is_letter);
    if (name.empty()) {
      return fail("a duration needs a unit: ns, us, ms, s, m, h or d");
    }
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& candidate) { return candidate.name == name; });
    if (unit == units.end()) {
      return fail("a duration has the units d, h, m, s, ms, us and ns, in this order, each once");
    }
    units = units.subspan(static_cast<std::size_t>(unit - units.begin()) + 1);
    const auto part = to_nanoseconds(*number, unit->nanoseconds);
    if (!part) {
      return tl::make_unexpected(part.error());
    }
    if (*part > k_longest - sum) {
      return fail("a duration cannot be longer than 292 years");
    }
    sum += *part;
  } while (!text.empty());
  return Duration(static_cast<Duration::rep>(sum));
}

std::string format_duration(Duration duration) {
  if (duration == Duration::zero()) {
    return "0s";
  }
  const auto count = static_cast<std::uint64_t>(duration.count());
  return duration < Duration::zero() ? "-" + shortest(0 - count, k_units)
                                     : shortest(count, k_units);
}

}  // namespace inferometer::base
