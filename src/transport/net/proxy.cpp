#include "transport/net/proxy.hpp"

#include "base/ascii.hpp"
#include "base/printable.hpp"
#include "transport/net/no_proxy.hpp"
#include "wire/base64.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace inferometer::transport::net {
namespace {

/// "HTTP/1.1 200 Connection established": a version of HTTP/1, three digits, and a reason or none.
bool is_status_line(std::string_view line) {
  return line.starts_with("HTTP/1.") && line.size() >= 12 && base::is_digit(line[7]) &&
         line[8] == ' ' && std::all_of(line.begin() + 9, line.begin() + 12, base::is_digit) &&
         (line.size() == 12 || line[12] == ' ');
}

bool is_success(std::string_view status_line) {
  return status_line[9] == '2';
}

constexpr std::uint16_t k_http_port = 80;
constexpr std::uint16_t k_socks_port = 1080;  // RFC 1928, section 3

/// Whether a URL without a path says its port.
bool names_port(std::string_view url) {
  url = url.substr(0, url.find_last_not_of('/') + 1);
  return url.ends_with(":80");
}

/// Of what the proxy sent, in bytes.
constexpr std::size_t k_longest_shown = 200;

}  // namespace

base::Result<std::optional<ProxyRoute>> route(const config::Proxy& proxy, const wire::Url& target) {
  if (proxy.url.empty() || is_excepted(proxy.no_proxy, target.host)) {
    return std::nullopt;
  }
  const std::size_t scheme = proxy.url.find("://");
  const std::string_view name = std::string_view(proxy.url).substr(0, scheme);
  const bool socks = name == "socks5" || name == "socks5h";
  base::Result<wire::Url> url =
      wire::parse_url(socks ? "http" + proxy.url.substr(scheme) : proxy.url);
  if (!url) {
    return base::fail("the proxy's URL cannot be used: " + url.error().message);
  }
  if (socks && url->port == k_http_port && !names_port(proxy.url)) {
    url->port = k_socks_port;
  }
  return ProxyRoute{
      .proxy = *std::move(url), .tunnel = socks || target.scheme == "https", .socks = socks};
}

base::Secret proxy_credentials(const config::Proxy& proxy, const base::Secret& password) {
  if (proxy.username.empty()) {
    return {};
  }
  const base::Secret pair(fmt::format("{}:{}", proxy.username, password.reveal()));
  return base::Secret("Basic " + wire::base64_encode(pair.reveal()));
}

Tunnel::Tunnel(const wire::Url& target, const base::Secret& credentials) {
  const std::string peer = wire::authority_with_port(target);
  const base::Secret authorization(
      credentials.empty() ? "" : fmt::format("Proxy-Authorization: {}\r\n", credentials.reveal()));
  m_request =
      base::Secret(fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n{1}"
                               "User-Agent: inferometer/" INFEROMETER_VERSION "\r\n\r\n",
                               peer, authorization.reveal()));
}

std::size_t Tunnel::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (m_state == State::waiting && taken < bytes.size()) {
    const char c = bytes[taken++];
    if (++m_size > k_max_reply_bytes) {
      fail("the head of the proxy's reply is longer than 64 KiB");
    } else if (c == '\n') {
      take_line();
    } else {
      m_line.push_back(c);
    }
  }
  return taken;
}

void Tunnel::take_line() {
  std::string line = std::exchange(m_line, {});
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  if (!m_status_line.empty()) {
    if (line.empty()) {
      m_state = State::open;
    }
    return;
  }
  m_status_line = std::move(line);
  if (!is_status_line(m_status_line)) {
    fail("what the proxy sent is no reply of HTTP/1");
  } else if (!is_success(m_status_line)) {
    fail("the proxy opens no tunnel");
  }
}

void Tunnel::on_closed() {
  if (m_state == State::waiting) {
    fail("the proxy closed the connection before its reply was whole");
  }
}

void Tunnel::fail(std::string problem) {
  m_state = State::failed;
  m_problem = std::move(problem);
  const std::string& sent = m_status_line.empty() ? m_line : m_status_line;
  if (!sent.empty()) {
    m_problem.append(": ").append(base::one_line(sent, k_longest_shown));
  }
}

}  // namespace inferometer::transport::net
