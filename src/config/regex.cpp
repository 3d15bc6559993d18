#include "config/regex.hpp"

#include <re2/re2.h>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest = 1000;
constexpr std::int64_t k_most_memory = std::int64_t{8} * 1024 * 1024;

}  // namespace

base::Result<std::string> parse_regex(std::string_view text) {
  if (text.empty() || text.size() > k_longest) {
    return base::fail("");
  }
  RE2::Options options;
  options.set_max_mem(k_most_memory);
  options.set_log_errors(false);
  const RE2 regex(re2::StringPiece(text.data(), text.size()), options);
  if (!regex.ok()) {
    return base::fail(regex.error());
  }
  return std::string(text);
}

}  // namespace inferometer::config
