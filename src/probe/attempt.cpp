#include "probe/attempt.hpp"

#include "base/ascii.hpp"
#include "probe/one_line.hpp"
#include "protocol/answer/api_error.hpp"
#include "protocol/answer/rate_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace inferometer::probe {
namespace {

using base::MonotonicTime;
using measure::FinishReason;
using measure::Outcome;
using transport::Ending;
using transport::Flow;

/// Longer than any honest answer: what a stream may hold before it counts as broken.
constexpr std::uint64_t k_max_body_bytes = 64ULL * 1024 * 1024;
constexpr std::size_t k_max_error_body = 64UL * 1024;

/// What is expected of a text must show in its beginning.
constexpr std::size_t k_max_checked_text = 1024UL * 1024;

/// How long a server may take to close the response after the protocol's own end mark. Only the
/// connection's reuse hangs on it, not the measurement.
constexpr base::Duration k_linger = std::chrono::seconds(1);

}  // namespace

Attempt::Attempt(Setup setup)
    : m_target(std::move(setup.target)),
      m_protocol(setup.protocol),
      m_secrets(std::move(setup.secrets)),
      m_clock(setup.clock),
      m_max_event_loop_lag(setup.max_event_loop_lag),
      m_completion(std::move(setup.completion)),
      m_expectation(std::move(setup.expectation)),
      m_decoder(m_target->workload.stream ? m_protocol.make_stream_decoder()
                                          : m_protocol.make_body_decoder()),
      m_measurement(std::move(setup.measurement)) {
  m_measurement.streamed = m_target->workload.stream;
}

void Attempt::on_started(MonotonicTime now) {
  m_measurement.timeline.started = now;
  m_measurement.started_at = m_clock.wall_now();
}

void Attempt::on_request_begin(MonotonicTime now) {
  m_measurement.timeline.request_begin = now;
}

Flow Attempt::on_head(transport::ResponseHead head, const transport::Arrival& arrival) {
  m_measurement.timeline.headers = arrival.at;
  m_measurement.http_status = head.status;
  m_content_type = head.header("content-type");
  m_error_type = head.header("x-amzn-errortype");
  const base::WallTime now = m_clock.wall_now();
  m_measurement.rate_limits = protocol::read_rate_limits(head.headers, now);
  m_measurement.request_id = one_line(redacted(protocol::read_request_id(head.headers)));
  if (head.status >= 400) {  // some send it with a good answer too, where it means nothing
    m_measurement.retry_after = protocol::read_retry_after(head.headers, now);
  }
  const std::string_view expected = expected_content_type();
  const bool as_expected =
      m_content_type.empty() ||
      base::equal_ignoring_case(m_content_type.substr(0, expected.size()), expected);
  if (head.status >= 300 && head.status < 400) {
    fail(Outcome::protocol_error,
         fmt::format("HTTP {}: redirected to {}: set it as base_url, redirects are not followed",
                     head.status, head.header("location")));
    return Flow::stop;
  }
  if (head.status >= 300 || !as_expected) {
    m_error_body.emplace();
  }
  return Flow::go_on;
}

Flow Attempt::on_body(std::string_view bytes, const transport::Arrival& arrival) {
  measure::Timeline& timeline = m_measurement.timeline;
  if (!timeline.first_byte) {
    timeline.first_byte = arrival.at;
  }
  if (m_error_body) {
    m_error_body->append(bytes.substr(0, k_max_error_body - m_error_body->size()));
    return m_error_body->size() < k_max_error_body ? Flow::go_on : Flow::stop;
  }
  if (m_terminated) {
    return Flow::go_on;  // nothing counts any more, but the connection may serve again
  }
  m_body_bytes += bytes.size();
  if (m_body_bytes > k_max_body_bytes) {
    fail(Outcome::protocol_error, "the answer is longer than 64 MiB");
  }
  if (m_concluded) {
    return Flow::stop;
  }
  m_stamp = arrival.at;
  m_decoder->feed(bytes, [this](const protocol::Event& event) { take_event(event); });
  return m_concluded ? Flow::stop : Flow::go_on;
}

void Attempt::take_event(const protocol::Event& event) {
  measure::Timeline& timeline = m_measurement.timeline;
  if (!timeline.first_event) {
    timeline.first_event = m_stamp;
  }
  if (event.error) {
    fail(*event.error);
    return;
  }
  take_text(event);
  m_refused = m_refused || event.refusal;
  if (event.usage) {
    m_measurement.usage = event.usage;
  }
  if (event.finish_reason) {
    m_measurement.finish_reason = event.finish_reason;
    timeline.finished = timeline.finished.value_or(m_stamp);  // some servers repeat it
  }
  if (event.terminator) {
    m_terminated = m_stamp;
  }
}

void Attempt::take_text(const protocol::Event& event) {
  measure::Timeline& timeline = m_measurement.timeline;
  if (!event.reasoning.empty() && m_measurement.streamed) {
    m_last_text = m_stamp;
    if (!timeline.first_reasoning) {
      timeline.first_reasoning = m_stamp;
    }
  }
  if (event.content.empty()) {
    return;
  }
  m_last_text = m_stamp;
  m_measurement.content_bytes += event.content.size();
  ++m_measurement.content_events;
  if (m_expectation) {
    m_text.append(event.content.substr(0, k_max_checked_text - m_text.size()));
  }
  if (!m_measurement.streamed) {
    return;  // the whole answer came at once: its arrival is that of no token
  }
  // Events that share a read share its stamp: a gap of 0 between them would be invented.
  if (timeline.last_content == m_stamp) {
    ++m_measurement.coalesced;
    return;
  }
  if (!timeline.first_content) {
    timeline.first_content = m_stamp;
  }
  timeline.last_content = m_stamp;
  m_measurement.content_arrivals.push_back({.at = m_stamp});
}

MonotonicTime Attempt::deadline() const {
  const measure::Timeline& timeline = m_measurement.timeline;
  const config::Timeouts& timeouts = m_target->timeouts;
  if (m_terminated) {
    return *m_terminated + k_linger;
  }
  const MonotonicTime step = !timeline.request_begin   ? timeline.started + timeouts.connect
                             : !m_measurement.streamed ? MonotonicTime::max()
                             : !m_last_text ? *timeline.request_begin + timeouts.first_token
                                            : *m_last_text + timeouts.stall;
  return std::min(step, timeline.started + timeouts.total);
}

void Attempt::on_deadline(MonotonicTime now) {
  const measure::Timeline& timeline = m_measurement.timeline;
  const config::Timeouts& timeouts = m_target->timeouts;
  if (m_terminated || m_error_body) {
    return;  // what has come is enough for an outcome
  }
  if (now >= timeline.started + timeouts.total) {
    fail(Outcome::total_timeout, "the answer was not complete in time (timeouts.total)");
  } else if (!timeline.request_begin) {
    fail(Outcome::connect_timeout, "no connection was ready in time (timeouts.connect)");
  } else if (!m_last_text) {
    fail(Outcome::first_token_timeout,
         timeline.headers ? "headers came, but no text in time (timeouts.first_token)"
                          : "no response came in time (timeouts.first_token)");
  } else {
    fail(Outcome::stalled, "text began, then none came for too long (timeouts.stall)");
  }
}

void Attempt::fail(Outcome outcome, std::string_view detail) {
  if (m_concluded) {
    return;
  }
  m_concluded = true;
  m_measurement.outcome = outcome;
  m_measurement.detail = one_line(redacted(detail));
}

void Attempt::fail(const protocol::ApiError& error) {
  if (!m_measurement.retry_after) {
    m_measurement.retry_after = error.retry_after;
  }
  fail(error.outcome, error.message);
}

std::string_view Attempt::expected_content_type() const {
  return m_measurement.streamed ? m_protocol.stream_content_type : "application/json";
}

std::string Attempt::redacted(std::string_view text) const {
  std::string result(text);
  for (const base::Secret& secret : m_secrets) {
    result = base::redact(result, secret);
  }
  return result;
}

void Attempt::on_end(const transport::Report& report) {
  if (report.ending == Ending::cancelled) {
    m_completion(std::nullopt);
    return;
  }
  measure::Timeline& timeline = m_measurement.timeline;
  timeline.name_resolved = report.name_resolved;
  timeline.connected = report.connected;
  timeline.tls_done = report.tls_done;
  timeline.request_sent = report.request_sent;
  m_measurement.connection = report.connection;
  m_measurement.event_loop_lag = report.event_loop_lag;
  m_measurement.suspect = report.event_loop_lag > m_max_event_loop_lag;
  conclude(report);
  timeline.ended = m_terminated.value_or(report.ended);
  m_completion(std::move(m_measurement));
}

void Attempt::conclude(const transport::Report& report) {
  if (report.ending == Ending::internal_error) {
    fail(Outcome::internal_error, report.message);
  } else if (m_error_body) {
    conclude_error_body();
  } else if (report.ending == Ending::complete || report.ending == Ending::stopped ||
             m_terminated) {
    if (!m_concluded && m_measurement.http_status != 0) {
      m_decoder->finish([this](const protocol::Event& event) { take_event(event); });
    }
    conclude_stream();
  } else {
    conclude_ending(report);
  }
}

void Attempt::conclude_error_body() {
  const int status = m_measurement.http_status;
  // Before an excerpt is taken: a part of the credential would not be known again.
  const std::string body = redacted(*m_error_body);
  if (status >= 300) {
    const protocol::ApiError error =
        protocol::classify_response({.status = status, .error_type = m_error_type, .body = body});
    fail(error);
    return;
  }
  // Some servers report an error with status 200 and a plain JSON body.
  if (const auto reported = protocol::classify_body_error(body)) {
    fail(*reported);
  } else {
    fail(Outcome::protocol_error,
         fmt::format("expected {}, got {}: does base_url point at the API?",
                     expected_content_type(), m_content_type));
  }
}

void Attempt::conclude_ending(const transport::Report& report) {
  switch (report.ending) {
    case Ending::dns_error:
      fail(Outcome::dns_error, report.message);
      return;
    case Ending::connect_error:
      fail(Outcome::connect_error, report.message);
      return;
    case Ending::tls_error:
      fail(Outcome::tls_error, report.message);
      return;
    case Ending::lost:
      fail(Outcome::connection_lost, report.message);
      return;
    case Ending::refused:
      fail(Outcome::overloaded, report.message);
      return;
    case Ending::protocol_error:
      fail(Outcome::protocol_error, report.message);
      return;
    case Ending::complete:
    case Ending::stopped:
    case Ending::cancelled:
    case Ending::internal_error:
      fail(Outcome::internal_error, report.message);
      return;
  }
}

void Attempt::conclude_stream() {
  if (!m_terminated && !m_measurement.finish_reason) {
    fail(Outcome::truncated, "the stream ended without an end mark or a finish reason");
  } else if (m_measurement.finish_reason == FinishReason::error) {
    fail(Outcome::stream_error, "the model's finish reason is an error");
  } else if (m_measurement.finish_reason == FinishReason::content_filter || m_refused) {
    fail(Outcome::content_filtered, "the answer was filtered or refused");
  } else if (m_measurement.content_bytes == 0) {
    fail(Outcome::empty_response, "the answer ended well, but held no text");
  } else {
    conclude_text();
  }
}

void Attempt::conclude_text() {
  if (m_expectation) {
    // Before it is checked: an excerpt in the message could hold half of a secret.
    if (const auto good = m_expectation->check(redacted(m_text)); !good) {
      fail(Outcome::validation_failed, good.error().message);
    }
  }
  if (!std::exchange(m_concluded, true)) {
    m_measurement.outcome = Outcome::success;
  }
}

}  // namespace inferometer::probe
