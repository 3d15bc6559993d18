#include "sim/router.hpp"

#include "sim/decision.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace inferometer::sim {
namespace {

constexpr std::string_view k_metrics_path = "/metrics";

/// Gives errors their shape where no API is meant.
const WireFormat& default_format() {
  return wire_formats().front();
}

Decision refuse_with(const WireFormat& format, const ApiError& error) {
  return {.action = format.render_error(error), .format = &format};
}

Decision not_found(std::string_view message) {
  return refuse_with(default_format(), {.kind = ErrorKind::not_found, .message = message});
}

Decision wrong_method(const http::Request& request, const WireFormat& format,
                      std::string_view allowed) {
  http::Response response = format.render_error(
      {.kind = ErrorKind::invalid_request,
       .message = fmt::format("{} does not take {}: use {}", request.path, request.method, allowed),
       .status = 405});
  response.headers.emplace_back("allow", allowed);
  return {.action = std::move(response), .format = &format};
}

Decision reply(std::string content_type, std::string body) {
  return {.action = http::Response{.status = 200,
                                   .content_type = std::move(content_type),
                                   .headers = {},
                                   .body = std::move(body)}};
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

/// Open to everyone, as with the servers that it imitates.
Decision show_metrics(const http::Request& request, const Profile& profile) {
  return request.method == "GET" ? Decision{.action = MetricsPage{.profile = &profile}}
                                 : wrong_method(request, default_format(), "GET");
}

/// What a fault of streams needs and this request does not have; empty if it can happen.
std::string_view missing_for(Fault fault, const Ask& ask, const WireFormat& format) {
  if (!ask.stream) {
    return "a streamed answer";
  }
  return fault == Fault::corrupt_crc && !format.checksums ? "an API whose messages have checksums"
                                                          : "";
}

bool fits(const Ask& ask, std::uint64_t window) {
  return ask.prompt_tokens <= window && ask.max_tokens.value_or(0) <= window - ask.prompt_tokens;
}

}  // namespace

Decision Router::decide(const http::Request& request, base::WallTime now) {
  Decision decision = route(request, now);
  const std::string_view name =
      (decision.format != nullptr ? *decision.format : default_format()).request_id_header;
  const std::string id = fmt::format("req_{:016x}", m_random.next());
  if (name.empty()) {
    return decision;
  }
  if (auto* response = std::get_if<http::Response>(&decision.action)) {
    response->headers.emplace_back(name, id);
  }
  if (auto* answer = std::get_if<Answer>(&decision.action)) {
    answer->headers.emplace_back(name, id);
  }
  return decision;
}

http::Response Router::refuse(const http::RequestReader::Failure& failure) {
  return default_format().render_error(
      {.kind = ErrorKind::invalid_request, .message = failure.message, .status = failure.status});
}

Decision Router::route(const http::Request& request, base::WallTime now) {
  const std::string_view path = request.path;
  if (path == "/healthz") {
    return request.method == "GET" ? reply("text/plain", "ok\n")
                                   : wrong_method(request, default_format(), "GET");
  }
  if (path == k_metrics_path) {
    return show_metrics(request, *m_options.profile);
  }
  if (path == "/token") {
    return request.method == "POST" ? Decision{.action = issue_token(request, m_options.key)}
                                    : wrong_method(request, default_format(), "POST");
  }
  if (const std::optional<Endpoint> endpoint = find_endpoint(path)) {
    return serve(request, *m_options.profile, *endpoint, now);
  }
  const std::size_t end = path.find('/', 1);
  const base::Result<const Profile*> profile = find_profile(path.substr(1, end - 1));
  if (!profile) {
    return not_found(fmt::format("there is nothing at {}, and {}", path, profile.error().message));
  }
  const std::string_view rest = path.substr(std::min(end, path.size()));
  if (rest == k_metrics_path) {
    return show_metrics(request, **profile);
  }
  const std::optional<Endpoint> endpoint = find_endpoint(rest);
  return endpoint ? serve(request, **profile, *endpoint, now)
                  : not_found(fmt::format("there is nothing at {}", path));
}

Decision Router::serve(const http::Request& request, const Profile& profile,
                       const Endpoint& endpoint, base::WallTime now) {
  const WireFormat& format = *endpoint.format;
  if (std::optional<http::Response> refusal = refuse_without_key(request, format, now)) {
    return {.action = *std::move(refusal), .format = &format};
  }
  const std::string_view method = endpoint.route == nullptr ? "GET" : "POST";
  if (request.method != method) {
    return wrong_method(request, format, method);
  }
  return endpoint.route == nullptr ? reply("application/json", format.render_models(profile.name))
                                   : generate(request, profile, endpoint, now);
}

Decision Router::generate(const http::Request& request, const Profile& profile,
                          const Endpoint& endpoint, base::WallTime now) {
  base::Result<Behaviour> behaviour = override_by_headers(m_options.behaviour, request);
  if (!behaviour) {
    return refuse_with(*endpoint.format,
                       {.kind = ErrorKind::invalid_request, .message = behaviour.error().message});
  }
  const bool rate_limits = behaviour->rate_limits;
  const Dialect dialect = behaviour->dialect;
  Decision decision = consider(request, *std::move(behaviour), profile, endpoint, now);
  if (rate_limits) {
    add_rate_limit_headers(decision, dialect, now);
  }
  return decision;
}

Decision Router::consider(const http::Request& request, Behaviour behaviour, const Profile& profile,
                          const Endpoint& endpoint, base::WallTime now) {
  const WireFormat& format = *endpoint.format;
  const Dialect dialect = behaviour.dialect;
  Random random(m_random.next());
  std::optional<Fault>& fault = behaviour.fault;
  if (!fault) {
    fault = draw_fault(behaviour.fault_rates, random);
  }
  if (fault && info(*fault).place == FaultPlace::answer) {
    return {.action = perform_fault(*fault, format, dialect, random, now),
            .fault = fault,
            .format = &format};
  }
  base::Result<Ask> ask =
      format.parse({.request = request, .route = *endpoint.route, .model = endpoint.model});
  if (!ask) {
    return refuse_with(
        format,
        {.kind = ErrorKind::invalid_request, .message = ask.error().message, .dialect = dialect});
  }
  const std::string_view need = fault ? missing_for(*fault, *ask, format) : "";
  if (!need.empty() && !request.header("x-sim-fault").empty()) {
    return refuse_with(format, {.kind = ErrorKind::invalid_request,
                                .message = fmt::format("the fault {} needs {}: ask for one",
                                                       info(*fault).name, need),
                                .dialect = dialect});
  }
  if (!need.empty()) {
    fault.reset();
  }
  ask->prompt_tokens = behaviour.tokenizer.count(ask->prompt.size());
  if (behaviour.context_window > 0 && !fits(*ask, behaviour.context_window)) {
    return refuse_with(format, {.kind = ErrorKind::context_length,
                                .dialect = dialect,
                                .prompt_tokens = ask->prompt_tokens,
                                .context_window = behaviour.context_window});
  }
  return answer(*std::move(ask), std::move(behaviour), profile, format, random, now);
}

Decision Router::answer(Ask ask, Behaviour behaviour, const Profile& profile,
                        const WireFormat& format, Random random, base::WallTime now) {
  const std::uint64_t cached =
      behaviour.prefix_cache
          ? m_prefix_caches[profile_index(profile)].use(ask.model, ask.prompt, behaviour.tokenizer)
          : 0;
  std::vector<http::Header> headers;
  if (behaviour.retry_after_on_success) {
    headers.emplace_back("retry-after", "1");
  }
  const AnswerId id{.number = random.next(), .created = unix_time(now)};
  std::unique_ptr<Renderer> renderer = format.make_renderer(ask, behaviour, id);
  ask.prompt = {};  // It may be 16 MiB, and the answer may take minutes.
  const std::optional<Fault> fault = behaviour.fault;
  return {.action = Answer{.generation = std::make_unique<Generation>(
                               std::move(ask), std::move(behaviour), profile, std::move(renderer),
                               random, cached),
                           .profile = &profile,
                           .stream_content_type = format.stream_content_type,
                           .headers = std::move(headers)},
          .fault = fault,
          .format = &format};
}

/// Adds the headers with what is left of the rate limits, where the API has such.
void Router::add_rate_limit_headers(Decision& decision, Dialect dialect, base::WallTime now) {
  const auto& render = decision.format->rate_limit_headers;
  auto* const response = std::get_if<http::Response>(&decision.action);
  auto* const answer = std::get_if<Answer>(&decision.action);
  if (render == nullptr || (response == nullptr && answer == nullptr)) {
    return;
  }
  constexpr int k_too_many_requests = 429;
  const std::uint64_t tokens = answer == nullptr ? 0 : answer->generation->usage().prompt_tokens;
  const Limits limits = response != nullptr && response->status == k_too_many_requests
                            ? RateLimits::exhausted()
                            : m_rate_limits.spend(tokens);
  std::vector<http::Header>& headers = answer == nullptr ? response->headers : answer->headers;
  for (http::Header& header : render(limits, dialect, now)) {
    headers.push_back(std::move(header));
  }
}

/// The answer to a request that does not prove that its sender has the key. A key is shown as a
/// bearer token or in the API's own header.
std::optional<http::Response> Router::refuse_without_key(const http::Request& request,
                                                         const WireFormat& format,
                                                         base::WallTime now) const {
  constexpr std::string_view k_scheme = "Bearer ";
  const base::Secret& key = m_options.key;
  const std::string_view bearer = request.header("authorization");
  if (key.empty() ||
      (bearer.starts_with(k_scheme) && bearer.substr(k_scheme.size()) == key.reveal()) ||
      (!format.key_header.empty() && request.header(format.key_header) == key.reveal())) {
    return std::nullopt;
  }
  return format.check_proof == nullptr ? format.render_error({.kind = ErrorKind::authentication})
                                       : format.check_proof(request, key, now);
}

}  // namespace inferometer::sim
