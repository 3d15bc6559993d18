#include "config/secret_source.hpp"

#include "config/problem.hpp"
#include "config/read_file_within.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_longest_secret = std::size_t{64} * 1024;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string_view without_line_break(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  }
  return text;
}

/// `where` names the source in messages.
base::Result<base::Secret> check(std::string_view content, const std::string& where) {
  const std::string_view secret = without_line_break(content);
  if (secret.empty()) {
    return base::fail(where + " is empty: put the secret there");
  }
  if (secret.size() > k_longest_secret) {
    return base::fail(
        fmt::format("{} holds more than {} bytes, which is no secret", where, k_longest_secret));
  }
  if (std::any_of(secret.begin(), secret.end(), is_control)) {
    return base::fail(where + " holds control characters or several lines: one line is needed");
  }
  return base::Secret(std::string(secret));
}

base::Result<base::Secret> read_variable(const std::string& name) {
  const std::string where = "the environment variable " + quote(name);
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return base::fail(where + " is not set");
  }
  return check(value, where);
}

base::Result<base::Secret> read_secret_file(const std::string& path) {
  const std::string where = "the secret file " + quote(path);
  auto content = read_file_within(k_read_limit, path, k_longest_secret + 2);  // with its line break
  if (!content) {
    return base::fail(fmt::format("{} cannot be read: {}", where, content.error().message));
  }
  const base::Secret wiped(*std::move(content));
  return check(wiped.reveal(), where);
}

}  // namespace

base::Result<base::Secret> read_secret(const SecretRef& reference) {
  switch (reference.kind) {
    case SecretRef::Kind::environment:
      return read_variable(reference.name);
    case SecretRef::Kind::file:
      return read_secret_file(reference.name);
  }
  return base::fail("a secret of no kind");
}

base::Result<base::Secret> read_secret(const std::optional<SecretRef>& reference) {
  return reference ? read_secret(*reference) : base::Result<base::Secret>(base::Secret());
}

}  // namespace inferometer::config
