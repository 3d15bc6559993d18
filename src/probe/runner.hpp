#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "probe/attempt.hpp"
#include "probe/auth/authorizer.hpp"
#include "probe/cancellation.hpp"
#include "probe/expectation.hpp"
#include "probe/prompt/calibration.hpp"
#include "transport/transport.hpp"

#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>

namespace inferometer::probe {

/// Runs attempts: prompt, protocol and credentials into a request, the answer into one Measurement.
/// Keeps what outlives an attempt: tokens, compiled expectations, and how many characters a token
/// has. Thread-safe.
class Runner {
 public:
  struct Dependencies {
    transport::Transport& transport;   ///< carries the attempts
    transport::Transport& background;  ///< carries what must not disturb them: tokens
    const base::Clock& clock;
  };

  /// What is to be attempted, and why now.
  struct Order {
    std::shared_ptr<const config::Target> target;
    base::MonotonicTime scheduled{};               ///< when it should have begun
    std::uint32_t attempt = 1;                     ///< 2 is the first retry
    std::shared_ptr<Cancellation> cancellation{};  ///< null: it cannot be given up
  };

  explicit Runner(Dependencies dependencies);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() = default;  ///< REQUIRES: both transports have stopped

  /// What makes the measurements of later attempts suspect.
  void set_trust(const config::Trust& trust);

  /// Takes the trust of `config` over, and forgets what belongs to targets and providers that it
  /// has not.
  void apply(const config::Config& config);

  /// Starts one attempt: builds its prompt and reads its secrets, which takes milliseconds, and
  /// config::k_read_limit where a file hangs. What we ourselves get wrong before there is a
  /// request, such as a secret that cannot be read, ends it as internal_error, within this call; a
  /// token that is refused, as auth_error.
  void start(const Order& order, Completion completion);

  /// Begins to fetch the provider's token, if it needs one, before an attempt needs it. Does not
  /// wait for it, but reads the secrets that it takes.
  void refresh_token(const config::Provider& provider) { m_authorizer.refresh(provider); }

 private:
  struct Prepared;

  [[nodiscard]] base::Result<Prepared> prepare(const config::Target& target, std::uint64_t number);
  [[nodiscard]] base::Result<Prepared> try_to_prepare(const config::Target& target,
                                                      std::uint64_t number);

  Dependencies m_dependencies;
  auth::Authorizer m_authorizer;
  prompt::Calibration m_calibration;
  Expectations m_expectations;
  std::atomic<base::Duration::rep> m_max_error;
};

/// Starts one attempt now. The future gets its measurement, or none if a transport was stopped.
[[nodiscard]] std::future<std::optional<measure::Measurement>> start_single_attempt(
    Runner& runner, std::shared_ptr<const config::Target> target);

}  // namespace inferometer::probe
