#include "transport/connection/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace inferometer::transport {
namespace {

using net::Socket;

/// More than any handshake needs in one turn.
constexpr int k_reads = 4;

/// What a server may send behind its handshake before we speak: HTTP/2's settings.
constexpr std::size_t k_max_early = 64UL * 1024;

bool wants_http2(const Request& request) {
  return request.http_version != config::HttpVersion::http_1_1;
}

}  // namespace

Connector::Connector(const Request& request, const Route& route, LoopServices& services,
                     Exchange* owner, std::uint64_t owner_id)
    : m_request(request),
      m_route(route),
      m_services(services),
      m_owner(owner),
      m_owner_id(owner_id) {}

Connector::~Connector() {
  if (m_ticket) {
    m_services.resolver.forget(*m_ticket);
  }
  if (m_channel) {
    m_services.watch(m_channel->socket().descriptor(), m_owner, false, false);
  }
}

void Connector::start(MonotonicTime now) {
  const wire::Url& peer = m_route.proxy ? m_route.proxy->proxy : m_route.url;
  m_began = now;
  m_ticket = m_services.resolver.resolve(peer.host, peer.port,
                                         [post = m_services.post, id = m_owner_id](
                                             const net::Addresses& answer) { post(id, answer); });
}

void Connector::on_addresses(const net::Addresses& answer, MonotonicTime answered,
                             MonotonicTime now) {
  m_ticket.reset();
  if (!answer) {
    const bool ours = answer.error().cause == net::ResolveError::Cause::resources;
    fail(ours ? Ending::internal_error : Ending::dns_error, answer.error().message);
    return;
  }
  m_marks.name_resolved = now;
  m_marks.name_resolved_slack = now - answered;
  m_marks.own_delay += now - answered;
  m_began = now;
  m_dialer = std::make_unique<net::Dialer>(
      *answer,
      [this](int descriptor, bool on) { m_services.watch(descriptor, m_owner, false, on); }, now);
  take_dialled(now);
}

void Connector::take_dialled(MonotonicTime now) {
  switch (m_dialer->state()) {
    case net::Dialer::State::dialling:
      return;
    case net::Dialer::State::failed:
      fail(Ending::connect_error, m_dialer->problem());
      return;
    case net::Dialer::State::no_resources:
      fail(Ending::internal_error, m_dialer->problem());
      return;
    case net::Dialer::State::connected:
      break;
  }
  m_marks.connected = now;
  m_marks.connected_slack = now - std::max(m_services.wake.earliest(), m_began);
  m_marks.own_delay += m_marks.connected_slack;
  m_marks.remote_address = to_string(m_dialer->address());
  m_channel = std::make_unique<Channel>(Socket(m_dialer->take_connection(), m_services.clock));
  m_dialer.reset();
  m_arrived = now;
  m_services.watch(m_channel->socket().descriptor(), m_owner, true, false);
  begin_step(Step::proxy_tls);
}

/// Begins the first thing that there is to do, from `step` on.
void Connector::begin_step(Step step) {
  m_step = step;
  if (m_step == Step::proxy_tls && !m_route.proxy_tls) {
    m_step = Step::tunnel;
  }
  if (m_step == Step::tunnel && !(m_route.proxy && m_route.proxy->tunnel)) {
    m_step = Step::tls;
  }
  if (m_step == Step::tls && !m_route.tls) {
    m_step = Step::done;
  }
  switch (m_step) {
    case Step::proxy_tls:
      begin_tls(m_route.proxy_tls, {.server_name = m_route.proxy->proxy.host});
      return;
    case Step::tunnel:
      open_tunnel();
      return;
    case Step::tls: {
      const std::string& name = m_request.tls.server_name;
      begin_tls(m_route.tls, {.server_name = name.empty() ? m_route.url.host : name,
                              .offer_http2 = wants_http2(m_request)});
      return;
    }
    case Step::done:
      m_state = State::ready;
      return;
  }
}

void Connector::open_tunnel() {
  if (m_route.proxy->socks) {
    m_socks = std::make_unique<net::SocksTunnel>(m_route.url, m_request.proxy.username,
                                                 m_request.proxy_password);
    if (m_socks->state() == net::SocksTunnel::State::failed) {
      fail(Ending::internal_error, m_socks->problem());
      return;
    }
    m_channel->send(m_socks->take_output().reveal());
  } else {
    m_tunnel = std::make_unique<net::Tunnel>(
        m_route.url, net::proxy_credentials(m_request.proxy, m_request.proxy_password));
    m_channel->send(m_tunnel->request().reveal());
  }
  flush();
}

void Connector::begin_tls(const std::shared_ptr<const tls::Context>& context,
                          const tls::Handshake& handshake) {
  auto session = std::make_unique<tls::Session>(context, handshake);
  if (session->state() == tls::Session::State::failed) {  // a name that cannot be asked for
    fail(Ending::internal_error, session->problem());
    return;
  }
  m_channel->add_layer(std::move(session));
  flush();
}

void Connector::on_ready(int descriptor, MonotonicTime now) {
  if (m_dialer) {
    m_dialer->on_ready(descriptor, now);
    take_dialled(now);
    return;
  }
  if (!m_channel || descriptor != m_channel->socket().descriptor()) {
    return;
  }
  // What our own work takes is any client's; what others take from us meanwhile is our delay.
  const Duration processor = thread_cpu_time();
  read();
  if (m_state != State::failed) {
    flush();
  }
  const Duration spent = std::chrono::steady_clock::now() - now;
  note_delay(std::max(spent - (thread_cpu_time() - processor), Duration::zero()));
}

void Connector::note_delay(Duration delay) {
  m_marks.own_delay += delay;
  if (m_step == Step::tls || m_step == Step::done) {
    m_marks.tls_slack += delay;
  }
}

void Connector::on_due(MonotonicTime now) {
  if (m_dialer) {
    m_dialer->on_due(now);
    take_dialled(now);
  }
}

std::optional<MonotonicTime> Connector::due() const {
  return m_dialer ? m_dialer->due() : std::nullopt;
}

void Connector::read() {
  for (int i = 0; i < k_reads && m_state == State::working; ++i) {
    const Socket::Result read = m_channel->socket().receive(m_services.scratch);
    const MonotonicTime now = std::chrono::steady_clock::now();
    switch (read.status) {
      case Socket::Status::not_now:
        return;
      case Socket::Status::ended:
        fail(Ending::connect_error, fmt::format("{} closed the connection {}", peer(), doing()));
        return;
      case Socket::Status::failed:
        fail(Ending::connect_error,
             fmt::format("{} {}: {}", peer(), doing(), std::strerror(read.error)));
        return;
      case Socket::Status::done:
        break;
    }
    m_arrived = std::min(read.stamp.value_or(now), now);
    note_delay(now - std::max(*m_arrived, m_services.wake.earliest(read.stamp)));
    m_channel->receive(std::string_view(m_services.scratch.data(), read.bytes),
                       [this](std::string_view plain) { take_plain(plain); });
    if (m_state == State::working) {
      take_handshake();
    }
  }
}

void Connector::take_plain(std::string_view plain) {
  if (m_step == Step::tls) {
    m_early.append(plain.substr(0, k_max_early - m_early.size()));
    return;
  }
  if (m_step != Step::tunnel || m_state != State::working) {
    fail(Ending::connect_error, fmt::format("{} spoke before it was asked", peer()));
    return;
  }
  if (m_socks) {
    take_tunnel(*m_socks, plain);
    m_channel->send(m_socks->take_output().reveal());
  } else {
    take_tunnel(*m_tunnel, plain);
  }
}

template <typename Tunnel>
void Connector::take_tunnel(Tunnel& tunnel, std::string_view plain) {
  const std::size_t taken = tunnel.feed(plain);
  if (tunnel.state() == Tunnel::State::failed) {
    fail(Ending::connect_error, tunnel.problem());
  } else if (taken < plain.size()) {
    fail(Ending::connect_error, "the proxy sent more than its answer");
  }
}

/// Goes on to the next step where the one at hand is done.
void Connector::take_handshake() {
  if (m_step == Step::tunnel) {
    const bool open = m_socks ? m_socks->state() == net::SocksTunnel::State::open
                              : m_tunnel->state() == net::Tunnel::State::open;
    if (open) {
      begin_step(Step::tls);
    }
    return;
  }
  const tls::Session& session = *m_channel->top();
  switch (session.state()) {
    case tls::Session::State::handshaking:
      return;
    case tls::Session::State::failed:
      fail(Ending::tls_error, session.problem());
      return;
    case tls::Session::State::closed:
      fail(Ending::tls_error, fmt::format("{} ended TLS {}", peer(), doing()));
      return;
    case tls::Session::State::open:
      break;
  }
  if (m_step == Step::proxy_tls) {
    begin_step(Step::tunnel);
    return;
  }
  m_marks.tls_done = m_arrived;
  m_marks.certificate_expiry = session.certificate_expiry();
  begin_step(Step::done);
}

void Connector::flush() {
  const Socket::Result result = m_channel->flush();
  if (result.status == Socket::Status::failed) {
    fail(Ending::connect_error,
         fmt::format("{} {}: {}", peer(), doing(), std::strerror(result.error)));
    return;
  }
  m_services.watch(m_channel->socket().descriptor(), m_owner, true,
                   result.status == Socket::Status::not_now);
}

std::unique_ptr<Connection> Connector::take_connection() {
  const bool forwarded = m_route.proxy && !m_route.proxy->tunnel;
  const tls::Session* const site = m_route.tls ? m_channel->top() : nullptr;
  // In clear text nothing negotiates the version, so it must be known beforehand.
  const bool http2 = site != nullptr
                         ? site->protocol() == "h2"
                         : m_request.http_version == config::HttpVersion::http_2 && !forwarded;
  auto connection =
      std::make_unique<Connection>(std::move(*m_channel), http2, m_route.key,
                                   m_marks.remote_address, m_marks.certificate_expiry);
  m_channel.reset();
  if (!m_early.empty()) {
    connection->receive_plain(m_early);
  }
  return connection;
}

/// For messages: the peer, and what was being done.
std::string_view Connector::peer() const {
  return m_step == Step::proxy_tls || m_step == Step::tunnel ? "the proxy" : "the server";
}

std::string_view Connector::doing() const {
  return m_step == Step::tunnel ? "before it answered" : "during the TLS handshake";
}

void Connector::fail(Ending ending, std::string problem) {
  if (m_state == State::failed) {
    return;
  }
  m_state = State::failed;
  m_ending = ending;
  m_problem = std::move(problem);
}

void report_set_up(Report& report, const Connector::Marks& marks, bool repeated) {
  report.slacks.set_up = marks.own_delay;
  report.connection.remote_address = marks.remote_address;
  report.connection.certificate_expiry = marks.certificate_expiry;
  if (!repeated) {
    report.name_resolved = marks.name_resolved;
    report.connected = marks.connected;
    report.tls_done = marks.tls_done;
    report.slacks.name_resolved = marks.name_resolved_slack;
    report.slacks.connected = marks.connected_slack;
    report.slacks.tls_done = marks.tls_slack;
  }
}

}  // namespace inferometer::transport
