#include "web/access.hpp"

#include "base/ascii.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <string_view>

namespace inferometer::web {
namespace {

/// An authority without its port: the colons of an IPv6 address stand in brackets.
std::string_view without_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos
             ? authority.substr(0, colon)
             : authority;
}

bool is_address(std::string_view host) {
  in6_addr address{};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return ::inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) ==
           1;
  }
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

/// What `text` has behind `prefix`; empty if it does not begin so.
std::string_view behind(std::string_view prefix, std::string_view text) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
}

/// Whether an Origin header names the authority that the client asked for. Behind a proxy that ends
/// TLS the scheme is not known here, so the default port of either is none.
bool is_same_origin(std::string_view origin, std::string_view host) {
  for (const auto& [scheme, port] :
       {std::pair<std::string_view, std::string_view>{"http://", ":80"}, {"https://", ":443"}}) {
    std::string_view authority = behind(scheme, origin);
    std::string_view asked = host;
    for (std::string_view* each : {&authority, &asked}) {
      each->remove_suffix(each->ends_with(port) ? port.size() : 0);
    }
    if (!authority.empty() && base::equal_ignoring_case(authority, asked)) {
      return true;
    }
  }
  return false;
}

}  // namespace

base::Result<void> check_host(const http::Request& request,
                              const std::vector<std::string>& allowed) {
  const std::string_view host = without_port(request.host);
  const bool listed = std::any_of(allowed.begin(), allowed.end(), [host](const std::string& each) {
    return base::equal_ignoring_case(each, host);
  });
  if (allowed.empty() || listed || is_address(host)) {
    return {};
  }
  return base::fail("this host name is not in web.allowed_hosts of the configuration");
}

base::Result<void> check_origin(const http::Request& request) {
  const std::string_view site = request.header("sec-fetch-site");
  const std::string_view origin = request.header("origin");
  const bool own = site.empty() ? origin.empty() || is_same_origin(origin, request.host)
                                : site == "same-origin" || site == "none";
  if (own) {
    return {};
  }
  return base::fail("pages of other origins may not ask for this");
}

}  // namespace inferometer::web
