#include "web/routes.hpp"

#include "exposition/text.hpp"
#include "web/query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::web {
namespace {

using config::TargetKey;

constexpr std::string_view k_probe_path = "/probe";

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

struct ProbeQuery {
  TargetKey target;
  bool debug = false;
};

base::Result<ProbeQuery> parse_probe_query(std::string_view query) {
  auto parameters = parse_query(query);
  if (!parameters) {
    return tl::make_unexpected(parameters.error());
  }
  ProbeQuery result;
  for (auto& [name, value] : *parameters) {
    if (name == "provider") {
      result.target.provider = std::move(value);
    } else if (name == "model") {
      result.target.model = std::move(value);
    } else if (name == "workload") {
      result.target.workload = std::move(value);
    } else if (name == "debug" && (value == "true" || value == "false")) {
      result.debug = value == "true";
    } else if (name == "debug") {
      return base::fail("debug must be true or false");
    } else {
      return base::fail(fmt::format(
          "unknown query parameter {}: there are provider, model, workload and debug", name));
    }
  }
  return result;
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

class Routes {
 public:
  Routes(Callbacks callbacks, std::size_t max_probes)
      : m_callbacks(std::move(callbacks)), m_max_probes(max_probes) {}

  Response respond(const Request& request);

 private:
  struct Route {
    std::string_view path;
    std::string_view method;
    Response (Routes::*respond)(const Request&);
  };
  static const std::array<Route, 7> k_routes;

  Response dispatch(const Request& request);

  Response page(const Request& /*request*/) {
    return content("text/html; charset=utf-8",
                   render_status_page(m_callbacks.status(), base::system_clock().wall_now()));
  }

  Response metrics(const Request& /*request*/) {
    return content(exposition::k_text_content_type, m_callbacks.metrics());
  }

  Response config(const Request& /*request*/) {
    return content("text/yaml; charset=utf-8", m_callbacks.redacted_config());
  }

  Response healthy(const Request& /*request*/) { return text(200, "Inferometer is Healthy.\n"); }

  Response ready(const Request& /*request*/) {
    const auto ready = m_callbacks.readiness();
    return ready ? text(200, "Inferometer is Ready.\n") : text(503, ready.error().message + "\n");
  }

  Response reload(const Request& /*request*/) {
    const auto reloaded = m_callbacks.reload();
    return reloaded ? text(200, "The configuration was reloaded.\n")
                    : text(500, reloaded.error().message + "\n");
  }

  Response probe(const Request& request);

  const Callbacks m_callbacks;
  const std::size_t m_max_probes;
  std::atomic<std::size_t> m_probes{0};
};

const std::array<Routes::Route, 7> Routes::k_routes{{
    {"/", "GET", &Routes::page},
    {"/metrics", "GET", &Routes::metrics},
    {k_probe_path, "GET", &Routes::probe},
    {"/config", "GET", &Routes::config},
    {"/-/healthy", "GET", &Routes::healthy},
    {"/-/ready", "GET", &Routes::ready},
    {"/-/reload", "POST", &Routes::reload},
}};

Response Routes::probe(const Request& request) {
  const auto query = parse_probe_query(request.query);
  if (!query) {
    return text(400, query.error().message + "\n");
  }
  const auto known = check_target(query->target, m_callbacks.targets());
  if (!known) {
    return text(400, known.error().message + "\n");
  }
  const Admission admission(m_probes, m_max_probes);
  if (!admission.admitted()) {
    return text(429,
                fmt::format("{} probes are running on request: try again later\n", m_max_probes));
  }
  auto result = m_callbacks.probe(query->target, query->debug);
  if (!result) {
    return text(503, result.error().message + "\n");
  }
  return query->debug ? text(200, std::move(*result))
                      : content(exposition::k_text_content_type, std::move(*result));
}

Response Routes::dispatch(const Request& request) {
  const auto* const route = std::find_if(k_routes.begin(), k_routes.end(), [&](const Route& each) {
    return each.path == request.path;
  });
  if (route == k_routes.end()) {
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
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                                "form-action 'none'; frame-ancestors 'none'");
  return response;
}

}  // namespace

Handler make_routes(Callbacks callbacks, std::size_t max_probes) {
  auto routes = std::make_shared<Routes>(std::move(callbacks), max_probes);
  return [routes](const Request& request) { return routes->respond(request); };
}

bool may_wait(std::string_view head) {
  // Paths are compared as sent, so a request for it has it in its first line.
  return head.substr(0, head.find('\n')).find(k_probe_path) != std::string_view::npos;
}

}  // namespace inferometer::web
