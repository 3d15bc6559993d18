#include "probe/auth/oauth2_token.hpp"

#include "base/ascii.hpp"
#include "protocol/answer/timestamps.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using nlohmann::json;

/// Seconds, as a number or as its text; no value for anything else.
std::optional<double> read_seconds(const json& value) {
  if (value.is_number()) {
    return value.get<double>();
  }
  if (!value.is_string()) {
    return std::nullopt;
  }
  const auto& text = value.get_ref<const std::string&>();
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(seconds) : std::nullopt;
}

/// No value for what is no life.
std::optional<base::Duration> bounded_life(double seconds) {
  constexpr double k_longest = 366.0 * 24 * 3600;
  if (!std::isfinite(seconds) || seconds < 1) {
    return std::nullopt;
  }
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::duration<double>(std::min(seconds, k_longest)));
}

double seconds_of(base::WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

Result<base::Duration> read_life(const json& object, base::WallTime asked) {
  constexpr double k_default = 3600;
  const auto given = [&object](const char* name) -> const json* {
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  };
  const json* in = given("expires_in");
  const json* on = given("expires_on");
  if (in == nullptr && on != nullptr) {
    const auto until = read_seconds(*on);
    const auto life = until ? bounded_life(*until - seconds_of(asked)) : std::nullopt;
    return life ? Result<base::Duration>(*life)
                : base::fail("expires_on is no time ahead, in seconds since 1970");
  }
  const auto seconds = in == nullptr ? k_default : read_seconds(*in);
  const auto life = seconds ? bounded_life(*seconds) : std::nullopt;
  return life ? Result<base::Duration>(*life) : base::fail("expires_in is not a number of seconds");
}

}  // namespace

Result<base::Secret> take_secret(json& object, const char* name) {
  const auto value = object.find(name);
  if (value == object.end() || !value->is_string() ||
      value->get_ref<const std::string&>().empty()) {
    return base::fail(fmt::format("the answer has no {}", name));
  }
  base::Secret secret(std::move(value->get_ref<std::string&>()));
  if (!std::all_of(secret.reveal().begin(), secret.reveal().end(), base::is_visible_ascii)) {
    return base::fail(fmt::format("the {} has characters that no header can carry", name));
  }
  return secret;
}

Result<base::Duration> life_until(std::string_view text, base::WallTime asked) {
  const auto until = protocol::parse_rfc3339(text);
  const auto life = until ? bounded_life(seconds_of(*until) - seconds_of(asked)) : std::nullopt;
  if (!life) {
    return base::fail(until ? "what the answer grants has expired: is this machine's clock right?"
                            : "the answer's time of expiry is none");
  }
  return *life;
}

Result<Credential> parse_token(std::string_view body, base::WallTime asked) {
  // By a parser of its own, which keeps nothing: the token is taken out of it.
  json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("the answer is not a JSON object");
  }
  Result<base::Secret> token = take_secret(object, "access_token");
  if (!token) {
    return tl::make_unexpected(token.error());
  }
  const auto type = object.find("token_type");
  if (type == object.end() || !type->is_string() ||
      !base::equal_ignoring_case(type->get_ref<const std::string&>(), "bearer")) {
    return base::fail("the token_type is not Bearer");
  }
  return read_life(object, asked).map([&token](base::Duration life) {
    return Credential{.value = *std::move(token), .life = life};
  });
}

Step::Read read_token(base::WallTime asked) {
  return [asked](const transport::ResponseHead& /*head*/, std::string_view body) {
    return parse_token(body, asked).map([](Credential credential) {
      return Next(std::move(credential));
    });
  };
}

}  // namespace inferometer::probe::auth
