#include "transport/net/dialer.hpp"

#include "base/descriptor.hpp"

#include <fmt/format.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace inferometer::transport::net {
namespace {

/// In turns of the first address's family and the other one (RFC 8305, section 4); each family
/// keeps its order.
std::vector<Address> interleaved(std::vector<Address> addresses) {
  const int first_family = addresses.front().family();
  const auto others = std::stable_partition(
      addresses.begin(), addresses.end(),
      [first_family](const Address& a) { return a.family() == first_family; });
  std::vector<Address> result;
  auto first = addresses.begin();
  auto other = others;
  while (result.size() < Dialer::k_max_addresses && (first != others || other != addresses.end())) {
    const bool take_first = other == addresses.end() || (first != others && result.size() % 2 == 0);
    result.push_back(take_first ? *first++ : *other++);
  }
  return result;
}

/// None, with errno, where there is none to be had; the last ones are not for probes.
base::Descriptor make_socket(int family) {
  base::Descriptor socket(
      ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (socket.valid() && base::is_descriptor_reserved(socket.get())) {
    socket.close();
    errno = EMFILE;
  }
  if (socket.valid()) {
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return socket;
}

/// Begins to connect or, on later calls, tells how far it has come: 0 if connected, else errno's
/// value. Unlike SO_ERROR, it tells a connection that is ready from one that is still under way.
int try_to_connect(const base::Descriptor& socket, const Address& address) {
  const bool connected = connect(socket.get(), address.get(), address.length) == 0;
  return connected || errno == EISCONN ? 0 : errno;
}

bool is_under_way(int error) {
  return error == EINPROGRESS || error == EALREADY;
}

/// Whether it is this machine that lacks something.
bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

std::string describe(const Address& address, std::string_view reason) {
  return fmt::format("cannot connect to {}: {}", to_string(address), reason);
}

}  // namespace

Dialer::Dialer(std::vector<Address> addresses, Watch watch, base::MonotonicTime now)
    : m_addresses(interleaved(std::move(addresses))), m_watch(std::move(watch)) {
  m_open.reserve(k_max_open);
  begin_next(now);
}

Dialer::~Dialer() {
  close_open();
}

void Dialer::on_ready(int descriptor, base::MonotonicTime now) {
  const auto ready = std::find_if(m_open.begin(), m_open.end(), [descriptor](const Attempt& one) {
    return one.socket.get() == descriptor;
  });
  if (ready == m_open.end()) {
    return;
  }
  const int error = try_to_connect(ready->socket, ready->address);
  if (is_under_way(error)) {
    return;
  }
  m_watch(descriptor, false);
  Attempt attempt = std::move(*ready);
  m_open.erase(ready);
  conclude(std::move(attempt), error);
  if (m_state == State::dialling) {
    begin_next(now);
  }
}

void Dialer::on_due(base::MonotonicTime now) {
  if (m_due && now >= *m_due) {
    begin_next(now);
  }
}

void Dialer::begin_next(base::MonotonicTime now) {
  m_due.reset();
  const std::size_t open_before = m_open.size();
  const auto may_begin = [this] {
    return m_begun < m_addresses.size() && m_open.size() < k_max_open;
  };
  while (m_state == State::dialling && m_open.size() == open_before && may_begin()) {
    begin(m_addresses[m_begun++]);
  }
  if (m_state != State::dialling) {
    return;
  }
  if (m_open.empty()) {
    m_state = State::failed;
  } else if (may_begin()) {
    m_due = now + k_attempt_delay;
  }
}

void Dialer::begin(const Address& address) {
  Attempt attempt{.address = address, .socket = make_socket(address.family())};
  const int error = attempt.socket.valid() ? try_to_connect(attempt.socket, address) : errno;
  if (!is_under_way(error)) {
    conclude(std::move(attempt), error);
    return;
  }
  try {
    m_watch(attempt.socket.get(), true);
    m_open.push_back(std::move(attempt));
  } catch (const std::system_error& refusal) {
    m_address = address;
    m_problem = describe(address, refusal.code().message());
    end(State::no_resources);
  }
}

void Dialer::conclude(Attempt attempt, int error) {
  m_address = attempt.address;
  if (error == 0) {
    m_connection = std::move(attempt.socket);
    end(State::connected);
    return;
  }
  m_problem = describe(attempt.address, std::generic_category().message(error));
  if (is_shortage(error)) {
    end(State::no_resources);
  }
}

void Dialer::end(State state) {
  close_open();
  m_due.reset();
  m_state = state;
}

void Dialer::close_open() {
  for (const Attempt& attempt : m_open) {
    m_watch(attempt.socket.get(), false);
  }
  m_open.clear();
}

}  // namespace inferometer::transport::net
