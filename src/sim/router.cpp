#include "sim/router.hpp"

#include "sim/openai_chat.hpp"

#include <fmt/format.h>

#include <string>

namespace inferometer::sim {
namespace {

const WireFormat& default_format() {
  return wire_formats().front();
}

Decision refuse_with(const WireFormat& format, int status, ErrorKind kind,
                     std::string_view message) {
  return {.action = error_response(format, status, kind, message), .fault = std::nullopt};
}

Decision not_found(std::string_view message) {
  return refuse_with(default_format(), 404, ErrorKind::not_found, message);
}

Decision wrong_method(const http::Request& request, std::string_view allowed) {
  http::Response response = error_response(
      default_format(), 405, ErrorKind::invalid_request,
      fmt::format("{} does not take {}: use {}", request.path, request.method, allowed));
  response.headers.emplace_back("allow", allowed);
  return {.action = std::move(response), .fault = std::nullopt};
}

Decision reply(std::string content_type, std::string body) {
  return {.action = http::Response{.status = 200,
                                   .content_type = std::move(content_type),
                                   .headers = {},
                                   .body = std::move(body)},
          .fault = std::nullopt};
}

/// `defaults` with what the request's own headers override.
base::Result<Behaviour> override_by_headers(const Behaviour& defaults,
                                            const http::Request& request) {
  Behaviour behaviour = defaults;
  for (const auto& [name, value] : request.headers) {
    if (!name.starts_with(k_setting_prefix)) {
      continue;
    }
    const base::Result<void> applied = apply_setting(behaviour, name, value);
    if (!applied) {
      return base::fail(applied.error().message);
    }
  }
  return behaviour;
}

std::int64_t unix_time(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Decision Router::decide(const http::Request& request, base::WallTime now) {
  Decision decision = route(request, now);
  const http::Header id("x-request-id", fmt::format("req_{:016x}", m_random.next()));
  if (auto* response = std::get_if<http::Response>(&decision.action)) {
    response->headers.push_back(id);
  }
  if (auto* answer = std::get_if<Answer>(&decision.action)) {
    answer->headers.push_back(id);
  }
  return decision;
}

http::Response Router::refuse(const http::RequestReader::Failure& failure) {
  return error_response(default_format(), failure.status, ErrorKind::invalid_request,
                        failure.message);
}

Decision Router::route(const http::Request& request, base::WallTime now) {
  const std::string_view path = request.path;
  if (path == "/healthz") {
    return request.method == "GET" ? reply("text/plain", "ok\n") : wrong_method(request, "GET");
  }
  if (path.starts_with("/v1/")) {
    return route_api(request, *m_options.profile, path, now);
  }
  const std::size_t end = path.find('/', 1);
  if (end == std::string_view::npos) {
    return not_found(fmt::format("there is nothing at {}", path));
  }
  const base::Result<const Profile*> profile = find_profile(path.substr(1, end - 1));
  if (!profile) {
    return not_found(profile.error().message);
  }
  return route_api(request, **profile, path.substr(end), now);
}

Decision Router::route_api(const http::Request& request, const Profile& profile,
                           std::string_view path, base::WallTime now) {
  if (!authorized(request)) {
    return refuse_with(default_format(), 401, ErrorKind::authentication,
                       "the API key is missing or wrong");
  }
  if (path == "/v1/models") {
    return request.method == "GET" ? reply("application/json", render_openai_models(profile.name))
                                   : wrong_method(request, "GET");
  }
  for (const WireFormat& format : wire_formats()) {
    if (path == format.path) {
      return request.method == "POST" ? generate(request, profile, format, now)
                                      : wrong_method(request, "POST");
    }
  }
  return not_found(fmt::format("there is nothing at {}", request.path));
}

Decision Router::generate(const http::Request& request, const Profile& profile,
                          const WireFormat& format, base::WallTime now) {
  Random random(m_random.next());
  base::Result<Behaviour> behaviour = override_by_headers(m_options.behaviour, request);
  if (!behaviour) {
    return refuse_with(format, 400, ErrorKind::invalid_request, behaviour.error().message);
  }
  std::optional<Fault>& fault = behaviour->fault;
  if (!fault) {
    fault = draw_fault(behaviour->fault_rates, random);
  }
  if (fault && info(*fault).place == FaultPlace::answer) {
    return {.action = act_out(*fault, format, random, now), .fault = fault};
  }
  base::Result<Ask> ask = format.parse(request.body);
  if (!ask) {
    return refuse_with(format, 400, ErrorKind::invalid_request, ask.error().message);
  }
  if (fault && !ask->stream) {
    if (!request.header("x-sim-fault").empty()) {
      return refuse_with(format, 400, ErrorKind::invalid_request,
                         fmt::format("the fault {} needs a streamed answer: set `stream` to true",
                                     info(*fault).name));
    }
    fault.reset();
  }
  const AnswerId id{.number = random.next(), .created = unix_time(now)};
  std::unique_ptr<Renderer> renderer = format.make_renderer(*ask, *behaviour, id);
  const std::optional<Fault> happens = fault;
  return {.action = Answer{.generation =
                               std::make_unique<Generation>(*std::move(ask), *std::move(behaviour),
                                                            profile, std::move(renderer), random),
                           .profile = &profile,
                           .stream_content_type = format.stream_content_type,
                           .headers = {}},
          .fault = happens};
}

bool Router::authorized(const http::Request& request) const {
  constexpr std::string_view k_scheme = "Bearer ";
  const std::string_view given = request.header("authorization");
  return m_options.key.empty() ||
         (given.starts_with(k_scheme) && given.substr(k_scheme.size()) == m_options.key.reveal());
}

}  // namespace inferometer::sim
