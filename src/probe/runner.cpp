#include "probe/runner.hpp"

#include "config/secrets.hpp"
#include "probe/prompt/prompt.hpp"
#include "probe/request.hpp"

#include <fmt/format.h>

#include <exception>
#include <random>
#include <utility>
#include <vector>

namespace inferometer::probe {
namespace {

using base::Result;
using base::Secret;
using measure::Measurement;
using measure::Outcome;

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

Measurement begin_measurement(const Runner::Order& order, std::uint64_t number) {
  Measurement measurement;
  measurement.id = fmt::format("{:016x}", number);
  measurement.target = order.target->key();
  measurement.timeline.scheduled = order.scheduled;
  measurement.attempt = order.attempt;
  measurement.streamed = order.target->workload.stream;
  measurement.stall_threshold = order.target->workload.stall_threshold;
  return measurement;
}

/// Hands over an attempt that ended before there was a request.
void end_unsent(Measurement measurement, const protocol::ApiError& reason, const base::Clock& clock,
                const Completion& completion) {
  measurement.outcome = reason.outcome;
  measurement.detail = make_detail(reason.message);
  measurement.started_at = clock.wall_now();
  measurement.timeline.started = clock.now();
  measurement.timeline.ended = measurement.timeline.started;
  completion(std::move(measurement));
}

/// Learns from the provider's count of tokens how long the next prompt must be.
Completion learning(prompt::Calibration& calibration, std::size_t characters,
                    Completion completion) {
  return [&calibration, characters,
          completion = std::move(completion)](std::optional<Measurement> measurement) {
    if (measurement && measurement->outcome == Outcome::success && measurement->usage &&
        measurement->usage->input) {
      calibration.learn(measurement->target, characters, *measurement->usage->input);
    } else if (measurement && measurement->outcome == Outcome::context_length) {
      calibration.learn_refusal(measurement->target, characters, measurement->refused_tokens);
    }
    completion(std::move(measurement));
  };
}

/// An attempt that waits for its credentials.
struct Pending {
  transport::Request request;
  Attempt::Setup setup;
  std::optional<base::MonotonicTime> token_asked;  ///< since when, if it is for a token
  std::shared_ptr<Cancellation> cancellation;
};

void launch(transport::Transport& transport, Pending pending,
            std::optional<auth::AuthorizationResult> authorization) {
  Attempt::Setup& setup = pending.setup;
  if (!authorization || (pending.cancellation && pending.cancellation->cancelled())) {
    setup.completion(std::nullopt);
    return;
  }
  if (pending.token_asked) {  // else it took what all of our own work takes
    setup.measurement.token_wait = setup.clock.now() - *pending.token_asked;
  }
  if (!*authorization) {
    setup.measurement.no_credentials = authorization->error().outcome == Outcome::internal_error;
    end_unsent(std::move(setup.measurement), authorization->error(), setup.clock, setup.completion);
    return;
  }
  auth::Authorization& granted = **authorization;
  pending.request.secret_headers = std::move(granted.headers);
  setup.secrets.insert(setup.secrets.end(), granted.secrets.begin(), granted.secrets.end());
  const auto exchange =
      transport.start(std::move(pending.request), std::make_unique<Attempt>(std::move(setup)));
  if (pending.cancellation) {
    pending.cancellation->set([&transport, exchange] { transport.cancel(exchange); });
  }
}

}  // namespace

Runner::Runner(Dependencies dependencies)
    : m_dependencies(dependencies),
      m_authorizer(dependencies.background, dependencies.clock),
      m_max_error(config::Trust().max_error.count()) {}

void Runner::set_trust(const config::Trust& trust) {
  m_max_error = trust.max_error.count();
}

void Runner::apply(const config::Config& config) {
  set_trust(config.trust);
  m_authorizer.keep(config.providers);
  m_calibration.keep(config.target_keys());
  m_expectations.keep(config.targets);
}

/// All that a request needs but its credentials.
struct Runner::Prepared {
  const protocol::Protocol& protocol;
  transport::Request request;
  std::size_t prompt_bytes = 0;
  std::shared_ptr<const Expectation> expectation;
};

Result<Runner::Prepared> Runner::prepare(const config::Target& target, std::uint64_t number) {
  const protocol::Protocol* protocol = protocol::find_protocol(target.provider.protocol);
  if (protocol == nullptr) {
    return base::fail("no protocol " + target.provider.protocol);
  }
  auto expectation = m_expectations.get(target.workload.expect);
  if (!expectation) {
    return tl::make_unexpected(expectation.error());
  }
  const std::size_t characters = m_calibration.characters_for(target);
  Result<prompt::Prompt> prompt =
      prompt::build(target, characters, number, m_calibration.characters_per_token(target.key()));
  if (!prompt) {
    return tl::make_unexpected(prompt.error());
  }
  const std::size_t prompt_bytes = prompt->user.size();
  return Prepared{.protocol = *protocol,
                  .request = make_request(target, *protocol, *std::move(prompt)),
                  .prompt_bytes = prompt_bytes,
                  .expectation = *std::move(expectation)};
}

/// An exception is an error like any other: one attempt that cannot be made does not affect others.
Result<Runner::Prepared> Runner::try_to_prepare(const config::Target& target,
                                                std::uint64_t number) {
  try {
    return prepare(target, number);
  } catch (const std::exception& exception) {
    return base::fail(exception.what());
  }
}

void Runner::start(const Order& order, Completion completion) {
  if (order.cancellation && order.cancellation->cancelled()) {
    completion(std::nullopt);
    return;
  }
  const config::Target& target = *order.target;
  const std::uint64_t number = next_number();
  Measurement measurement = begin_measurement(order, number);
  measurement.max_error = base::Duration(m_max_error.load());
  const auto give_up = [&](const base::Error& why) {
    end_unsent(std::move(measurement), {Outcome::internal_error, why.message, {}},
               m_dependencies.clock, completion);
  };
  Result<Prepared> prepared = try_to_prepare(target, number);
  if (!prepared) {
    give_up(prepared.error());
    return;
  }
  Result<Secret> proxy_password = config::read_secret(target.provider.proxy.password);
  if (!proxy_password) {
    measurement.no_credentials = true;
    give_up(proxy_password.error());
    return;
  }
  prepared->request.proxy_password = *proxy_password;
  completion = learning(m_calibration, prepared->prompt_bytes, std::move(completion));
  // Shared, as the credentials may come later, on another thread.
  auto pending = std::make_shared<Pending>(
      Pending{.request = std::move(prepared->request),
              .setup = {.target = order.target,
                        .protocol = prepared->protocol,
                        .measurement = std::move(measurement),
                        .secrets = {*std::move(proxy_password)},
                        .clock = m_dependencies.clock,
                        .completion = std::move(completion),
                        .expectation = std::move(prepared->expectation)},
              .token_asked = auth::is_fetched(target.provider.auth)
                                 ? std::optional(m_dependencies.clock.now())
                                 : std::nullopt,
              .cancellation = order.cancellation});
  m_authorizer.authorize(target.provider, prepared->protocol, pending->request,
                         [pending, &transport = m_dependencies.transport](
                             std::optional<auth::AuthorizationResult> authorization) {
                           launch(transport, std::move(*pending), std::move(authorization));
                         });
}

std::future<std::optional<measure::Measurement>> start_single_attempt(
    Runner& runner, std::shared_ptr<const config::Target> target) {
  auto done = std::make_shared<std::promise<std::optional<measure::Measurement>>>();
  auto future = done->get_future();
  runner.start({.target = std::move(target), .scheduled = base::system_clock().now(), .attempt = 1},
               [done](std::optional<measure::Measurement> measurement) {
                 done->set_value(std::move(measurement));
               });
  return future;
}

}  // namespace inferometer::probe
