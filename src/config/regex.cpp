#include "config/regex.hpp"

#include <re2/re2.h>

#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest = 1000;
constexpr std::int64_t k_most_memory = std::int64_t{8} * 1024 * 1024;

}  // namespace

base::Result<std::unique_ptr<RE2>> compile_regex(const std::string& pattern) {
  RE2::Options options;
  options.set_max_mem(k_most_memory);
  options.set_log_errors(false);
  auto regex = std::make_unique<RE2>(pattern, options);
  if (!regex->ok()) {
    return base::fail(regex->error());
  }
  return regex;
}

base::Result<std::string> parse_regex(std::string_view text) {
  if (text.empty() || text.size() > k_longest) {
    return base::fail("");
  }
  std::string pattern(text);
  return compile_regex(pattern).map(
      [&pattern](const std::unique_ptr<RE2>&) { return std::move(pattern); });
}

}  // namespace inferometer::config
