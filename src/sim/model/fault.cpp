#include "sim/model/fault.hpp"

#include "sim/model/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace inferometer::sim {
namespace {

using Place = FaultPlace;

constexpr std::array<FaultInfo, k_fault_count> k_faults{{
    {"hang_before_headers", Fault::hang_before_headers, Place::answer,
     "reads the request, never answers"},
    {"silent_accept", Fault::silent_accept, Place::answer, "the same as hang_before_headers"},
    {"garbage", Fault::garbage, Place::answer, "4096 random bytes in place of HTTP, then the end"},
    {"html", Fault::html, Place::answer, "200 with an HTML page"},
    {"html_502", Fault::html_502, Place::answer, "502 with a proxy's HTML page"},
    {"json_error_200", Fault::json_error_200, Place::answer,
     "200 with a JSON error in place of events"},
    {"status_400", Fault::status_400, Place::answer, "400, invalid request"},
    {"status_401", Fault::status_401, Place::answer, "401, invalid API key"},
    {"status_402", Fault::status_402, Place::answer, "402, quota exhausted"},
    {"status_403", Fault::status_403, Place::answer, "403, permission denied"},
    {"status_404", Fault::status_404, Place::answer, "404, model not found"},
    {"status_408", Fault::status_408, Place::answer, "408, request timeout"},
    {"status_409", Fault::status_409, Place::answer, "409, conflict"},
    {"status_413", Fault::status_413, Place::answer, "413, request too large"},
    {"status_422", Fault::status_422, Place::answer, "422, unprocessable request"},
    {"status_424", Fault::status_424, Place::answer, "424, the model failed"},
    {"status_429", Fault::status_429, Place::answer, "429, rate limit, without Retry-After"},
    {"status_498", Fault::status_498, Place::answer, "498, no capacity"},
    {"status_500", Fault::status_500, Place::answer, "500, server error"},
    {"status_502", Fault::status_502, Place::answer, "502, bad gateway, as JSON"},
    {"status_503", Fault::status_503, Place::answer, "503, overloaded"},
    {"status_504", Fault::status_504, Place::answer, "504, gateway timeout"},
    {"status_529", Fault::status_529, Place::answer, "529, overloaded"},
    {"overloaded", Fault::overloaded, Place::answer,
     "overloaded, with the API's own status and words"},
    {"quota", Fault::quota, Place::answer,
     "quota exhausted, with the API's own status and words: not worth a retry"},
    {"context_length", Fault::context_length, Place::answer,
     "the prompt does not fit the model, with the API's own status and words"},
    {"rate_limit_ms", Fault::rate_limit_ms, Place::answer, "429 with retry-after-ms: 1500"},
    {"rate_limit_seconds", Fault::rate_limit_seconds, Place::answer, "429 with Retry-After: 2"},
    {"rate_limit_date", Fault::rate_limit_date, Place::answer,
     "429 with Retry-After as a date two seconds ahead"},
    {"hang_before_first_token", Fault::hang_before_first_token, Place::stream,
     "200 and headers, then silence"},
    {"trickle", Fault::trickle, Place::stream, "one event each gap, without end"},
    {"endless", Fault::endless, Place::stream,
     "events as fast as the client reads them, without end"},
    {"missing_done", Fault::missing_done, Place::stream, "all but the terminator"},
    {"done_then_more", Fault::done_then_more, Place::stream,
     "one more content event after the terminator"},
    {"trailing_spaces", Fault::trailing_spaces, Place::stream,
     "spaces at the end of each data line"},
    {"empty", Fault::empty, Place::stream, "a good stream without any text"},
    {"gzip", Fault::gzip, Place::stream, "a body that is compressed though no one asked for it"},
    {"stall", Fault::stall, Place::middle, "silence"},
    {"reset", Fault::reset, Place::middle, "TCP reset"},
    {"close", Fault::close, Place::middle, "the connection ends inside a chunk"},
    {"truncate", Fault::truncate, Place::middle,
     "the body ends well-formed, with neither finish reason nor terminator"},
    {"error_event", Fault::error_event, Place::middle, "a server error as an event, then the end"},
    {"overloaded_event", Fault::overloaded_event, Place::middle,
     "an overload error as an event, then the end"},
    {"rate_limit_event", Fault::rate_limit_event, Place::middle,
     "a rate limit as an event, then the end"},
    {"bad_json", Fault::bad_json, Place::middle, "one event is not JSON"},
    {"invalid_utf8", Fault::invalid_utf8, Place::middle, "one text is not UTF-8"},
    {"corrupt_crc", Fault::corrupt_crc, Place::middle,
     "one message has a wrong checksum; only where the API's messages have one"},
    {"large_event", Fault::large_event, Place::middle, "one text of 1 MiB"},
    {"long_line", Fault::long_line, Place::middle, "10 MB of one line, which never ends"},
    {"refusal", Fault::refusal, Place::middle, "the model declines, in the API's own way"},
    {"content_filter", Fault::content_filter, Place::middle, "the finish reason content_filter"},
}};

base::Result<double> parse_rate(std::string_view text) {
  double rate = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error != std::errc() || end != text.data() + text.size() || !(rate >= 0 && rate <= 1)) {
    return base::fail(fmt::format("'{}' is not a rate: write a number from 0 to 1", text));
  }
  return rate;
}

base::Result<FaultRate> parse_fault_rate(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return base::fail(fmt::format("'{}' is not a fault's rate: write fault=rate", text));
  }
  const base::Result<Fault> fault = parse_fault(text.substr(0, equals));
  if (!fault) {
    return base::fail(fault.error().message);
  }
  return parse_rate(text.substr(equals + 1)).map([&fault](double rate) {
    return FaultRate{.fault = *fault, .rate = rate};
  });
}

}  // namespace

std::span<const FaultInfo> faults() {
  return k_faults;
}

const FaultInfo& info(Fault fault) {
  return k_faults[static_cast<std::size_t>(fault)];
}

base::Result<Fault> parse_fault(std::string_view text) {
  return parse_name(k_faults, "fault", text);
}

base::Result<std::vector<FaultRate>> parse_fault_rates(std::string_view text) {
  std::vector<FaultRate> rates;
  double sum = 0;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const base::Result<FaultRate> rate = parse_fault_rate(text.substr(0, comma));
    if (!rate) {
      return base::fail(rate.error().message);
    }
    rates.push_back(*rate);
    sum += rate->rate;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  constexpr double k_rounding = 1e-9;
  if (sum > 1 + k_rounding) {
    return base::fail(
        fmt::format("the rates of the faults add up to {}: at most 1 makes sense", sum));
  }
  return rates;
}

std::optional<Fault> draw_fault(std::span<const FaultRate> rates, Random& random) {
  double u = random.uniform();
  for (const FaultRate& candidate : rates) {
    if (u < candidate.rate) {
      return candidate.fault;
    }
    u -= candidate.rate;
  }
  return std::nullopt;
}

}  // namespace inferometer::sim
