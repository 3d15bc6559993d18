#include "web/page/html.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <iterator>

namespace inferometer::web {

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string three_digits(double value) {
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string format_span(std::optional<base::Duration> span) {
  if (!span) {
    return std::string(k_none);
  }
  const double seconds = base::seconds(*span);
  if (seconds < 1e-3) {
    return three_digits(seconds * 1e6) + " µs";
  }
  return seconds < 1 ? three_digits(seconds * 1e3) + " ms" : three_digits(seconds) + " s";
}

std::string format_coarse(base::Duration span) {
  const auto seconds =
      std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(span).count(), 0);
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{} min", seconds / 60);
  }
  return seconds < 86400 ? fmt::format("{} h", seconds / 3600)
                         : fmt::format("{} d", seconds / 86400);
}

std::string relative_time(base::WallTime time, base::WallTime now) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto utc = fmt::gmtime(std::time_t(whole.time_since_epoch().count()));
  return fmt::format(
      R"(<time datetime="{0:%FT%TZ}" title="{0:%F %T} UTC">{1}</time>)", utc,
      time > now ? "in " + format_coarse(time - now) : format_coarse(now - time) + " ago");
}

std::string outcome_words(measure::Outcome outcome) {
  std::string words(measure::to_string(outcome));
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string_view outcome_meaning(measure::Outcome outcome) {
  using measure::Outcome;
  switch (outcome) {
    case Outcome::success:
      return "a complete answer";
    case Outcome::dns_error:
      return "the name did not resolve";
    case Outcome::connect_error:
      return "refused, unreachable, or the proxy failed";
    case Outcome::connect_timeout:
      return "no ready connection in time";
    case Outcome::tls_error:
      return "the handshake failed or the certificate is not trusted";
    case Outcome::first_token_timeout:
      return "no text in time after the request";
    case Outcome::stalled:
      return "text began, then no more came";
    case Outcome::total_timeout:
      return "the answer was not complete in time";
    case Outcome::connection_lost:
      return "the connection broke in the middle of the answer";
    case Outcome::truncated:
      return "the stream ended without its end mark";
    case Outcome::stream_error:
      return "an error inside the stream";
    case Outcome::protocol_error:
      return "not what the protocol allows";
    case Outcome::auth_error:
      return "the key is wrong or may not use the model";
    case Outcome::rate_limited:
      return "too many requests or tokens";
    case Outcome::quota_exhausted:
      return "the account has no credit left";
    case Outcome::overloaded:
      return "the provider has no capacity";
    case Outcome::server_error:
      return "the provider failed";
    case Outcome::client_error:
      return "the provider refused the request";
    case Outcome::context_length:
      return "the prompt does not fit the model";
    case Outcome::content_filtered:
      return "the answer was filtered or refused";
    case Outcome::empty_response:
      return "a good stream without any text";
    case Outcome::validation_failed:
      return "the text is not what the workload expects";
    case Outcome::internal_error:
      return "a fault of Inferometer or its host, not of the provider";
  }
  return "";
}

}  // namespace inferometer::web
