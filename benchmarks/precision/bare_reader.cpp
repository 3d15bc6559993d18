#include "precision/bare_reader.hpp"

#include "precision/request.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace inferometer::precision {
namespace {

struct Stream {
  int socket = -1;
  base::MonotonicTime sent{};
  bool has_content = false;
};

std::string request_text(const Load& load) {
  const std::string body = fmt::format(
      R"({{"model":"m","stream":true,"max_tokens":{},"messages":[{{"role":"user","content":"x"}}]}})",
      load.tokens);
  std::string text = "POST /v1/chat/completions HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n";
  for (const auto& [name, value] : simulator_headers(load)) {
    text += fmt::format("{}: {}\r\n", name, value);
  }
  return text + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

int connect_to(std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the simulator");
  }
  return descriptor;
}

/// One read of one stream; false once it has ended.
bool read_stream(Stream& stream, const Load& load, StampLog& stamps, Result& result) {
  std::array<char, 16384> buffer;
  const ssize_t size = recv(stream.socket, buffer.data(), buffer.size(), 0);
  const base::MonotonicTime now = std::chrono::steady_clock::now();
  if (size <= 0) {
    return false;
  }
  const auto delay = stamps.note({buffer.data(), static_cast<std::size_t>(size)}, now);
  if (!stream.has_content && delay) {
    stream.has_content = true;
    result.first_delays.push_back(*delay);
    result.ttft_errors.push_back(now - stream.sent - load.ttft);
  }
  return true;
}

}  // namespace

Result run_bare_reader(const Load& load, std::uint16_t port) {
  Result result;
  StampLog stamps(std::size_t{load.streams} * load.tokens);
  std::vector<Stream> streams(load.streams);
  const std::string request = request_text(load);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const base::Duration cpu_before = process_cpu();
  for (Stream& stream : streams) {
    stream.socket = connect_to(port);
    stream.sent = std::chrono::steady_clock::now();
    if (send(stream.socket, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
      ++result.failed_streams;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &stream;
    epoll_ctl(epoll, EPOLL_CTL_ADD, stream.socket, &event);
  }
  std::size_t open = streams.size();
  std::array<epoll_event, 64> events{};
  while (open > 0) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto& stream = *static_cast<Stream*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!read_stream(stream, load, stamps, result)) {
        close(stream.socket);
        result.failed_streams += stream.has_content ? 0 : 1;
        --open;
      }
    }
  }
  close(epoll);
  result.cpu = process_cpu() - cpu_before;
  result.delays = std::move(stamps.delays());
  return result;
}

}  // namespace inferometer::precision
