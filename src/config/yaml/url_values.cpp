#include "config/yaml/url_values.hpp"

#include "base/ascii.hpp"
#include "config/secret_names.hpp"
#include "config/yaml/values.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>

namespace inferometer::config {
namespace {

bool is_host(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    // An IPv6 address; its exact form is for the resolver to judge.
    text = text.substr(1, text.size() - 2);
    return text.find(':') != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) {
             return base::is_alphanumeric(c) || c == ':' || c == '.' || c == '%';
           });
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_port(std::string_view text, std::uint32_t min) {
  return parse_whole_number(text, min, std::numeric_limits<std::uint16_t>::max()).has_value();
}

/// The place of the colon before the port, or npos: colons in [] belong to the address.
std::size_t find_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  return bracket != std::string_view::npos && colon < bracket && colon != std::string_view::npos
             ? std::string_view::npos
             : colon;
}

/// The host of a URL that was accepted.
std::string_view host_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find('/'));
  return url.substr(0, find_port(url));
}

/// Whether `host` is this machine, whatever a resolver may say: 127.0.0.0/8, [::1] or localhost.
bool is_loopback(std::string_view host) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(host).c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 24U) == 127;
  }
  return host == "[::1]" || base::equal_ignoring_case(host, "localhost");
}

/// Whether `host` is an IPv6 address in brackets that begins with these bytes.
bool begins_with(std::string_view host, std::string_view bytes) {
  in6_addr address{};
  return host.size() > 2 && host.starts_with('[') && host.ends_with(']') &&
         inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1 &&
         std::string_view(reinterpret_cast<const char*>(address.s6_addr), sizeof address.s6_addr)
             .starts_with(bytes);
}

/// Whether `host` is an address of this machine's link: 169.254.0.0/16 (RFC 3927), or
/// fd00:ec2::/32, where AWS has its services of the link.
bool is_link_local(std::string_view host) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(host).c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 16U) == (169U << 8U | 254U);
  }
  return begins_with(host, std::string_view("\xfd\x00\x0e\xc2", 4));
}

bool is_container_host(std::string_view host) {
  return host == "169.254.170.2" || host == "169.254.170.23" ||
         begins_with(host, std::string_view("\xfd\x00\x0e\xc2\0\0\0\0\0\0\0\0\0\0\0\x23", 16));
}

/// Refuses what is not `scheme://host[:port][/path]`.
base::Result<void> check_url(std::string_view text,
                             std::initializer_list<std::string_view> schemes) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos ||
      std::find(schemes.begin(), schemes.end(), text.substr(0, scheme_end)) == schemes.end()) {
    return base::fail(fmt::format("begin it with {}://", fmt::join(schemes, ":// or ")));
  }
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) {
    return base::fail("it holds a user or a password, which do not belong here");
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return base::fail("remove what follows ? or #");
  }
  if (!std::all_of(rest.begin(), rest.end(), base::is_visible_ascii)) {
    return base::fail("only visible ASCII can stand in a URL: encode the rest");
  }
  if (rest.find_first_of("{}") != std::string_view::npos) {
    return base::fail("no braces can stand here");
  }
  const std::size_t colon = find_port(authority);
  if (!is_host(authority.substr(0, colon))) {
    return base::fail("its host is missing or malformed");
  }
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1), 1)) {
    return base::fail("its port must be from 1 to 65535");
  }
  return {};
}

/// The URL without trailing slashes if it is `scheme://host[:port][/path]`.
base::Result<std::string> parse_url(std::string_view text,
                                    std::initializer_list<std::string_view> schemes) {
  return check_url(text, schemes).map([text] {
    return std::string(text.substr(0, text.find_last_not_of('/') + 1));
  });
}

/// https, or http to this machine or a host that `is_near`; as it is, with its query.
base::Result<std::string> parse_url_of_link(std::string_view text,
                                            bool (*is_near)(std::string_view host),
                                            const char* hint) {
  const std::size_t question = std::min(text.find('?'), text.size());
  const std::string_view query = text.substr(std::min(question + 1, text.size()));
  const bool is_query = std::all_of(query.begin(), query.end(),
                                    [](char c) { return base::is_visible_ascii(c) && c != '#'; });
  const std::string_view url = text.substr(0, question);
  if (auto checked = check_url(url, {"http", "https"}); !checked || !is_query) {
    return base::fail(checked ? "remove what follows #" : checked.error().message);
  }
  const std::string_view host = host_of(url);
  if (url.starts_with("http:") && !is_loopback(host) && !is_near(host)) {
    return base::fail(hint);
  }
  return std::string(text);
}

/// Whether a parameter of that query has a name that carries a credential.
bool has_secret(std::string_view query) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    if (!hint_for_secret_parameter(parameter.substr(0, parameter.find('='))).empty()) {
      return true;
    }
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
  }
  return false;
}

}  // namespace

base::Result<std::string> parse_listen_address(std::string_view text) {
  const std::size_t colon = find_port(text);
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1), 0)) {
    return base::fail("end it in a colon and a port from 0 to 65535");
  }
  if (colon > 0 && !is_host(text.substr(0, colon))) {
    return base::fail("its host is malformed: write an IPv6 address in [ ]");
  }
  return std::string(text);
}

base::Result<std::string> parse_host_name(std::string_view text) {
  if (!is_host(text)) {
    return base::fail("write the name alone, without scheme and port");
  }
  return base::to_lower(text);
}

base::Result<std::string> parse_http_url(std::string_view text) {
  return parse_url(text, {"http", "https"});
}

base::Result<std::string> parse_base_url(std::string_view text) {
  static constexpr std::string_view k_model = "{model}";
  // With a letter for each placeholder, it is a URL like any other. A URL without `://` has no
  // path either: npos + 3 is its beginning, where no placeholder is replaced.
  const std::size_t path = text.find('/', text.find("://") + 3);
  std::string plain(text);
  for (std::size_t at = plain.find(k_model, path); at != std::string::npos;
       at = plain.find(k_model, at)) {
    plain.replace(at, k_model.size(), 1, 'm');
  }
  if (plain.find_first_of("{}") != std::string::npos) {
    return base::fail("in braces, its path may hold {model} and nothing else");
  }
  return parse_http_url(plain).map([text](const std::string&) {
    return std::string(text.substr(0, text.find_last_not_of('/') + 1));
  });
}

base::Result<std::string> parse_token_url(std::string_view text) {
  auto url = parse_http_url(text);
  if (url && url->starts_with("http:") && !is_loopback(host_of(*url))) {
    return base::fail("http would show the secret to everyone on the way: use https://");
  }
  return url;
}

base::Result<std::string> parse_metadata_url(std::string_view text) {
  return parse_url_of_link(text, is_link_local,
                           "http may lead to this machine or to an address of 169.254.0.0/16 and "
                           "fd00:ec2::/32 alone: use https://");
}

base::Result<std::string> parse_container_url(std::string_view text) {
  return parse_url_of_link(text, is_container_host,
                           "http may lead to this machine, 169.254.170.2, 169.254.170.23 and "
                           "[fd00:ec2::23] alone: use https://");
}

base::Result<std::string> parse_page_url(std::string_view text) {
  const std::size_t question = std::min(text.find('?'), text.size());
  const std::string_view query = text.substr(std::min(question + 1, text.size()));
  if (query.find('#') != std::string_view::npos) {
    return base::fail("remove what follows #");
  }
  if (!std::all_of(query.begin(), query.end(), base::is_visible_ascii)) {
    return base::fail("only visible ASCII can stand in a URL: encode the rest");
  }
  if (has_secret(query)) {
    return base::fail("its query holds a secret: send it by auth instead");
  }
  return check_url(text.substr(0, question), {"http", "https"}).map([text] {
    return std::string(text);
  });
}

base::Result<std::string> parse_proxy_url(std::string_view text) {
  auto url = parse_url(text, {"http", "https", "socks5", "socks5h"});
  if (url && url->find('/', url->find("://") + 3) != std::string::npos) {
    return base::fail("a proxy has no path");
  }
  return url;
}

}  // namespace inferometer::config
