#include "transport/http/http1_request.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace inferometer::transport::http {
namespace {

using base::equal_ignoring_case;

constexpr std::string_view k_version = " HTTP/1.1\r\n";
constexpr std::string_view k_line_end = "\r\n";
constexpr std::string_view k_separator = ": ";
constexpr std::string_view k_empty_separator = ":";  ///< before a value that is empty

/// Whether it can stand between blanks in the request line, or before the colon of a header.
bool is_word(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
}

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::optional<base::Error> check_header(std::string_view name, std::string_view value) {
  if (!is_word(name) || name.find(':') != std::string_view::npos) {
    return base::Error{"a header's name is empty or holds a blank, a colon or a control character"};
  }
  if (equal_ignoring_case(name, "content-length") ||
      equal_ignoring_case(name, "transfer-encoding")) {
    return base::Error{"the header " + std::string(name) + " cannot be set: the body decides it"};
  }
  if (!is_one_line(value)) {
    return base::Error{"the value of the header " + std::string(name) +
                       " holds a line end or a NUL"};
  }
  return std::nullopt;
}

std::optional<base::Error> check(const RequestHead& head) {
  if (!is_word(head.method) || !is_word(head.target)) {
    return base::Error{"the request's method or path holds a blank or a control character"};
  }
  if (!is_one_line(head.authority)) {
    return base::Error{"the request's host holds a line end or a NUL"};
  }
  for (const auto& [name, value] : head.headers) {
    if (auto error = check_header(name, value)) {
      return error;
    }
  }
  for (const auto& [name, value] : head.secret_headers) {
    if (auto error = check_header(name, value.reveal())) {
      return error;
    }
  }
  return std::nullopt;
}

/// Calls `use` for each line of the head, with its name and value; the request line comes apart.
template <typename Use>
void for_each_header(const RequestHead& head, std::string_view body, const Use& use) {
  const bool has_host =
      std::any_of(head.headers.begin(), head.headers.end(),
                  [](const auto& header) { return equal_ignoring_case(header.first, "host"); });
  if (!has_host) {
    use("Host", head.authority);
  }
  for (const auto& [name, value] : head.headers) {
    use(name, value);
  }
  for (const auto& [name, value] : head.secret_headers) {
    use(name, value.reveal());
  }
  if (head.method == "POST" || head.method == "PUT" || !body.empty()) {
    use("Content-Length", std::to_string(body.size()));
  }
}

}  // namespace

base::Result<std::string> write_http1_request(const RequestHead& head, std::string_view body) {
  if (auto error = check(head)) {
    return tl::make_unexpected(std::move(*error));
  }
  // The size is known before a secret is written: a string that grew would leave copies behind.
  std::size_t size = head.method.size() + 1 + head.target.size() + k_version.size() +
                     k_line_end.size() + body.size();
  for_each_header(head, body, [&size](std::string_view name, std::string_view value) {
    size += name.size() + k_separator.size() + value.size() + k_line_end.size();
  });
  base::Result<std::string> request;
  std::string& bytes = *request;
  bytes.reserve(size);
  bytes.append(head.method).append(" ").append(head.target).append(k_version);
  for_each_header(head, body, [&bytes](std::string_view name, std::string_view value) {
    bytes.append(name).append(value.empty() ? k_empty_separator : k_separator);
    bytes.append(value).append(k_line_end);
  });
  bytes.append(k_line_end).append(body);
  return request;
}

}  // namespace inferometer::transport::http
