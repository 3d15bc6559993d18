#include "sim/http/message.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace inferometer::sim::http {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";  // The phrase is optional, and 498 and 529 have none.
  }
}

void append_head(std::string& out, int status, std::string_view content_type,
                 const std::vector<Header>& headers, bool keep_alive) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\ncontent-type: {}\r\n", status,
                 reason(status), content_type);
  for (const auto& [name, value] : headers) {
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
  }
  if (!keep_alive) {
    out.append("connection: close\r\n");
  }
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const Header& header) { return header.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

bool Request::keep_alive() const {
  return std::none_of(headers.begin(), headers.end(), [](const Header& header) {
    return header.first == "connection" &&
           base::to_lower(header.second).find("close") != std::string::npos;
  });
}

std::string render(const Response& response, bool keep_alive) {
  std::string out;
  append_head(out, response.status, response.content_type, response.headers, keep_alive);
  fmt::format_to(std::back_inserter(out), "content-length: {}\r\n\r\n", response.body.size());
  return out.append(response.body);
}

std::string render_chunked_head(std::string_view content_type, const std::vector<Header>& headers,
                                bool keep_alive) {
  std::string out;
  append_head(out, 200, content_type, headers, keep_alive);
  return out.append("transfer-encoding: chunked\r\n\r\n");
}

void append_chunk(std::string& out, std::string_view payload) {
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", payload.size());
  out.append(payload).append("\r\n");
}

}  // namespace inferometer::sim::http
