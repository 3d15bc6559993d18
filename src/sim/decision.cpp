#include "sim/decision.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace inferometer::sim {
namespace {

constexpr std::size_t k_garbage_size = 4096;
constexpr std::string_view k_asked_for = "the simulator was asked for this error";
constexpr std::string_view k_context_length =
    "This model's maximum context length is 16384 tokens. However, your messages resulted in "
    "20000 tokens. Please reduce the length of the messages.";

/// A fault that is an error response and nothing else.
struct PlainError {
  Fault fault;
  int status;
  ErrorKind kind;
};

constexpr std::array k_plain_errors{
    PlainError{Fault::json_error_200, 200, ErrorKind::server_error},
    PlainError{Fault::status_400, 400, ErrorKind::invalid_request},
    PlainError{Fault::status_401, 401, ErrorKind::authentication},
    PlainError{Fault::status_403, 403, ErrorKind::permission},
    PlainError{Fault::status_404, 404, ErrorKind::not_found},
    PlainError{Fault::status_429, 429, ErrorKind::rate_limit},
    PlainError{Fault::status_500, 500, ErrorKind::server_error},
    PlainError{Fault::status_503, 503, ErrorKind::overloaded},
    PlainError{Fault::status_529, 529, ErrorKind::overloaded},
    PlainError{Fault::quota, 429, ErrorKind::quota},
};

http::Response page(int status, std::string_view title) {
  return {.status = status,
          .content_type = "text/html",
          .headers = {},
          .body = fmt::format(
              "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n", title)};
}

http::Response rate_limit(const WireFormat& format, std::string name, std::string value) {
  http::Response response = error_response(format, 429, ErrorKind::rate_limit, k_asked_for);
  response.headers.emplace_back(std::move(name), std::move(value));
  return response;
}

RawBytes garbage(Random& random) {
  RawBytes raw;
  raw.bytes.reserve(k_garbage_size);
  for (std::size_t i = 0; i < k_garbage_size; ++i) {
    raw.bytes.push_back(static_cast<char>(random.next() & 0xffU));
  }
  return raw;
}

/// IMF-fixdate, RFC 9110 §5.6.7.
std::string http_date(base::WallTime time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                     fmt::gmtime(base::WallTime::clock::to_time_t(
                         std::chrono::time_point_cast<base::WallTime::clock::duration>(time))));
}

}  // namespace

http::Response error_response(const WireFormat& format, int status, ErrorKind kind,
                              std::string_view message) {
  return {.status = status,
          .content_type = "application/json",
          .headers = {},
          .body = format.render_error(kind, message)};
}

Action act_out(Fault fault, const WireFormat& format, Random& random, base::WallTime now) {
  const auto row = std::find_if(k_plain_errors.begin(), k_plain_errors.end(),
                                [fault](const PlainError& error) { return error.fault == fault; });
  if (row != k_plain_errors.end()) {
    return error_response(format, row->status, row->kind, k_asked_for);
  }
  switch (fault) {
    case Fault::hang_before_headers:
    case Fault::silent_accept:
      return Silence();
    case Fault::garbage:
      return garbage(random);
    case Fault::html:
      return page(200, "Welcome");
    case Fault::html_502:
      return page(502, "502 Bad Gateway");
    case Fault::context_length:
      return error_response(format, 400, ErrorKind::context_length, k_context_length);
    case Fault::rate_limit_ms:
      return rate_limit(format, "retry-after-ms", "1500");
    case Fault::rate_limit_seconds:
      return rate_limit(format, "retry-after", "2");
    case Fault::rate_limit_date:
      return rate_limit(format, "retry-after", http_date(now + std::chrono::seconds(2)));
    case Fault::json_error_200:
    case Fault::status_400:
    case Fault::status_401:
    case Fault::status_403:
    case Fault::status_404:
    case Fault::status_429:
    case Fault::status_500:
    case Fault::status_503:
    case Fault::status_529:
    case Fault::quota:
    case Fault::hang_before_first_token:
    case Fault::trickle:
    case Fault::endless:
    case Fault::missing_done:
    case Fault::done_then_more:
    case Fault::trailing_spaces:
    case Fault::empty:
    case Fault::stall:
    case Fault::reset:
    case Fault::close:
    case Fault::truncate:
    case Fault::error_event:
    case Fault::overloaded_event:
    case Fault::bad_json:
    case Fault::invalid_utf8:
    case Fault::long_line:
    case Fault::content_filter:
      break;  // The first ten are in the table, the others happen in a stream.
  }
  throw std::logic_error(fmt::format("fault {} happens in a stream", info(fault).name));
}

}  // namespace inferometer::sim
