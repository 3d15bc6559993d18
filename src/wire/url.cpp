#include "wire/url.hpp"

#include "base/ascii.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace inferometer::wire {
namespace {

using base::fail;
using base::is_alphanumeric;
using base::Result;

bool is_blank_or_control(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool all_of(std::string_view text, bool (*holds)(char)) {
  return std::all_of(text.begin(), text.end(), holds);
}

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

/// No value unless it is an IPv6 address, with or without a zone ("fe80::1%25eth0", RFC 6874; with
/// a bare % as everyone types it).
std::optional<std::string> parse_ipv6(std::string_view text) {
  const std::size_t percent = text.find('%');
  std::string address = base::to_lower(text.substr(0, percent));
  in6_addr ignored{};
  if (inet_pton(AF_INET6, address.c_str(), &ignored) != 1) {
    return std::nullopt;
  }
  if (percent == std::string_view::npos) {
    return address;
  }
  std::string_view zone = text.substr(percent + 1);
  if (zone.starts_with("25") && zone.size() > 2) {
    zone.remove_prefix(2);
  }
  const auto is_allowed = [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
  };
  if (zone.empty() || !all_of(zone, is_allowed)) {
    return std::nullopt;
  }
  return address.append("%").append(zone);
}

Result<void> read_host(std::string_view host, Url& url) {
  if (host.starts_with('[')) {
    const auto address =
        host.ends_with(']') ? parse_ipv6(host.substr(1, host.size() - 2)) : std::nullopt;
    if (!address) {
      return fail("what stands in [ ] is no IPv6 address");
    }
    url.host = *address;
    url.host_is_ipv6 = true;
    return {};
  }
  if (!all_of(host, is_ascii)) {
    return fail("its host has letters beyond ASCII: write it in its xn-- form");
  }
  const auto is_allowed = [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  };
  if (host.empty() || !all_of(host, is_allowed)) {
    return fail("its host is missing or malformed: an IPv6 address must stand in [ ]");
  }
  url.host = base::to_lower(host);
  return {};
}

Result<void> read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return fail("it holds a user or a password, which do not belong here");
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.port = default_port(url.scheme);
  if (colon != std::string_view::npos) {
    const char* const end = authority.data() + authority.size();
    const auto read = std::from_chars(authority.data() + colon + 1, end, url.port);
    if (read.ec != std::errc() || read.ptr != end || url.port == 0) {
      return fail("its port must be from 1 to 65535, and an IPv6 address must stand in [ ]");
    }
  }
  return read_host(authority.substr(0, colon), url);
}

std::string bracketed_host(const Url& url) {
  return url.host_is_ipv6 ? fmt::format("[{}]", url.host.substr(0, url.host.find('%'))) : url.host;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_blank_or_control)) {
    return fail("it holds a blank or a control character");
  }
  const std::size_t scheme_end = text.find("://");
  Url url;
  url.scheme = base::to_lower(text.substr(0, scheme_end));
  if (scheme_end == std::string_view::npos || (url.scheme != "http" && url.scheme != "https")) {
    return fail("begin it with http:// or https://");
  }
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  url.target = text.substr(authority_end);
  if (!url.target.starts_with('/')) {
    url.target.insert(0, 1, '/');
  }
  if (!all_of(url.target, is_ascii)) {
    return fail("its path has letters beyond ASCII: percent-encode them");
  }
  return read_authority(text.substr(0, authority_end), url).map([&url] { return std::move(url); });
}

std::string authority(const Url& url) {
  return url.port == default_port(url.scheme) ? bracketed_host(url) : authority_with_port(url);
}

std::string authority_with_port(const Url& url) {
  return fmt::format("{}:{}", bracketed_host(url), url.port);
}

}  // namespace inferometer::wire
