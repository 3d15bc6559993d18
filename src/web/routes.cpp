#include "web/routes.hpp"

#include "exposition/format.hpp"
#include "http/head.hpp"
#include "http/limits.hpp"
#include "measure/render.hpp"
#include "web/access.hpp"
#include "web/api/json.hpp"
#include "web/page/measurement_page.hpp"
#include "web/page/status_page.hpp"
#include "web/probe_rate.hpp"
#include "web/reload_queue.hpp"
#include "web/requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::web {
namespace {

using http::Lane;
using http::Request;
using http::Response;

constexpr std::string_view k_policy_header = "Content-Security-Policy";
constexpr std::string_view k_html = "text/html; charset=utf-8";
constexpr std::string_view k_json = "application/json; charset=utf-8";

Response text(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response content(std::string_view type, std::string body) {
  Response response = text(200, std::move(body));
  response.content_type = type;
  return response;
}

/// The header that says when to ask again: in whole seconds, at least one.
std::pair<std::string, std::string> retry_after(base::Duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return {"Retry-After", std::to_string(std::max<std::int64_t>(seconds, 1))};
}

/// Counts a caller in for a scope, if there is room for it.
class Admission {
 public:
  Admission(std::atomic<std::size_t>& count, std::size_t max)
      : m_count(count), m_admitted(count.fetch_add(1) < max) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  ~Admission() { m_count.fetch_sub(1); }

  [[nodiscard]] bool admitted() const { return m_admitted; }

 private:
  std::atomic<std::size_t>& m_count;
  bool m_admitted;
};

/// For a response that follows from what the client accepts.
Response negotiated(Response response) {
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

/// An error as Prometheus' API writes it.
Response json_error(int status, std::string_view type, std::string_view message) {
  Response response = content(k_json, error_json(type, message));
  response.status = status;
  return response;
}

base::WallTime now() {
  return base::system_clock().wall_now();
}

/// Whether `path` is the one of a route, where `*` stands for one last segment.
bool matches(std::string_view route, std::string_view path) {
  if (!route.ends_with('*')) {
    return path == route;
  }
  route.remove_suffix(1);
  return path.starts_with(route) && path.find('/', route.size()) == std::string_view::npos;
}

class Routes {
 public:
  Routes(Callbacks callbacks, std::size_t max_probes)
      : m_callbacks(std::move(callbacks)),
        m_max_probes(max_probes),
        m_reloads(m_callbacks.reload, base::system_clock()) {}

  Response respond(const Request& request);

  static Lane lane_of(std::string_view path) {
    const Route* const route = find(path);
    return route != nullptr ? route->lane : Lane::page;
  }

 private:
  /// Of what costs money or changes something: such a route can be switched off, and is not for
  /// the pages of others.
  struct Switch {
    bool config::Web::*on = nullptr;
    std::string_view setting;
  };
  struct Route {
    std::string_view path;
    std::string_view method;
    Response (Routes::*respond)(const Request&);
    Lane lane = Lane::page;
    Switch guard = {};
  };
  static const std::array<Route, 10> k_routes;

  static const Route* find(std::string_view path);
  Response dispatch(const Request& request);
  [[nodiscard]] std::optional<Response> refuse(const Route* route, const Request& request) const;

  Response config(const Request& /*request*/) {
    return content("text/yaml; charset=utf-8", m_callbacks.redacted_config());
  }

  Response healthy(const Request& /*request*/) {
    const auto health = m_callbacks.health();
    return health ? text(200, "Inferometer is Healthy.\n")
                  : text(503, health.error().message + "\n");
  }

  Response ready(const Request& /*request*/) {
    const auto ready = m_callbacks.readiness();
    return ready ? text(200, "Inferometer is Ready.\n") : text(503, ready.error().message + "\n");
  }

  Response reload(const Request& /*request*/) {
    const ReloadQueue::Answer answer = m_reloads.run();
    if (answer.reloaded) {
      return text(200, "The configuration was reloaded.\n");
    }
    Response response =
        text(answer.retry_after ? 429 : 500, answer.reloaded.error().message + "\n");
    if (answer.retry_after) {
      response.headers.push_back(retry_after(*answer.retry_after));
    }
    return response;
  }

  Response page(const Request& request);
  Response targets(const Request& request);
  Response measurements(const Request& request);
  Response metrics(const Request& request);
  Response probe(const Request& request);
  Response measurement(const Request& request);

  const Callbacks m_callbacks;
  const std::size_t m_max_probes;
  std::atomic<std::size_t> m_probes{0};
  ProbeRate m_probe_rate;
  ReloadQueue m_reloads;
};

const std::array<Routes::Route, 10> Routes::k_routes{{
    {"/", "GET", &Routes::page},
    {"/metrics", "GET", &Routes::metrics},
    {"/probe",
     "GET",
     &Routes::probe,
     Lane::waiting,
     {&config::Web::enable_probe, "web.enable_probe"}},
    {"/api/v1/targets", "GET", &Routes::targets},
    {"/api/v1/measurements", "GET", &Routes::measurements},
    {"/api/v1/measurements/*", "GET", &Routes::measurement},
    {"/config", "GET", &Routes::config},
    {"/-/healthy", "GET", &Routes::healthy, Lane::urgent},
    {"/-/ready", "GET", &Routes::ready, Lane::urgent},
    {"/-/reload",
     "POST",
     &Routes::reload,
     Lane::waiting,
     {&config::Web::enable_lifecycle, "web.enable_lifecycle"}},
}};

Response Routes::page(const Request& request) {
  if (wants_json(request)) {
    return negotiated(targets(request));
  }
  const auto filter = read_filter(request.query);
  if (!filter) {
    return text(400, filter.error().message + "\n");
  }
  Response response = content(k_html, render_status_page(m_callbacks.status(), *filter, now()));
  response.headers.emplace_back(k_policy_header, status_page_policy());
  return negotiated(std::move(response));
}

Response Routes::targets(const Request& request) {
  const auto query = read_target_query(request.query);
  if (!query) {
    return json_error(400, "bad_data", query.error().message);
  }
  const Status status = m_callbacks.status();
  const base::WallTime when = now();
  return content(k_json, targets_json(select_targets(status.targets, *query, when), when));
}

Response Routes::measurements(const Request& request) {
  const auto query = read_measurement_query(request.query);
  if (!query) {
    return json_error(400, "bad_data", query.error().message);
  }
  const Measurements selected = select_measurements(m_callbacks.measurements(), *query);
  return negotiated(wants_page(request)
                        ? content(k_html, render_measurement_list(selected, *query,
                                                                  m_callbacks.retention(), now()))
                        : content(k_json, measurements_json(selected)));
}

Response Routes::metrics(const Request& request) {
  const auto names = read_metric_names(request.query);
  if (!names) {
    return text(400, names.error().message + "\n");
  }
  const exposition::Format format = exposition::negotiate(request.accept);
  return negotiated(content(exposition::content_type(format), m_callbacks.metrics(format, *names)));
}

Response Routes::probe(const Request& request) {
  const auto asked = read_probe_request(request, m_callbacks.targets());
  if (!asked) {
    return text(400, asked.error().message + "\n");
  }
  const Admission admission(m_probes, m_max_probes);
  if (!admission.admitted()) {
    return text(429,
                fmt::format("{} probes are running on request: try again later\n", m_max_probes));
  }
  const std::uint32_t per_minute = m_callbacks.settings()->probe_requests_per_minute;
  if (const auto wait = m_probe_rate.take(per_minute, base::system_clock().now())) {
    Response response = text(
        429, fmt::format("web.probe_requests_per_minute of the configuration allows {} probes a "
                         "minute: try again later\n",
                         per_minute));
    response.headers.push_back(retry_after(*wait));
    return response;
  }
  auto result = m_callbacks.probe(*asked);
  if (!result) {
    return text(result.error().status, result.error().message + "\n");
  }
  return asked->debug
             ? text(200, std::move(*result))
             : negotiated(content(exposition::content_type(asked->format), std::move(*result)));
}

Response Routes::measurement(const Request& request) {
  const auto id = read_measurement_id(request.path);
  if (!id) {
    return json_error(400, "bad_data", id.error().message);
  }
  const auto measurement = m_callbacks.measurement(*id);
  if (!measurement) {
    Response unknown =
        json_error(404, "not_found", "no such measurement: only the latest are kept, in memory");
    if (wants_page(request)) {
      unknown.content_type = k_html;
      unknown.body = render_unknown_measurement(*id, m_callbacks.retention(), now());
    }
    return negotiated(std::move(unknown));
  }
  return negotiated(wants_page(request) ? content(k_html, render_measurement_page(*measurement))
                                        : content(k_json, measure::to_json(*measurement) + "\n"));
}

const Routes::Route* Routes::find(std::string_view path) {
  const auto* const route = std::find_if(k_routes.begin(), k_routes.end(), [&](const Route& each) {
    return matches(each.path, path);
  });
  return route == k_routes.end() ? nullptr : route;
}

/// The answer to a request that is not let in. Health is open to all clients, and needs no
/// settings: Kubernetes asks a pod for it by whatever address that has.
std::optional<Response> Routes::refuse(const Route* route, const Request& request) const {
  if (route != nullptr && route->lane == Lane::urgent) {
    return std::nullopt;
  }
  const std::shared_ptr<const config::Web> settings = m_callbacks.settings();
  if (const auto host = check_host(request, settings->allowed_hosts); !host) {
    return text(421, host.error().message + "\n");
  }
  if (route == nullptr || route->guard.on == nullptr) {
    return std::nullopt;
  }
  if (!(settings.get()->*route->guard.on)) {
    return text(403, fmt::format("{} is switched off: {} in the configuration turns it on\n",
                                 route->path, route->guard.setting));
  }
  if (const auto origin = check_origin(request); !origin) {
    return text(403, origin.error().message + "\n");
  }
  return std::nullopt;
}

Response Routes::dispatch(const Request& request) {
  const Route* const route = find(request.path);
  if (auto refused = refuse(route, request)) {
    return *std::move(refused);
  }
  if (route == nullptr) {
    return text(404, "not found: / lists what there is\n");
  }
  const bool head = request.method == "HEAD" && route->method == "GET";
  if (request.method != route->method && !head) {
    Response response = text(405, fmt::format("use {}\n", route->method));
    response.headers.emplace_back("Allow", route->method == "GET" ? "GET, HEAD" : route->method);
    return response;
  }
  return (this->*route->respond)(request);
}

Response Routes::respond(const Request& request) {
  Response response = dispatch(request);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  const bool has_policy = std::ranges::any_of(
      response.headers, [](const auto& header) { return header.first == k_policy_header; });
  if (!has_policy) {
    response.headers.emplace_back(k_policy_header,
                                  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                                  "form-action 'none'; frame-ancestors 'none'");
  }
  return response;
}

}  // namespace

// Or one too many would wait for a thread instead of being refused.
static_assert(k_max_probes + ReloadQueue::k_max_callers < http::Limits().waiting_threads);

http::Handler make_routes(Callbacks callbacks, std::size_t max_probes) {
  auto routes = std::make_shared<Routes>(std::move(callbacks), max_probes);
  return [routes](const Request& request) { return routes->respond(request); };
}

http::Lane lane_of(std::string_view head) {
  return Routes::lane_of(http::path_of(head));
}

}  // namespace inferometer::web
