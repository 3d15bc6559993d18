#include "web/requests.hpp"

#include "base/accept.hpp"
#include "base/ascii.hpp"
#include "web/api/parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace inferometer::web {
namespace {

using config::TargetKey;

constexpr std::size_t k_max_names = 1000;
constexpr std::size_t k_id_digits = 16;
constexpr double k_reply_seconds = 0.5;
constexpr double k_longest_wait_seconds = 86400;  // that nanoseconds can count it
constexpr std::string_view k_hex_digits = "0123456789abcdef";

/// Takes in one parameter of /probe.
base::Result<void> read(const std::string& name, std::string value, ProbeRequest& into) {
  if (name == "provider") {
    into.target.provider = std::move(value);
  } else if (name == "model") {
    into.target.model = std::move(value);
  } else if (name == "workload") {
    into.target.workload = std::move(value);
  } else if (name == "debug" && (value == "true" || value == "false")) {
    into.debug = value == "true";
  } else if (name == "debug") {
    return base::fail("debug must be true or false");
  } else {
    return base::fail(fmt::format(
        "unknown query parameter {}: there are provider, model, workload and debug", name));
  }
  return {};
}

/// What Prometheus says of how long it waits, less the time that the answer takes on its way: half
/// a second, but never more than half of it. None where the header is not there.
base::Result<std::optional<base::Duration>> read_scrape_timeout(const http::Request& request) {
  const std::string_view text = request.header("x-prometheus-scrape-timeout-seconds");
  if (text.empty()) {
    return std::nullopt;
  }
  double seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || stop != end || !(seconds > 0) || std::isinf(seconds)) {
    return base::fail("X-Prometheus-Scrape-Timeout-Seconds is not a number of seconds above 0");
  }
  const double left = std::max(seconds - k_reply_seconds, seconds / 2);
  const auto timeout = std::chrono::duration_cast<base::Duration>(
      std::chrono::duration<double>(std::min(left, k_longest_wait_seconds)));
  return std::max(timeout, base::Duration(1));
}

/// Narrows `candidates` to those whose `part` is the one asked for; fails where none is, and tells
/// which there are.
base::Result<void> narrow(std::vector<TargetKey>& candidates, const TargetKey& asked,
                          std::string TargetKey::*part, std::string_view name) {
  std::set<std::string> known;
  for (const TargetKey& candidate : candidates) {
    known.insert(candidate.*part);
  }
  if (!known.contains(asked.*part)) {
    const std::string problem = (asked.*part).empty()
                                    ? fmt::format("{} is missing", name)
                                    : fmt::format("unknown {} \"{}\"", name, asked.*part);
    return base::fail(fmt::format("{}; configured: {}", problem, fmt::join(known, ", ")));
  }
  std::erase_if(candidates,
                [&](const TargetKey& candidate) { return candidate.*part != asked.*part; });
  return {};
}

base::Result<void> check_target(const TargetKey& asked, std::vector<TargetKey> configured) {
  if (configured.empty()) {
    return base::fail("no probes are configured");
  }
  return narrow(configured, asked, &TargetKey::provider, "provider")
      .and_then([&] { return narrow(configured, asked, &TargetKey::model, "model"); })
      .and_then([&] { return narrow(configured, asked, &TargetKey::workload, "workload"); });
}

}  // namespace

base::Result<std::vector<std::string>> read_metric_names(std::string_view query) {
  auto parameters = parse_query(query);
  if (!parameters) {
    return tl::make_unexpected(std::move(parameters.error()));
  }
  if (parameters->size() > k_max_names) {
    return base::fail(fmt::format("more than {} names", k_max_names));
  }
  std::vector<std::string> names;
  for (auto& [name, value] : *parameters) {
    if (name != "name[]") {
      return base::fail(fmt::format("unknown query parameter {}: there is name[]", name));
    }
    names.push_back(std::move(value));
  }
  return names;
}

base::Result<ProbeRequest> read_probe_request(const http::Request& request,
                                              const std::vector<TargetKey>& configured) {
  auto parameters = parse_query(request.query);
  if (!parameters) {
    return tl::make_unexpected(std::move(parameters.error()));
  }
  auto timeout = read_scrape_timeout(request);
  if (!timeout) {
    return tl::make_unexpected(std::move(timeout.error()));
  }
  ProbeRequest result;
  result.format = exposition::negotiate(request.accept);
  result.timeout = *timeout;
  result.client_left = request.clients_left;
  for (auto& [name, value] : *parameters) {
    auto taken = read(name, std::move(value), result);
    if (!taken) {
      return tl::make_unexpected(std::move(taken.error()));
    }
  }
  return check_target(result.target, configured).map([&] { return result; });
}

base::Result<std::string> read_measurement_id(std::string_view path) {
  std::string id = base::to_lower(path.substr(path.rfind('/') + 1));
  if (id.size() != k_id_digits || id.find_first_not_of(k_hex_digits) != std::string::npos) {
    return base::fail(fmt::format("the id of a measurement is {} hexadecimal digits", k_id_digits));
  }
  return id;
}

bool wants_page(const http::Request& request) {
  const std::vector<base::Preference> preferences = base::parse_preferences(request.accept);
  return base::quality_of(preferences, "text/html") >
         base::quality_of(preferences, "application/json");
}

bool wants_json(const http::Request& request) {
  const std::vector<base::Preference> preferences = base::parse_preferences(request.accept);
  return base::quality_of(preferences, "application/json") >
         base::quality_of(preferences, "text/html");
}

base::Result<std::string> read_filter(std::string_view query) {
  return parse_query(query).map([](const Parameters& parameters) {
    const auto found = parameters.find("filter");
    return found != parameters.end() ? found->second : std::string();
  });
}

}  // namespace inferometer::web
