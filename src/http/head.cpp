#include "http/head.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <optional>

namespace inferometer::http {
namespace {

constexpr std::string_view k_digits = "0123456789";
constexpr std::string_view k_letters_and_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_one_of(c, k_letters_and_digits) || is_one_of(c, "!#$%&'*+-.^_`|~");
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of(k_digits) == std::string_view::npos;
}

/// A host and perhaps a port, RFC 3986, sections 3.2.2 and 3.2.3, or nothing.
bool is_authority(std::string_view text) {
  if (const std::size_t colon = text.rfind(':');
      colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    if (text.substr(colon + 1).find_first_not_of(k_digits) != std::string_view::npos) {
      return false;
    }
    text = text.substr(0, colon);
  }
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const std::string_view marks = bracketed ? ":.%-_~" : ".%-_~!$&'()*+,;=";
  if (bracketed) {
    text = text.substr(1, text.size() - 2);
  }
  return std::all_of(text.begin(), text.end(), [marks](char c) {
    return is_one_of(c, k_letters_and_digits) || is_one_of(c, marks);
  });
}

/// Takes the part of `text` before `end` off its front together with `end`, or all of it.
std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(part.size() + end.size(), text.size()));
  return part;
}

struct Target {
  std::optional<std::string_view> authority;  ///< of the absolute form
  std::string_view path;
  std::string_view query;
};

/// RFC 9112, section 3.2. What begins neither with a slash nor with a scheme is a path of its own,
/// such as `*`.
Target split_target(std::string_view target) {
  Target result;
  constexpr std::string_view k_scheme_end = "://";
  const std::string_view scheme = target.substr(0, target.find(k_scheme_end));
  if (base::equal_ignoring_case(scheme, "http") || base::equal_ignoring_case(scheme, "https")) {
    target.remove_prefix(std::min(scheme.size() + k_scheme_end.size(), target.size()));
    result.authority = target.substr(0, target.find_first_of("/?"));
    target.remove_prefix(result.authority->size());
  }
  result.path = take_until(target, "?");
  result.query = target;
  if (result.authority && result.path.empty()) {
    result.path = "/";
  }
  return result;
}

base::Result<void> read_request_line(std::string_view line, Head& into) {
  into.method = take_until(line, " ");
  const std::string_view target = take_until(line, " ");
  into.persistent = line == "HTTP/1.1";
  if (!is_token(into.method) || target.empty() || (!into.persistent && line != "HTTP/1.0")) {
    return base::fail("the first line is not: method, target, HTTP/1.1");
  }
  const Target parts = split_target(target);
  into.path = parts.path;
  into.query = parts.query;
  into.host = parts.authority.value_or(std::string_view());
  const bool whole_server = into.method == "OPTIONS" && target == "*";
  if ((!into.path.starts_with('/') && !whole_server) ||
      target.find_first_of("#\t") != std::string_view::npos) {
    return base::fail("the target is neither a path nor an http URL");
  }
  if (parts.authority && (into.host.empty() || !is_authority(into.host))) {
    return base::fail("the target has no valid host");
  }
  return {};
}

base::Result<void> read_line(std::string_view line, Head& into) {
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return base::fail("a header line is folded");
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return base::fail("a header line does not begin with a name and a colon");
  }
  into.lines.push_back({line.substr(0, colon), base::trimmed(line.substr(colon + 1))});
  return {};
}

std::vector<std::string_view> values_of(const Head& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const Head::Line& line : head.lines) {
    if (base::equal_ignoring_case(line.name, name)) {
      values.push_back(line.value);
    }
  }
  return values;
}

/// RFC 9112, section 3.2.
base::Result<void> check_host(Head& head) {
  const auto hosts = values_of(head, "Host");
  if (hosts.size() > 1 || (hosts.empty() && head.persistent)) {
    return base::fail("there must be one Host");
  }
  if (!hosts.empty() && !is_authority(hosts.front())) {
    return base::fail("Host is not a host and a port");
  }
  // Section 3.2.2: that of the target goes before it.
  if (head.host.empty() && !hosts.empty()) {
    head.host = hosts.front();
  }
  return {};
}

/// RFC 9112, sections 6.1 and 6.3. Several equal lengths, which a recipient may take for one, are
/// refused with the unequal ones: no client has a reason to send them.
base::Result<void> check_length(Head& head) {
  const auto codings = values_of(head, "Transfer-Encoding");
  const auto lengths = values_of(head, "Content-Length");
  if (lengths.size() > 1 || (!lengths.empty() && !is_number(lengths.front()))) {
    return base::fail("Content-Length is not one number");
  }
  if (!codings.empty() && !lengths.empty()) {
    return base::fail("there are both Transfer-Encoding and Content-Length");
  }
  if (codings.size() > 1 ||
      (!codings.empty() && !base::equal_ignoring_case(codings.front(), "chunked"))) {
    return base::fail("Transfer-Encoding is not chunked alone");
  }
  if (!codings.empty() && !head.persistent) {
    return base::fail("HTTP/1.0 has no Transfer-Encoding");
  }
  head.has_body = !codings.empty() || (!lengths.empty() && lengths.front() != "0");
  return {};
}

}  // namespace

std::string Head::value_of(std::string_view name) const {
  std::string result;
  for (const std::string_view value : values_of(*this, name)) {
    result.append(result.empty() ? "" : ", ").append(value);
  }
  return result;
}

base::Result<Head> read_head(std::string_view head) {
  if (!head.ends_with("\r\n\r\n")) {
    return base::fail("the head has no end");
  }
  head.remove_suffix(k_line_end.size());
  Head result;
  base::Result<void> read;
  for (bool first = true; read && !head.empty(); first = false) {
    const std::string_view line = take_until(head, k_line_end);
    if (std::any_of(line.begin(), line.end(),
                    [](char c) { return base::is_control(c) && c != '\t'; })) {
      return base::fail("a line holds a control character, or does not end in CR LF");
    }
    read = first ? read_request_line(line, result) : read_line(line, result);
  }
  return read.and_then([&] { return check_host(result); })
      .and_then([&] { return check_length(result); })
      .map([&] { return std::move(result); });
}

std::string_view path_of(std::string_view head) {
  std::string_view line = head.substr(0, head.find(k_line_end));
  take_until(line, " ");
  return split_target(take_until(line, " ")).path;
}

}  // namespace inferometer::http
