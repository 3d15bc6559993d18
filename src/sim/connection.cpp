#include "sim/connection.hpp"

#include "base/log.hpp"
#include "sim/server_metrics.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <utility>

namespace inferometer::sim {
namespace {

/// A client may send that much of its next request before it has the answer to this one.
constexpr std::size_t k_most_ahead = std::size_t{64} * 1024;

/// With more than that unsent, a stream waits for its client.
constexpr std::size_t k_most_backlog = std::size_t{256} * 1024;

/// How much a flood writes at a time, so that other streams keep their deadlines.
constexpr std::size_t k_flood_piece = std::size_t{64} * 1024;

constexpr Duration k_linger = std::chrono::seconds(2);

constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";

base::MonotonicTime now() {
  return base::system_clock().now();
}

}  // namespace

Connection::Connection(Host& host, Slots::Id id, base::Descriptor socket)
    : m_host(host),
      m_id(id),
      m_socket(std::move(socket)),
      m_readable(host.loop, m_socket.get(), Event::Readiness::readable,
                 [this] { guarded(&Connection::on_readable); }),
      m_writable(host.loop, m_socket.get(), Event::Readiness::writable,
                 [this] { guarded(&Connection::on_writable); }),
      m_timer(host.loop, [this] { guarded(&Connection::on_timer); }) {
  m_readable.add();
  time_out_later();
}

void Connection::take_place() {
  m_phase = Phase::starting;
  m_received = now();
  // Not in this call: it comes from another connection, which has not finished its own work yet.
  m_timer.set(m_received);
}

/// An exception (out of memory, out of epoll watches) costs only the connection that met it.
void Connection::guarded(void (Connection::*function)()) {
  try {
    (this->*function)();
  } catch (const std::exception& error) {
    base::log::error("simulator drops a connection", {{"error", error.what()}});
    close();
  }
}

void Connection::on_readable() {
  const ssize_t size = recv(m_socket.get(), m_host.input.data(), m_host.input.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  // A client that has closed its sending half counts as gone, so that its stream ends.
  if (size <= 0) {
    close();
    return;
  }
  if (m_phase == Phase::lingering) {
    return;
  }
  const base::MonotonicTime read_at = now();
  m_reader.append({m_host.input.data(), static_cast<std::size_t>(size)});
  if (m_phase == Phase::reading) {
    m_received = read_at;
    if (m_reader.buffered() > k_most_ahead) {
      m_readable.remove();
    }
    // To understand a request takes longer than to read it. When many come at once, all are to be
    // read, and so their times be known, before the first is understood.
    if (!std::exchange(m_input, true)) {
      m_host.on_input(m_id);
    }
  } else if (m_reader.buffered() > k_most_ahead) {
    close();
  }
}

void Connection::on_writable() {
  if (!m_backlog.empty()) {
    m_backlog.erase(0, transmit(m_backlog));
  }
  if (m_phase == Phase::closed || !m_backlog.empty()) {
    return;
  }
  if (m_phase == Phase::flooding) {
    play();
    read_requests();
    return;
  }
  m_writable.remove();
  if (m_phase == Phase::blocked) {
    m_phase = Phase::playing;
    m_timer.set(m_deadline);
  } else if (m_phase == Phase::draining) {
    drain();
    read_requests();
  }
}

void Connection::on_timer() {
  switch (m_phase) {
    case Phase::starting:
      begin();
      break;
    case Phase::playing:
      play();
      read_requests();
      break;
    case Phase::reading:
    case Phase::blocked:
    case Phase::flooding:
    case Phase::draining:
    case Phase::lingering:
      close();
      break;
    case Phase::queued:
    case Phase::silent:
    case Phase::closed:
      break;
  }
}

void Connection::serve() {
  m_input = false;
  guarded(&Connection::read_requests);
}

void Connection::read_requests() {
  if (m_phase != Phase::reading) {
    return;
  }
  m_readable.add();
  while (m_phase == Phase::reading) {
    switch (m_reader.advance()) {
      case http::RequestReader::State::incomplete:
        if (m_reader.take_expectation()) {
          send(k_continue);
        }
        return;
      case http::RequestReader::State::complete:
        act(m_reader.take());
        break;
      case http::RequestReader::State::failed:
        m_close_after = true;
        respond(Router::refuse(m_reader.failure()));
        break;
    }
  }
}

void Connection::act(const http::Request& request) {
  m_close_after = !request.keep_alive();
  ++m_host.counters.requests;
  Decision decision = m_host.router.decide(request, base::system_clock().wall_now());
  if (decision.fault) {
    ++m_host.counters.faults[static_cast<std::size_t>(*decision.fault)];
  }
  if (const auto* response = std::get_if<http::Response>(&decision.action)) {
    respond(*response);
  } else if (const auto* raw = std::get_if<RawBytes>(&decision.action)) {
    m_close_after = true;
    send(raw->bytes);
    drain();
  } else if (auto* answer = std::get_if<Answer>(&decision.action)) {
    enqueue(std::move(*answer));
  } else if (const auto* page = std::get_if<MetricsPage>(&decision.action)) {
    show_metrics(*page->profile);
  } else {
    m_phase = Phase::silent;
    m_timer.remove();
  }
}

void Connection::respond(const http::Response& response) {
  send(http::render(response, !m_close_after));
  drain();
}

void Connection::show_metrics(const Profile& profile) {
  const std::size_t index = profile_index(profile);
  const Slots& slots = m_host.slots[index];
  respond(render_metrics_page({.metrics = m_host.metrics[index],
                               .model = profile.name,
                               .running = slots.running(),
                               .waiting = slots.waiting()}));
}

void Connection::enqueue(Answer answer) {
  m_generation = std::move(answer.generation);
  const std::size_t index = profile_index(*answer.profile);
  m_metrics.emplace(m_host.metrics[index], m_generation->usage(), m_received);
  if (m_generation->compressed()) {
    answer.headers.emplace_back("content-encoding", "gzip");
  }
  m_body.reset();
  if (m_generation->streamed()) {
    m_body.emplace(
        http::render_chunked_head(answer.stream_content_type, answer.headers, !m_close_after),
        *m_generation);
  }
  m_headers = std::move(answer.headers);
  m_timer.remove();
  m_slots = &m_host.slots[index];
  if (m_slots->acquire(m_id)) {
    begin();
  } else {
    m_phase = Phase::queued;
    ++m_host.counters.waiting;
  }
}

void Connection::begin() {
  m_phase = Phase::playing;
  m_metrics->begin(now());
  m_deadline = m_received + m_generation->first_delay(m_slots->load());
  if (m_body && m_generation->head() == HeadTiming::immediate) {
    m_generation->prologue(m_frames);
    write(Next::wait);
  }
  if (m_phase == Phase::playing) {
    m_timer.set(m_deadline);
  }
}

void Connection::play() {
  if (m_body && !m_body->begun()) {
    m_generation->prologue(m_frames);
  }
  Next next = m_generation->step(m_frames);
  while (next == Next::now && m_frames.bytes.size() < k_flood_piece) {
    next = m_generation->step(m_frames);
  }
  m_metrics->progress(m_generation->usage().completion_tokens, now());
  if (next == Next::wait && ++m_held_back < m_generation->writes().events) {
    schedule();
    return;
  }
  m_held_back = 0;
  write(next);
  if (m_phase != Phase::closed) {
    proceed(next);
  }
}

void Connection::proceed(Next next) {
  switch (next) {
    case Next::wait:
      schedule();
      break;
    case Next::now:
      m_phase = Phase::flooding;
      m_writable.add();
      time_out_later();
      break;
    case Next::cut:
      m_close_after = true;
      [[fallthrough]];
    case Next::end:
      m_metrics->end(m_generation->finished(), now());
      leave_place();
      drain();
      break;
    case Next::hang:
      m_phase = Phase::silent;
      break;
    case Next::reset: {
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      setsockopt(m_socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      close();
      break;
    }
  }
}

void Connection::schedule() {
  // From the last deadline and not from now, so that no delay of ours adds up.
  m_deadline += m_generation->gap(m_slots->load());
  if (m_backlog.size() > k_most_backlog) {
    m_phase = Phase::blocked;
    time_out_later();
  } else {
    m_timer.set(m_deadline);
  }
}

/// Sends what the step before has rendered.
void Connection::write(Next next) {
  if (m_body) {
    m_frames.stamp(static_cast<std::uint64_t>(now().time_since_epoch().count()));
    m_body->write(m_frames.bytes, next, m_host.output,
                  [this](std::string_view bytes) { send(bytes); });
  } else if (next == Next::end) {
    send(http::render({.status = 200,
                       .content_type = "application/json",
                       .headers = std::move(m_headers),
                       .body = std::move(m_frames.bytes)},
                      !m_close_after));
  }
  m_frames.clear();
}

/// Sends at once what the socket takes; keeps the rest until it takes more.
void Connection::send(std::string_view bytes) {
  if (m_backlog.empty() && !bytes.empty() && m_phase != Phase::closed) {
    bytes.remove_prefix(transmit(bytes));
  }
  if (bytes.empty() || m_phase == Phase::closed) {
    return;
  }
  m_backlog.append(bytes);
  m_writable.add();
}

/// How much of it the socket takes; a broken connection is closed.
std::size_t Connection::transmit(std::string_view bytes) {
  const ssize_t sent = ::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    return static_cast<std::size_t>(sent);
  }
  if (errno != EAGAIN && errno != EINTR) {
    close();
  }
  return 0;
}

/// The response is complete: once it is sent, the connection takes the next request or ends.
void Connection::drain() {
  if (m_phase == Phase::closed) {
    return;
  }
  if (!m_backlog.empty()) {
    m_phase = Phase::draining;
    time_out_later();
    return;
  }
  if (m_close_after) {
    // To close here would reset the connection, if more of the request is on its way, and so take
    // the response from the client.
    shutdown(m_socket.get(), SHUT_WR);
    m_phase = Phase::lingering;
    m_timer.set(now() + k_linger);
    return;
  }
  m_phase = Phase::reading;
  m_received = now();
  time_out_later();
}

void Connection::leave_place() {
  m_generation.reset();
  m_metrics.reset();
  Slots* const slots = std::exchange(m_slots, nullptr);
  if (slots == nullptr) {
    return;
  }
  if (m_phase == Phase::queued) {
    slots->cancel(m_id);
    --m_host.counters.waiting;
  } else if (const std::optional<Slots::Id> next = slots->release()) {
    --m_host.counters.waiting;
    m_host.on_place(*next);
  }
}

void Connection::time_out_later() {
  m_timer.set(now() + m_host.client_timeout);
}

void Connection::close() {
  if (m_phase == Phase::closed) {
    return;
  }
  leave_place();
  m_phase = Phase::closed;
  m_readable.remove();
  m_writable.remove();
  m_timer.remove();
  m_socket.close();
  m_host.on_closed(m_id);
}

}  // namespace inferometer::sim
