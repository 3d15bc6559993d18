#include "base/ascii.hpp"
#include "config/problem.hpp"
#include "probe/auth/token.hpp"
#include "protocol/answer/api_error.hpp"
#include "wire/json.hpp"
#include "wire/redact.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::MonotonicTime;
using measure::Outcome;
using nlohmann::json;
using transport::Ending;
using transport::Flow;

constexpr std::size_t k_max_body = std::size_t{64} * 1024;
constexpr std::chrono::seconds k_timeout{30};

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

base::Result<base::Duration> read_life(const json& object) {
  constexpr double k_default = 3600;
  constexpr double k_longest = 366.0 * 24 * 3600;
  const auto value = object.find("expires_in");
  const bool given = value != object.end() && !value->is_null();
  const std::optional<double> seconds = given ? read_seconds(*value) : k_default;
  if (!seconds || !std::isfinite(*seconds) || *seconds < 1) {
    return base::fail("expires_in is not a number of seconds");
  }
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::duration<double>(std::min(*seconds, k_longest)));
}

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

/// What an OAuth2 server says is wrong: `error`, and a description of it. Some send an error object
/// like the APIs', some anything at all.
std::string reason_in(std::string_view body) {
  const wire::MaybeJson object = wire::parse_json(body);
  const std::string_view code = wire::text(object, "error");
  const std::string_view description = wire::text(object, "error_description");
  if (!code.empty()) {
    return fmt::format("{}{}{}", code, description.empty() ? "" : ": ", description);
  }
  const auto fields = protocol::error_fields(object);
  return fields ? fields->message : std::string();
}

Outcome outcome_of(int status) {
  const bool is_refusal = status >= 400 && status < 500 && status != 408 && status != 429;
  if (is_refusal) {
    return Outcome::auth_error;
  }
  if (status >= 400) {
    return protocol::classify({.status = status, .type = {}, .code = {}, .message = {}});
  }
  return Outcome::protocol_error;
}

Outcome outcome_of(Ending ending) {
  switch (ending) {
    case Ending::dns_error:
      return Outcome::dns_error;
    case Ending::connect_error:
      return Outcome::connect_error;
    case Ending::tls_error:
      return Outcome::tls_error;
    case Ending::lost:
    case Ending::refused:
      return Outcome::connection_lost;
    case Ending::complete:
    case Ending::stopped:
    case Ending::protocol_error:
      return Outcome::protocol_error;
    case Ending::cancelled:
    case Ending::internal_error:
      return Outcome::internal_error;
  }
  return Outcome::internal_error;
}

class TokenListener final : public transport::Listener {
 public:
  TokenListener(const TokenRequest& request, TokenFunction done)
      : m_url(request.request.url), m_secrets(request.secrets), m_done(std::move(done)) {}

  void on_started(MonotonicTime now) override { m_deadline = now + k_timeout; }

  void on_request_begin(MonotonicTime /*now*/) override { m_is_connected = true; }

  Flow on_head(transport::ResponseHead head, const transport::Arrival& /*arrival*/) override {
    m_status = head.status;
    return Flow::go_on;
  }

  Flow on_body(std::string_view bytes, const transport::Arrival& /*arrival*/) override {
    m_is_too_long = m_body.size() + bytes.size() > k_max_body;
    if (m_is_too_long) {
      return Flow::stop;
    }
    m_body.append(bytes);
    return Flow::go_on;
  }

  [[nodiscard]] MonotonicTime deadline() const override { return m_deadline; }

  void on_deadline(MonotonicTime /*now*/) override { m_is_late = true; }

  void on_end(const transport::Report& report) override {
    if (report.ending == Ending::cancelled) {
      m_done(std::nullopt);
    } else {
      m_done(result(report));
    }
  }

 private:
  TokenResult result(const transport::Report& report) {
    const base::Secret body(std::move(m_body));  // wiped
    if (m_is_late) {
      return failed(m_is_connected ? Outcome::total_timeout : Outcome::connect_timeout,
                    fmt::format("no answer within {} s", k_timeout.count()));
    }
    if (m_is_too_long) {
      return failed(Outcome::protocol_error,
                    fmt::format("an answer of more than {} bytes", k_max_body));
    }
    if (report.ending != Ending::complete) {
      return failed(outcome_of(report.ending), report.message);
    }
    if (m_status >= 300 && m_status < 400) {
      return failed(Outcome::protocol_error,
                    fmt::format("HTTP {}, a redirect, which is not followed", m_status));
    }
    const std::string reason = reason_in(body.reveal());
    if (m_status != 200) {
      return failed(outcome_of(m_status),
                    fmt::format("HTTP {}{}{}", m_status, reason.empty() ? "" : ": ", reason));
    }
    base::Result<Token> token = parse_token(body.reveal());
    if (token) {
      return *std::move(token);
    }
    return reason.empty() ? failed(Outcome::protocol_error, token.error().message)
                          : failed(Outcome::auth_error, reason);
  }

  [[nodiscard]] tl::unexpected<protocol::ApiError> failed(Outcome outcome, std::string why) const {
    for (const base::Secret& secret : m_secrets) {
      why = wire::redact(why, secret);
    }
    constexpr std::size_t k_longest = 300;  // cut only now, so that no half of a secret is left
    return tl::make_unexpected(
        protocol::ApiError{outcome,
                           fmt::format("no token from {}: {}", config::quote(m_url),
                                       std::string_view(why).substr(0, k_longest)),
                           {}});
  }

  const std::string m_url;
  const std::vector<base::Secret> m_secrets;
  const TokenFunction m_done;

  MonotonicTime m_deadline = MonotonicTime::max();
  int m_status = 0;
  std::string m_body;
  bool m_is_connected = false;
  bool m_is_too_long = false;
  bool m_is_late = false;
};

}  // namespace

base::Result<Token> parse_token(std::string_view body) {
  // By a parser of its own, which keeps nothing: the token is taken out of it.
  json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("the answer is not a JSON object");
  }
  const auto value = object.find("access_token");
  if (value == object.end() || !value->is_string() ||
      value->get_ref<const std::string&>().empty()) {
    return base::fail("the answer has no access_token");
  }
  auto& text = value->get_ref<std::string&>();
  Token token{.value = base::Secret(std::move(text))};
  if (!std::all_of(token.value.reveal().begin(), token.value.reveal().end(), is_visible)) {
    return base::fail("the access_token has characters that no header can carry");
  }
  const auto type = object.find("token_type");
  if (type == object.end() || !type->is_string() ||
      !base::equal_ignoring_case(type->get_ref<const std::string&>(), "bearer")) {
    return base::fail("the token_type is not Bearer");
  }
  const base::Result<base::Duration> life = read_life(object);
  if (!life) {
    return tl::make_unexpected(life.error());
  }
  token.life = *life;
  return token;
}

std::unique_ptr<transport::Listener> make_token_listener(const TokenRequest& request,
                                                         TokenFunction done) {
  return std::make_unique<TokenListener>(request, std::move(done));
}

}  // namespace inferometer::probe::auth
