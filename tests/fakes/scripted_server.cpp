#include "fakes/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>

namespace inferometer::fakes {
namespace {

using base::LockGuard;

constexpr auto k_patience = std::chrono::seconds(30);  // only a failing test reaches it

int listen_on_loopback() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (descriptor < 0 ||
      bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(descriptor, 4096) != 0) {
    throw std::system_error(errno, std::generic_category(), "ScriptedServer");
  }
  return descriptor;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Appends what arrives next; false once the client has closed.
bool receive_more(int descriptor, std::string& bytes) {
  std::array<char, 65536> buffer{};
  const ssize_t count = recv(descriptor, buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    return false;
  }
  bytes.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

/// The next bytes, exactly so many; empty once the client has closed.
std::string receive_exactly(int descriptor, std::size_t size) {
  std::string bytes(size, '\0');
  if (size > 0 && recv(descriptor, bytes.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) {
    return {};
  }
  return bytes;
}

std::size_t content_length(std::string head) {
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  });
  constexpr std::string_view k_name = "\r\ncontent-length:";
  const std::size_t at = head.find(k_name);
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + k_name.size(), nullptr, 10);
}

}  // namespace

ScriptedServer::ScriptedServer(std::vector<Script> scripts)
    : m_scripts(std::move(scripts)), m_listener(listen_on_loopback()), m_port(port_of(m_listener)) {
  m_acceptor = std::thread([this] { accept_connections(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const LockGuard lock(m_mutex);
    m_stopping = true;
    for (const int descriptor : m_open) {
      shutdown(descriptor, SHUT_RDWR);
    }
    m_changed.notify_all();
  }
  shutdown(m_listener, SHUT_RDWR);  // ends accept()
  m_acceptor.join();
  for (std::thread& player : m_players) {
    player.join();
  }
  close(m_listener);
}

std::string ScriptedServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(m_port) + std::string(path);
}

void ScriptedServer::signal(const std::string& name) {
  const LockGuard lock(m_mutex);
  m_signals.insert(name);
  m_changed.notify_all();
}

std::vector<std::string> ScriptedServer::requests() const {
  const LockGuard lock(m_mutex);
  return m_requests;
}

std::size_t ScriptedServer::accepted() const {
  const LockGuard lock(m_mutex);
  return m_accepted;
}

bool ScriptedServer::wait_for_requests(std::size_t count) {
  const LockGuard lock(m_mutex);
  return wait_until([&]() REQUIRES(m_mutex) { return m_requests.size() >= count; });
}

bool ScriptedServer::wait_for_closed(std::size_t count) {
  const LockGuard lock(m_mutex);
  return wait_until([&]() REQUIRES(m_mutex) { return m_closed >= count; });
}

template <typename Condition>
bool ScriptedServer::wait_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  while (!condition() && std::chrono::steady_clock::now() < deadline) {
    m_changed.wait_until(m_mutex, deadline);
  }
  return condition();
}

bool ScriptedServer::is_stopping() {
  const LockGuard lock(m_mutex);
  return m_stopping;
}

void ScriptedServer::accept_connections() {
  for (std::size_t index = 0; !is_stopping(); ++index) {
    const int descriptor = accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) {
      continue;
    }
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    {
      const LockGuard lock(m_mutex);
      m_open.insert(descriptor);
      ++m_accepted;
    }
    const Script& script = m_scripts[std::min(index, m_scripts.size() - 1)];
    m_players.emplace_back([this, descriptor, &script] { play(descriptor, script); });
  }
}

void ScriptedServer::play(int descriptor, const Script& script) {
  for (const Step& step : script) {
    if (is_stopping() || !take(descriptor, step)) {
      break;
    }
  }
  const LockGuard lock(m_mutex);
  m_open.erase(descriptor);
  close(descriptor);
  ++m_closed;
  m_changed.notify_all();
}

bool ScriptedServer::take(int descriptor, const Step& step) {
  if (std::holds_alternative<script::ReadRequest>(step)) {
    return read_request(descriptor);
  }
  if (std::holds_alternative<script::ReadHttp2Request>(step)) {
    return read_http2_request(descriptor);
  }
  if (const auto* send = std::get_if<script::Send>(&step)) {
    return send_all(descriptor, send->bytes);
  }
  if (const auto* await_signal = std::get_if<script::Await>(&step)) {
    return await(await_signal->signal);
  }
  if (std::holds_alternative<script::AwaitClose>(step)) {
    for (std::string ignored; receive_more(descriptor, ignored);) {
      ignored.clear();
    }
    return true;
  }
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  return false;
}

bool ScriptedServer::read_request(int descriptor) {
  constexpr std::string_view k_end = "\r\n\r\n";
  std::string request;
  std::size_t head = std::string::npos;
  while (head == std::string::npos ||
         request.size() < head + k_end.size() + content_length(request.substr(0, head))) {
    if (!receive_more(descriptor, request)) {
      return false;
    }
    head = request.find(k_end);
  }
  note_request(std::move(request));
  return true;
}

bool ScriptedServer::read_http2_request(int descriptor) {
  constexpr std::size_t k_frame_head = 9;
  constexpr std::string_view k_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  constexpr char k_data = 0;
  constexpr char k_headers = 1;
  constexpr char k_end_stream = 1;
  std::string body;
  while (true) {
    std::string head = receive_exactly(descriptor, k_frame_head);
    if (head == k_preface.substr(0, k_frame_head)) {
      receive_exactly(descriptor, k_preface.size() - k_frame_head);
      head = receive_exactly(descriptor, k_frame_head);
    }
    if (head.empty()) {
      return false;
    }
    const auto byte = [&head](std::size_t at) { return static_cast<unsigned char>(head[at]); };
    const std::string payload =
        receive_exactly(descriptor, byte(0) * 65536U + byte(1) * 256U + byte(2));
    if (head[3] == k_data) {
      body += payload;
    }
    if ((head[3] == k_data || head[3] == k_headers) && (head[4] & k_end_stream) != 0) {
      note_request(std::move(body));
      return true;
    }
  }
}

void ScriptedServer::note_request(std::string request) {
  const LockGuard lock(m_mutex);
  m_requests.push_back(std::move(request));
  m_changed.notify_all();
}

bool ScriptedServer::await(const std::string& signal) {
  const LockGuard lock(m_mutex);
  while (!m_stopping && m_signals.count(signal) == 0) {
    m_changed.wait(m_mutex);
  }
  return !m_stopping;
}

}  // namespace inferometer::fakes
