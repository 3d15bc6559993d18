#include "transport/net/socks.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

namespace inferometer::transport::net {
namespace {

// RFC 1928, sections 3 to 6, and RFC 1929.
constexpr char k_version = 5;
constexpr char k_password_version = 1;
constexpr char k_no_authentication = 0;
constexpr char k_by_password = 2;
constexpr char k_connect = 1;
constexpr char k_ipv4 = 1;
constexpr char k_name = 3;
constexpr char k_ipv6 = 4;

/// What fits behind a length of one byte.
constexpr std::size_t k_longest_text = 255;

std::string_view meaning_of(char reply) {
  constexpr std::array<std::string_view, 9> k_replies{"success",
                                                      "general failure",
                                                      "not allowed by its rules",
                                                      "network unreachable",
                                                      "host unreachable",
                                                      "connection refused",
                                                      "TTL expired",
                                                      "command not supported",
                                                      "address type not supported"};
  const auto index = static_cast<unsigned char>(reply);
  return index < k_replies.size() ? k_replies[index] : "an unknown reply";
}

std::string with_length(std::string_view text) {
  return static_cast<char>(text.size()) + std::string(text);
}

/// The target as the request has it: an address as bytes, a name as text.
std::string encoded_host(const std::string& host) {
  std::array<char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
    return k_ipv4 + std::string(address.data(), sizeof(in_addr));
  }
  if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
    return k_ipv6 + std::string(address.data(), sizeof(in6_addr));
  }
  return k_name + with_length(host);
}

}  // namespace

SocksTunnel::SocksTunnel(const wire::Url& target, std::string username, base::Secret password)
    : m_target(target), m_username(std::move(username)), m_password(std::move(password)) {
  if (m_target.host.size() > k_longest_text || m_username.size() > k_longest_text ||
      m_password.reveal().size() > k_longest_text) {
    fail("a host, username or password of more than 255 bytes does not fit SOCKS 5");
    return;
  }
  const bool has_user = !m_username.empty();
  std::string greeting{k_version, static_cast<char>(has_user ? 2 : 1), k_no_authentication};
  if (has_user) {
    greeting.push_back(k_by_password);
  }
  m_output = base::Secret(std::move(greeting));
}

base::Secret SocksTunnel::take_output() {
  return std::exchange(m_output, base::Secret());
}

std::size_t SocksTunnel::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (m_state == State::waiting && taken < bytes.size()) {
    m_reply.push_back(bytes[taken++]);
    if (m_reply.size() >= reply_size()) {
      take_reply();
      m_reply.clear();
    }
  }
  return taken;
}

/// How long the awaited reply is, as far as what has come of it tells.
std::size_t SocksTunnel::reply_size() const {
  constexpr std::size_t k_short_reply = 2;
  constexpr std::size_t k_address_begin = 4;
  constexpr std::size_t k_port = 2;
  const bool is_short = m_step != Step::connect || m_reply.size() < k_short_reply ||
                        m_reply[0] != k_version || m_reply[1] != 0;
  if (is_short) {
    return k_short_reply;
  }
  if (m_reply.size() <= k_address_begin) {
    return k_address_begin + 1;
  }
  const std::size_t address = m_reply[3] == k_ipv4 ? sizeof(in_addr)
                              : m_reply[3] == k_ipv6
                                  ? sizeof(in6_addr)
                                  : 1 + std::size_t{static_cast<unsigned char>(m_reply[4])};
  return k_address_begin + address + k_port;
}

void SocksTunnel::take_reply() {
  const char version = m_step == Step::password ? k_password_version : k_version;
  if (m_reply[0] != version) {
    fail("the proxy does not speak SOCKS 5");
    return;
  }
  switch (m_step) {
    case Step::method:
      take_method();
      return;
    case Step::password:
      if (m_reply[1] != 0) {
        fail("the proxy refused the username or the password");
        return;
      }
      ask_for_connection();
      return;
    case Step::connect:
      if (m_reply[1] != 0) {
        fail(fmt::format("the proxy could not connect: {}", meaning_of(m_reply[1])));
        return;
      }
      m_state = State::open;
      return;
  }
}

void SocksTunnel::take_method() {
  if (m_reply[1] == k_no_authentication) {
    ask_for_connection();
  } else if (m_reply[1] == k_by_password && !m_username.empty()) {
    m_step = Step::password;
    m_output = base::Secret(k_password_version + with_length(m_username) +
                            with_length(m_password.reveal()));
  } else {
    fail(m_username.empty() ? "the proxy wants a username and a password"
                            : "the proxy takes no username and password");
  }
}

void SocksTunnel::ask_for_connection() {
  m_step = Step::connect;
  m_output = base::Secret(std::string{k_version, k_connect, 0} + encoded_host(m_target.host) +
                          static_cast<char>(m_target.port >> 8U) +
                          static_cast<char>(m_target.port & 0xffU));
}

void SocksTunnel::fail(std::string problem) {
  m_state = State::failed;
  m_problem = std::move(problem);
}

}  // namespace inferometer::transport::net
