#include "config/problem.hpp"
#include "probe/auth/reason.hpp"
#include "probe/auth/step.hpp"
#include "protocol/answer/api_error.hpp"
#include "wire/redact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::MonotonicTime;
using measure::Outcome;
using transport::Ending;
using transport::Flow;

constexpr std::size_t k_max_body = std::size_t{64} * 1024;
constexpr std::chrono::seconds k_timeout{30};

Outcome outcome_of(int status, std::string_view reason) {
  if (reason.starts_with("Throttling")) {  // AWS says so under status 400
    return Outcome::rate_limited;
  }
  const bool is_refusal = status >= 400 && status < 500 && status != 408 && status != 429;
  if (is_refusal) {
    return Outcome::auth_error;
  }
  if (status >= 400) {
    return protocol::classify({.status = status, .type = {}, .code = {}, .message = {}});
  }
  return Outcome::protocol_error;
}

Outcome outcome_of(Ending ending) {
  switch (ending) {
    case Ending::dns_error:
      return Outcome::dns_error;
    case Ending::connect_error:
      return Outcome::connect_error;
    case Ending::tls_error:
      return Outcome::tls_error;
    case Ending::lost:
    case Ending::refused:
      return Outcome::connection_lost;
    case Ending::complete:
    case Ending::stopped:
    case Ending::protocol_error:
      return Outcome::protocol_error;
    case Ending::cancelled:
    case Ending::internal_error:
      return Outcome::internal_error;
  }
  return Outcome::internal_error;
}

class StepListener final : public transport::Listener {
 public:
  StepListener(Step step, StepFunction done) : m_step(std::move(step)), m_done(std::move(done)) {}

  void on_started(MonotonicTime now) override { m_deadline = now + k_timeout; }

  void on_request_begin(MonotonicTime /*now*/) override { m_is_connected = true; }

  Flow on_head(transport::ResponseHead head, const transport::Arrival& /*arrival*/) override {
    m_head = std::move(head);
    return Flow::go_on;
  }

  Flow on_body(std::string_view bytes, const transport::Arrival& /*arrival*/) override {
    m_is_too_long = m_body.size() + bytes.size() > k_max_body;
    if (m_is_too_long) {
      return Flow::stop;
    }
    m_body.append(bytes);
    return Flow::go_on;
  }

  [[nodiscard]] MonotonicTime deadline() const override { return m_deadline; }

  void on_deadline(MonotonicTime /*now*/) override { m_is_late = true; }

  void on_end(const transport::Report& report) override {
    if (report.ending == Ending::cancelled) {
      m_done(std::nullopt);
    } else {
      m_done(result(report));
    }
  }

 private:
  StepResult result(const transport::Report& report) {
    const base::Secret body(std::move(m_body));  // wiped
    if (m_is_late) {
      return failed(m_is_connected ? Outcome::total_timeout : Outcome::connect_timeout,
                    fmt::format("no answer within {} s", k_timeout.count()), m_step.late_hint);
    }
    if (m_is_too_long) {
      return failed(Outcome::protocol_error,
                    fmt::format("an answer of more than {} bytes", k_max_body));
    }
    if (report.ending != Ending::complete) {
      return failed(outcome_of(report.ending), report.message,
                    report.ending == Ending::connect_error ? m_step.late_hint : "");
    }
    return answer(body.reveal());
  }

  StepResult answer(std::string_view body) {
    if (m_head.status >= 300 && m_head.status < 400) {
      return failed(Outcome::protocol_error,
                    fmt::format("HTTP {}, a redirect, which is not followed", m_head.status));
    }
    if (m_head.status != 200) {
      const std::string reason = reason_in(body);
      const std::string why = reason.empty() ? plain_text_in(body) : reason;
      return refused(outcome_of(m_head.status, reason),
                     fmt::format("HTTP {}{}{}", m_head.status, why.empty() ? "" : ": ", why));
    }
    base::Result<Next> next = m_step.read(m_head, body);
    if (next) {
      return *std::move(next);
    }
    const std::string reason = reason_in(body);
    return reason.empty() ? failed(Outcome::protocol_error, next.error().message)
                          : refused(Outcome::auth_error, reason);
  }

  /// With what to do about it, where that is known.
  [[nodiscard]] tl::unexpected<protocol::ApiError> refused(Outcome outcome,
                                                           const std::string& why) const {
    const auto hint = std::find_if(
        m_step.hints.begin(), m_step.hints.end(),
        [&why](const Hint& known) { return why.find(known.text) != std::string::npos; });
    return failed(outcome, why, hint == m_step.hints.end() ? "" : hint->advice);
  }

  [[nodiscard]] tl::unexpected<protocol::ApiError> failed(Outcome outcome, std::string why,
                                                          std::string_view advice = {}) const {
    for (const base::Secret& secret : m_step.secrets) {
      why = wire::redact(why, secret);
    }
    constexpr std::size_t k_longest = 300;  // cut only now, so that no half of a secret is left
    return tl::make_unexpected(protocol::ApiError{
        outcome,
        fmt::format("no {} from {}: {}{}{}", m_step.wanted, config::quote(m_step.shown),
                    std::string_view(why).substr(0, k_longest), advice.empty() ? "" : ": ", advice),
        {}});
  }

  const Step m_step;
  const StepFunction m_done;

  MonotonicTime m_deadline = MonotonicTime::max();
  transport::ResponseHead m_head;
  std::string m_body;
  bool m_is_connected = false;
  bool m_is_too_long = false;
  bool m_is_late = false;
};

}  // namespace

std::unique_ptr<transport::Listener> make_step_listener(Step step, StepFunction done) {
  return std::make_unique<StepListener>(std::move(step), std::move(done));
}

}  // namespace inferometer::probe::auth
