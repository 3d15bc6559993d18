#include "transport/exchange.hpp"

#include "base/log.hpp"
#include "transport/route.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace inferometer::transport {
namespace {

using http::Progress;
using net::Socket;

MonotonicTime read_clock() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Exchange::Exchange(std::uint64_t id, Request request, base::Result<Route> route,
                   std::unique_ptr<Listener> listener, LoopServices& services)
    : m_id(id),
      m_request(std::move(request)),
      m_route(std::move(route)),
      m_listener(std::move(listener)),
      m_services(services) {}

Exchange::~Exchange() = default;

void Exchange::begin(MonotonicTime now) {
  m_report.started = now;
  guarded([this, now] { m_listener->on_started(now); });
  if (m_over) {
    return;
  }
  if (!m_route) {
    finish(Ending::internal_error, m_route.error().message);
    return;
  }
  if (m_request.connection == config::ConnectionPolicy::reuse) {
    if (auto idle =
            m_services.pool.take(m_route->key, m_request.max_idle, now, m_services.scratch)) {
      m_reused = true;
      begin_request(std::move(idle));
      return;
    }
  }
  connect(now);
}

void Exchange::connect(MonotonicTime now) {
  m_connector = std::make_unique<Connector>(m_request, *m_route, m_services, this, m_id);
  m_connector->start(now);
  follow_connector();
}

void Exchange::on_addresses(const net::Addresses& answer, MonotonicTime answered) {
  if (m_connector) {
    m_connector->on_addresses(answer, answered, read_clock());
    follow_connector();
  }
}

void Exchange::follow_connector() {
  report_set_up(m_report, m_connector->marks(), m_repeated);
  switch (m_connector->state()) {
    case Connector::State::working:
      guarded([] {});  // the dialler may want to be called sooner
      return;
    case Connector::State::failed:
      finish(m_connector->ending(), m_connector->problem());
      return;
    case Connector::State::ready:
      std::unique_ptr<Connection> connection = m_connector->take_connection();
      m_connector.reset();
      begin_request(std::move(connection));
      return;
  }
}

void Exchange::begin_request(std::unique_ptr<Connection> connection) {
  m_connection = std::move(connection);
  m_services.watch(m_connection->descriptor(), this, true, false);
  m_report.connection.remote_address = m_connection->remote_address();
  m_report.connection.certificate_expiry = m_connection->certificate_expiry();
  const MonotonicTime now = read_clock();
  m_stamps.begin(m_connection->channel().socket(), now);
  guarded([this, now] { m_listener->on_request_begin(now); });
  if (m_over) {
    return;
  }
  const http::RequestHead head = make_head(m_request, *m_route);
  if (const auto begun = m_connection->begin(head, m_request.body, *this); !begun) {
    finish(Ending::internal_error, begun.error().message);
    return;
  }
  flush();
}

void Exchange::flush() {
  const MonotonicTime before = read_clock();
  const Socket::Result result = m_connection->flush();
  const MonotonicTime after = read_clock();
  m_stamps.note_write(before, after, m_connection->channel().request_written());
  if (result.status == Socket::Status::failed) {
    fail_connection(std::strerror(result.error));
    return;
  }
  m_services.watch(m_connection->descriptor(), this, true,
                   result.status == Socket::Status::not_now);
}

std::optional<ReadResult> Exchange::read(int descriptor, bool departures, std::span<char> into) {
  if (m_over || !m_connection || descriptor != m_connection->descriptor()) {
    return std::nullopt;
  }
  return m_stamps.read(m_connection->channel().socket(), m_services.wake, departures, into);
}

void Exchange::take(const ReadResult& reading) {
  if (m_over || !m_connection) {
    return;
  }
  m_arrival = reading.arrival;
  if (reading.status == Socket::Status::done) {
    m_connection->receive(reading.bytes);
    note_rest();
  } else if (reading.status == Socket::Status::ended) {
    m_connection->finish();
  } else {
    fail_connection(std::strerror(reading.error));
    return;
  }
  follow_connection();
  if (!m_over && m_connection && reading.status == Socket::Status::done) {
    flush();  // what answers the peer: HTTP/2's acknowledgements, TLS' keys
  }
}

/// What is packed need not come out of the decoder as it comes in.
void Exchange::note_rest() {
  if (m_decoder || !m_connection->ends_in_body()) {
    guarded([this] { m_listener->on_rest(m_arrival); });
  }
}

void Exchange::on_ready(int descriptor, bool writable) {
  if (m_over) {
    return;
  }
  if (m_connector) {
    m_connector->on_ready(descriptor, read_clock());
    follow_connector();
  } else if (writable && m_connection) {
    flush();
  }
}

void Exchange::follow_connection() {
  if (m_over) {
    return;
  }
  switch (m_connection->progress()) {
    case Progress::reading:
      return;
    case Progress::complete:
      complete();
      return;
    case Progress::lost:
      fail_connection(m_connection->problem());
      return;
    case Progress::refused:
      // A GOAWAY may cross the request; a refusal of the stream alone is the server's answer.
      if (m_reused && !m_repeated && !m_connection->reusable()) {
        repeat();
      } else {
        finish(Ending::refused, m_connection->problem());
      }
      return;
    case Progress::broken:
      finish(Ending::protocol_error, m_connection->problem());
      return;
  }
}

void Exchange::complete() {
  if (m_decoder) {
    if (const auto whole = m_decoder->finish(); !whole) {
      finish(Ending::protocol_error, whole.error().message);
      return;
    }
  }
  finish(Ending::complete, {});
}

void Exchange::fail_connection(std::string problem) {
  if (never_taken_up()) {
    repeat();
    return;
  }
  const bool tls = m_connection->tls_failed() && !m_connection->begun();
  if (problem.empty()) {
    problem = m_connection->begun() ? "the server closed the connection in the middle of a response"
                                    : "the server closed the connection without an answer";
  }
  finish(tls ? Ending::tls_error : Ending::lost, std::move(problem));
}

/// Whether the server cannot have acted on the request: it had closed the connection while that was
/// idle. Then not one byte of the request was acknowledged, or its end could not be sent any more.
bool Exchange::never_taken_up() const {
  if (!m_reused || m_repeated || m_connection->begun()) {
    return false;
  }
  return !m_connection->channel().request_written() ||
         !m_connection->channel().socket().any_acknowledged().value_or(true);
}

void Exchange::repeat() {
  m_repeated = true;
  m_reused = false;
  release_connection();
  m_report.connection = {};
  m_stamps.forget_reads();
  connect(read_clock());
}

void Exchange::on_head(http::ResponseHead head) {
  if (m_over) {
    return;
  }
  m_report.connection.http_version = m_connection->version();
  if (m_connection->channel().request_written()) {
    std::string().swap(m_request.body);  // nothing asks for it any more
  }
  auto decoder = http::ContentDecoder::make(head.joined("content-encoding"));
  if (!decoder) {
    finish(Ending::protocol_error, decoder.error().message);
    return;
  }
  m_decoder = *std::move(decoder);
  guarded([&] {
    if (m_listener->on_head(std::move(head), m_arrival) == Flow::stop) {
      finish(Ending::stopped, {});
    }
  });
}

void Exchange::on_body(std::string_view piece) {
  if (m_over) {
    return;
  }
  if (!m_decoder) {
    hand_over(piece);
    return;
  }
  const auto unpacked =
      m_decoder->feed(piece, [this](std::string_view plain) { hand_over(plain); });
  if (!unpacked) {
    finish(Ending::protocol_error, unpacked.error().message);
  }
}

void Exchange::hand_over(std::string_view piece) {
  guarded([&] {
    if (m_listener->on_body(piece, m_arrival) == Flow::stop) {
      finish(Ending::stopped, {});
    }
  });
}

void Exchange::on_due(MonotonicTime now) {
  m_armed = MonotonicTime::max();
  if (m_connector) {
    m_connector->on_due(now);
    follow_connector();
  }
  guarded([this, now] {
    if (m_listener->deadline() <= now) {
      finish(Ending::stopped, {});
      m_listener->on_deadline(now);
    }
  });
}

/// Runs a step of the listener's, unless the exchange is over: an exception ends it as our own
/// error.
template <typename Step>
void Exchange::guarded(Step step) {
  if (m_over) {
    return;
  }
  try {
    step();
    arm();
  } catch (const std::exception& exception) {
    m_over = false;  // the step may have ended it before it failed
    finish(Ending::internal_error, exception.what());
  }
}

/// Puts the next deadline into the loop's queue, unless an earlier entry is there already.
void Exchange::arm() {
  if (m_over) {
    return;
  }
  MonotonicTime deadline = m_listener->deadline();
  if (m_connector) {
    deadline = std::min(deadline, m_connector->due().value_or(deadline));
  }
  if (deadline < m_armed) {
    m_armed = deadline;
    m_services.deadlines.emplace(deadline, m_id);
  }
}

/// Decides how the exchange ends; the listener is told only of that from now on.
void Exchange::finish(Ending ending, std::string message) {
  if (m_over) {
    return;
  }
  m_over = true;
  m_report.ending = ending;
  m_report.message = std::move(message);
  const bool by_arrival = ending == Ending::complete && m_stamps.any_read();
  m_report.ended = by_arrival ? m_arrival.at : read_clock();
  m_report.slacks.ended = by_arrival ? m_arrival.last_slack : Duration::zero();
}

void Exchange::end(Ending ending, Duration loop_lag) {
  finish(ending, {});
  m_report.event_loop_lag = loop_lag;
  if (m_connector) {
    report_set_up(m_report, m_connector->marks(), m_repeated);
  }
  if (m_connection) {
    m_stamps.report_departure(m_report, m_connection->channel().socket());
    m_report.connection.tcp = m_connection->channel().socket().stats();
  }
  m_report.connection.reused = m_reused;
  m_report.connection.stamps = m_stamps.source();
  try {
    m_listener->on_end(m_report);
  } catch (const std::exception& exception) {
    base::log::error("a finished exchange could not be taken", {{"error", exception.what()}});
  }
  release_connection();
  m_connector.reset();
}

void Exchange::release_connection() {
  if (!m_connection) {
    return;
  }
  m_services.watch(m_connection->descriptor(), this, false, false);
  const bool keep = m_over && m_report.ending == Ending::complete &&
                    m_request.connection == config::ConnectionPolicy::reuse &&
                    m_connection->reusable();
  if (keep) {
    m_services.pool.put(std::move(m_connection), m_request.max_idle, read_clock());
  } else {
    m_connection->close();
  }
  m_connection.reset();
}

}  // namespace inferometer::transport
