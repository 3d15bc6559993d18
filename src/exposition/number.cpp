#include "exposition/number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace inferometer::exposition {
namespace {

/// Plain decimals from `plain_from` to below `plain_to`, and an exponent outside.
void append_double(std::string& out, double value, double plain_from, double plain_to) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  const double magnitude = std::abs(value);
  const bool plain = magnitude == 0 || (magnitude >= plain_from && magnitude < plain_to);
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  out.append(buffer.begin(), end.ptr);
}

}  // namespace

void append_count(std::string& out, std::uint64_t count) {
  std::array<char, 20> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), count).ptr;
  out.append(buffer.begin(), end);
}

void append_value(std::string& out, double value) {
  append_double(out, value, 1e-6, 1e15);
}

void append_bound(std::string& out, double bound) {
  const std::size_t before = out.size();
  append_double(out, bound, 1e-4, 1e6);  // where Go's %v puts the exponents
  if (std::isfinite(bound) && out.find_first_of(".e", before) == std::string::npos) {
    out += ".0";
  }
}

void append_time(std::string& out, double unix_seconds) {
  std::array<char, 512> buffer{};  // any double
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), unix_seconds, std::chars_format::fixed, 3);
  out.append(buffer.begin(), end.ptr);
}

}  // namespace inferometer::exposition
