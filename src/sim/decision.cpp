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

/// A fault that is an error response and nothing else.
struct PlainError {
  Fault fault;
  int status;  ///< 0: the API's own
  ErrorKind kind;
};

constexpr std::array k_plain_errors{
    PlainError{Fault::json_error_200, 200, ErrorKind::server_error},
    PlainError{Fault::status_400, 400, ErrorKind::invalid_request},
    PlainError{Fault::status_401, 401, ErrorKind::authentication},
    PlainError{Fault::status_402, 402, ErrorKind::quota},
    PlainError{Fault::status_403, 403, ErrorKind::permission},
    PlainError{Fault::status_404, 404, ErrorKind::not_found},
    PlainError{Fault::status_408, 408, ErrorKind::server_error},
    PlainError{Fault::status_409, 409, ErrorKind::invalid_request},
    PlainError{Fault::status_413, 413, ErrorKind::invalid_request},
    PlainError{Fault::status_422, 422, ErrorKind::invalid_request},
    PlainError{Fault::status_424, 424, ErrorKind::server_error},
    PlainError{Fault::status_429, 429, ErrorKind::rate_limit},
    PlainError{Fault::status_498, 498, ErrorKind::overloaded},
    PlainError{Fault::status_500, 500, ErrorKind::server_error},
    PlainError{Fault::status_502, 502, ErrorKind::server_error},
    PlainError{Fault::status_503, 503, ErrorKind::overloaded},
    PlainError{Fault::status_504, 504, ErrorKind::server_error},
    PlainError{Fault::status_529, 529, ErrorKind::overloaded},
    PlainError{Fault::overloaded, 0, ErrorKind::overloaded},
    PlainError{Fault::quota, 0, ErrorKind::quota},
    PlainError{Fault::context_length, 0, ErrorKind::context_length},
};

http::Response page(int status, std::string_view title) {
  return {.status = status,
          .content_type = "text/html",
          .headers = {},
          .body = fmt::format(
              "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n", title)};
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

/// What performing a fault may need.
struct Context {
  const WireFormat& format;
  Dialect dialect;
  Random& random;
  base::WallTime now;
};

http::Response rate_limit(const Context& context, std::string name, std::string value) {
  http::Response response = context.format.render_error(
      {.kind = ErrorKind::rate_limit, .status = 429, .dialect = context.dialect});
  response.headers.emplace_back(std::move(name), std::move(value));
  return response;
}

/// A fault that is more than an error response, or none.
struct Act {
  Fault fault;
  Action (*perform)(const Context& context);
};

constexpr std::array k_acts{
    Act{Fault::hang_before_headers, [](const Context&) -> Action { return Silence(); }},
    Act{Fault::silent_accept, [](const Context&) -> Action { return Silence(); }},
    Act{Fault::garbage, [](const Context& context) -> Action { return garbage(context.random); }},
    Act{Fault::html, [](const Context&) -> Action { return page(200, "Welcome"); }},
    Act{Fault::html_502, [](const Context&) -> Action { return page(502, "502 Bad Gateway"); }},
    Act{Fault::rate_limit_ms,
        [](const Context& context) -> Action {
          return rate_limit(context, "retry-after-ms", "1500");
        }},
    Act{Fault::rate_limit_seconds,
        [](const Context& context) -> Action { return rate_limit(context, "retry-after", "2"); }},
    Act{Fault::rate_limit_date,
        [](const Context& context) -> Action {
          return rate_limit(context, "retry-after",
                            http_date(context.now + std::chrono::seconds(2)));
        }},
};

/// The row of that fault, or null.
template <typename Rows>
const auto* find_row(const Rows& rows, Fault fault) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [fault](const auto& row) { return row.fault == fault; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

Action perform_fault(Fault fault, const WireFormat& format, Dialect dialect, Random& random,
                     base::WallTime now) {
  if (const PlainError* error = find_row(k_plain_errors, fault)) {
    return format.render_error({.kind = error->kind, .status = error->status, .dialect = dialect});
  }
  if (const Act* act = find_row(k_acts, fault)) {
    return act->perform({.format = format, .dialect = dialect, .random = random, .now = now});
  }
  throw std::logic_error(fmt::format("fault {} happens in a stream", info(fault).name));
}

}  // namespace inferometer::sim
