#include "precision/bare_reader.hpp"

#include "base/descriptor.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace inferometer::precision {
namespace {

using base::MonotonicTime;

constexpr std::string_view k_request =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}";
constexpr std::string_view k_last_chunk = "0\r\n\r\n";

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

struct Stream {
  base::Descriptor socket;
  std::unique_ptr<SSL, Free> tls;  // null: clear text
  selftest::StampReader reader;
  Answer answer;
};

base::Descriptor connect_to(std::uint16_t port) {
  base::Descriptor connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int one = 1;
  setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the stamp server");
  }
  return connection;
}

std::unique_ptr<SSL_CTX, Free> make_context(const Server& server) {
  if (server.ca_file().empty()) {
    return nullptr;
  }
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_load_verify_locations(context.get(), server.ca_file().c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_read_ahead(context.get(), 1);  // one system call for a record and not two
  return context;
}

void open(Stream& stream, std::uint16_t port, SSL_CTX* context) {
  stream.socket = connect_to(port);
  if (context == nullptr) {
    send(stream.socket.get(), k_request.data(), k_request.size(), MSG_NOSIGNAL);
    return;
  }
  stream.tls.reset(SSL_new(context));
  SSL_set_fd(stream.tls.get(), stream.socket.get());
  if (SSL_connect(stream.tls.get()) != 1) {
    throw std::runtime_error("the stamp server's TLS failed");
  }
  SSL_write(stream.tls.get(), k_request.data(), static_cast<int>(k_request.size()));
}

/// Takes what one read brought; false once the answer has ended.
bool take(Stream& stream, std::string_view bytes, MonotonicTime now) {
  stream.reader.feed(bytes, [&](const selftest::Stamp& stamp) { stream.answer.note(stamp, now); });
  return !bytes.ends_with(k_last_chunk);
}

/// All that can be read of one stream; false once it has ended.
bool read_stream(Stream& stream) {
  std::array<char, 16384> buffer;
  if (!stream.tls) {
    const ssize_t size = recv(stream.socket.get(), buffer.data(), buffer.size(), 0);
    const MonotonicTime now = std::chrono::steady_clock::now();
    return size > 0 && take(stream, {buffer.data(), static_cast<std::size_t>(size)}, now);
  }
  do {
    const int size = SSL_read(stream.tls.get(), buffer.data(), static_cast<int>(buffer.size()));
    const MonotonicTime now = std::chrono::steady_clock::now();
    if (size <= 0 || !take(stream, {buffer.data(), static_cast<std::size_t>(size)}, now)) {
      return false;
    }
  } while (SSL_has_pending(stream.tls.get()) != 0);
  return true;
}

void read_all(int epoll, std::size_t open) {
  std::array<epoll_event, 64> events{};
  while (open > 0) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto& stream = *static_cast<Stream*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!read_stream(stream)) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, stream.socket.get(), nullptr);
        --open;
      }
    }
  }
}

}  // namespace

Figures run_bare_reader(const Plan& plan, const Server& server) {
  std::vector<Stream> streams(plan.streams);
  for (Stream& stream : streams) {
    stream.answer.events.reserve(plan.pace.events + selftest::k_last_stamps);
  }
  const auto context = make_context(server);
  const base::Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  const base::Duration cpu_before = process_cpu();
  for (Stream& stream : streams) {
    open(stream, server.port(), context.get());
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &stream;
    epoll_ctl(epoll.get(), EPOLL_CTL_ADD, stream.socket.get(), &event);
  }
  read_all(epoll.get(), streams.size());
  const base::Duration cpu = process_cpu() - cpu_before;
  std::vector<Answer> answers;
  answers.reserve(streams.size());
  for (Stream& stream : streams) {
    answers.push_back(std::move(stream.answer));
  }
  Figures figures = make_figures(std::move(answers), plan.pace.events);
  figures.cpu_per_event =
      base::seconds(cpu) * 1e6 / static_cast<double>(std::max<std::size_t>(figures.events, 1));
  return figures;
}

}  // namespace inferometer::precision
