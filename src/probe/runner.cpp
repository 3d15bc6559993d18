#include "probe/runner.hpp"

#include "config/secret_source.hpp"
#include "probe/attempt.hpp"
#include "probe/prompt/prompt.hpp"
#include "probe/protocol/protocol.hpp"

#include <fmt/format.h>

#include <atomic>
#include <random>

namespace inferometer::probe {
namespace {

using base::Result;
using base::Secret;
using measure::Measurement;

/// A number that no other attempt has, of this process or, in all likelihood, of any other.
std::uint64_t next_number() {
  static const std::uint64_t k_base = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
  }();
  static std::atomic<std::uint64_t> count{0};
  // splitmix64 spreads consecutive numbers over all bits (Steele, Lea, Flood 2014).
  std::uint64_t z = k_base + (++count) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

Result<Secret> read_optional(const std::optional<config::SecretRef>& reference) {
  return reference ? config::read_secret(*reference) : Result<Secret>(Secret());
}

std::optional<config::SecretRef> bearer_of(const config::Auth& auth) {
  const auto* bearer = std::get_if<config::BearerAuth>(&auth);
  return bearer != nullptr ? std::optional(bearer->token) : std::nullopt;
}

transport::Request make_request(const config::Target& target, const protocol::Protocol& protocol,
                                std::uint64_t nonce) {
  const config::Provider& provider = target.provider;
  protocol::HttpRequest http = protocol.make_request(protocol::Generation{
      .model = target.model.name,
      .prompt = prompt::make_prompt(target.workload, nonce),
      .max_output_tokens = target.workload.output_tokens,
      .temperature = target.workload.temperature,
      .max_tokens_parameter = provider.max_tokens_parameter,
  });
  transport::Request request;
  request.url = provider.base_url + http.path;
  request.headers = std::move(http.headers);
  request.headers.insert(request.headers.end(), provider.headers.begin(), provider.headers.end());
  request.body = std::move(http.body);
  request.connection = target.connection;
  request.http_version = provider.http_version;
  request.tls = provider.tls;
  request.proxy = provider.proxy;
  return request;
}

}  // namespace

Runner::Runner(Dependencies dependencies) : m_dependencies(dependencies) {}

void Runner::start(std::shared_ptr<const config::Target> target, base::MonotonicTime scheduled,
                   Completion completion) {
  const std::uint64_t number = next_number();
  Measurement measurement;
  measurement.id = fmt::format("{:016x}", number);
  measurement.target = target->key();
  measurement.timeline.scheduled = scheduled;
  measurement.stall_threshold = target->workload.stall_threshold;

  const protocol::Protocol* protocol = protocol::find_protocol(target->provider.protocol);
  Result<Secret> bearer = read_optional(bearer_of(target->provider.auth));
  Result<Secret> proxy_password = read_optional(target->provider.proxy.password);
  if (protocol == nullptr || !bearer || !proxy_password) {
    measurement.detail = protocol == nullptr ? "no protocol " + target->provider.protocol
                         : !bearer           ? bearer.error().message
                                             : proxy_password.error().message;
    measurement.started_at = m_dependencies.clock.wall_now();
    measurement.timeline.started = m_dependencies.clock.now();
    measurement.timeline.ended = measurement.timeline.started;
    completion(std::move(measurement));  // its outcome is internal_error from the start
    return;
  }
  transport::Request request = make_request(*target, *protocol, number);
  if (!bearer->empty()) {
    request.secret_headers.emplace_back("Authorization", Secret("Bearer " + bearer->reveal()));
  }
  request.proxy_password = *std::move(proxy_password);
  m_dependencies.transport.start(
      std::move(request),
      std::make_unique<Attempt>(std::move(target), *protocol, std::move(measurement),
                                std::vector{*std::move(bearer)}, m_dependencies,
                                std::move(completion)));
}

}  // namespace inferometer::probe
