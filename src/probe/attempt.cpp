#include "probe/attempt.hpp"

#include "base/ascii.hpp"
#include "base/printable.hpp"
#include "measure/trust.hpp"
#include "protocol/answer/api_error.hpp"
#include "protocol/answer/rate_limits.hpp"
#include "wire/redact.hpp"

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

/// The most that a stream may hold before it counts as broken; no answer is that long.
constexpr std::uint64_t k_max_body_bytes = 64ULL * 1024 * 1024;
constexpr std::size_t k_max_error_body = 64UL * 1024;

/// More than any server sends behind the protocol's own end mark.
constexpr std::uint64_t k_max_bytes_after_end = 64ULL * 1024;

/// An expectation is checked against the beginning of the text, and no more of it is kept.
constexpr std::size_t k_max_kept_text = 1024UL * 1024;

/// How long a server may take to close the response after the protocol's own end mark. Only the
/// connection's reuse depends on it, not the measurement.
constexpr base::Duration k_linger = std::chrono::seconds(1);

}  // namespace

std::string make_detail(std::string_view text) {
  constexpr std::size_t k_max_bytes = 300;
  std::string detail = base::one_line(text, k_max_bytes);
  detail.erase(detail.find_last_not_of(' ') + 1);
  return detail;
}

Attempt::Attempt(Setup setup)
    : m_target(std::move(setup.target)),
      m_protocol(setup.protocol),
      m_secrets(std::move(setup.secrets)),
      m_clock(setup.clock),
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
  m_marks.take_head(arrival);
  m_measurement.http_status = head.status;
  m_content_type = head.header("content-type");
  m_error_type = head.header("x-amzn-errortype");
  const base::WallTime now = m_clock.wall_now();
  m_measurement.rate_limits = protocol::read_rate_limits(head.headers, now);
  m_measurement.request_id = make_detail(redacted(protocol::read_request_id(head.headers)));
  if (head.status >= 400) {  // some send it with a good answer too, where it means nothing
    m_measurement.retry_after = protocol::read_retry_after(head.headers, now);
  }
  if (head.status < 200) {
    fail(Outcome::protocol_error,
         fmt::format("HTTP {}: the server left HTTP, which nobody asked for", head.status));
    return Flow::stop;
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
  m_marks.begin_bytes(arrival);
  if (m_error_body) {
    m_marks.end_bytes(false);
    m_error_body->append(bytes.substr(0, k_max_error_body - m_error_body->size()));
    return m_error_body->size() < k_max_error_body ? Flow::go_on : Flow::stop;
  }
  if (m_marks.end_mark()) {
    m_marks.end_bytes(false);
    m_bytes_after_end += bytes.size();
    // Nothing of this counts any more, but the connection may be reused.
    return m_bytes_after_end <= k_max_bytes_after_end ? Flow::go_on : Flow::stop;
  }
  m_body_bytes += bytes.size();
  if (m_body_bytes > k_max_body_bytes) {
    fail(Outcome::protocol_error, "the answer is longer than 64 MiB");
  }
  if (m_concluded) {
    return Flow::stop;
  }
  m_decoder->feed(bytes, [this](const protocol::Event& event) { take_event(event); });
  m_marks.end_bytes(m_decoder->at_boundary());
  return m_concluded ? Flow::stop : Flow::go_on;
}

void Attempt::take_event(const protocol::Event& event) {
  m_marks.take_event(event);
  if (event.error) {
    fail(*event.error);
    return;
  }
  if (m_expectation || m_target->keep_answer) {
    m_text.append(event.content.substr(0, k_max_kept_text - m_text.size()));
  }
  m_refused = m_refused || event.refusal;
  if (event.usage) {
    m_measurement.usage = event.usage;
  }
  if (event.finish_reason) {
    m_measurement.finish_reason = event.finish_reason;
  }
}

MonotonicTime Attempt::deadline() const {
  const measure::Timeline& timeline = m_measurement.timeline;
  const config::Timeouts& timeouts = m_target->timeouts;
  if (const auto end_mark = m_marks.end_mark()) {
    return *end_mark + k_linger;
  }
  const auto last_text = m_marks.last_text();
  const MonotonicTime step = !timeline.request_begin   ? timeline.started + timeouts.connect
                             : !m_measurement.streamed ? MonotonicTime::max()
                             : !last_text ? *timeline.request_begin + timeouts.first_token
                                          : *last_text + timeouts.stall;
  return std::min(step, timeline.started + timeouts.total);
}

void Attempt::on_deadline(MonotonicTime now) {
  const measure::Timeline& timeline = m_measurement.timeline;
  const config::Timeouts& timeouts = m_target->timeouts;
  if (m_marks.end_mark() || m_error_body) {
    return;  // what has come is enough for an outcome
  }
  m_lateness = std::max(now - deadline(), Duration::zero());
  if (now >= timeline.started + timeouts.total) {
    fail(Outcome::total_timeout, "the answer was not complete in time (timeouts.total)");
  } else if (!timeline.request_begin) {
    fail(Outcome::connect_timeout, "no connection was ready in time (timeouts.connect)");
  } else if (!m_marks.last_text()) {
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
  m_measurement.detail = make_detail(redacted(detail));
}

void Attempt::fail(const protocol::ApiError& error) {
  if (!m_measurement.retry_after) {
    m_measurement.retry_after = error.retry_after;
  }
  if (!m_concluded) {
    m_measurement.refused_tokens = error.input_tokens;
  }
  fail(error.outcome, error.message);
}

std::string_view Attempt::expected_content_type() const {
  return m_measurement.streamed ? m_protocol.stream_content_type : "application/json";
}

std::string Attempt::redacted(std::string_view text) const {
  std::string result(text);
  for (const base::Secret& secret : m_secrets) {
    result = wire::redact(result, secret);
  }
  return result;
}

void Attempt::on_end(const transport::Report& report) {
  if (report.ending == Ending::cancelled) {
    m_completion(std::nullopt);
    return;
  }
  m_measurement.connection = report.connection;
  m_measurement.event_loop_lag = report.event_loop_lag;
  take_marks(report);
  conclude(report);
  m_marks.settle();  // the end of the body may have completed an event
  m_measurement.timeline.ended = m_marks.end_mark().value_or(report.ended);
  m_measurement.suspect = measure::is_suspect(m_measurement);
  if (m_target->keep_answer) {
    m_measurement.answer = redacted(m_text);
  }
  m_completion(std::move(m_measurement));
}

/// Those that the transport keeps. What is known of the end mark comes later, and counts more.
void Attempt::take_marks(const transport::Report& report) {
  measure::Timeline& timeline = m_measurement.timeline;
  timeline.name_resolved = report.name_resolved;
  timeline.connected = report.connected;
  timeline.tls_done = report.tls_done;
  if (report.request_begin) {
    timeline.request_begin = report.request_begin;
  }
  timeline.request_sent = report.request_sent;
  timeline.acknowledged = report.acknowledged;
  measure::Slacks& slacks = m_measurement.slacks;
  slacks.name_resolved = report.slacks.name_resolved;
  slacks.connected = report.slacks.connected;
  slacks.tls_done = report.slacks.tls_done;
  slacks.request_begin = report.slacks.request_begin;
  slacks.request_sent = report.slacks.request_sent;
  slacks.set_up = report.slacks.set_up;
  if (!m_marks.end_mark()) {
    slacks.ended = std::max(report.slacks.ended, m_lateness);
  }
}

void Attempt::conclude(const transport::Report& report) {
  if (report.ending == Ending::internal_error) {
    fail(Outcome::internal_error, report.message);
  } else if (m_error_body) {
    conclude_error_body();
  } else if (report.ending == Ending::complete || report.ending == Ending::stopped ||
             m_marks.end_mark()) {
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
  if (!m_marks.end_mark() && !m_measurement.finish_reason) {
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
