#include "http/codec.hpp"

#include "base/accept.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "http/gzip.hpp"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <vector>

namespace inferometer::http {
namespace {

constexpr std::size_t k_least_worth_gzip = 256;

/// A connection in memory: the request's head is all there is to read.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view input) : m_input(input) {}

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }

  ssize_t read(char* to, size_t size) override {
    const std::size_t count = std::min(size, m_input.size());
    std::memcpy(to, m_input.data(), count);
    m_input.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, size_t size) override {
    m_output.append(from, size);
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  [[nodiscard]] socket_t socket() const override { return INVALID_SOCKET; }

  [[nodiscard]] std::string take_output() { return std::move(m_output); }

 private:
  std::string_view m_input;
  std::string m_output;
};

/// Takes the part of `list` before the next `separator` off its front, trimmed.
std::string_view take_part(std::string_view& list, char separator) {
  const std::size_t end = std::min(list.find(separator), list.size());
  const std::string_view part = base::trimmed(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return part;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (base::equal_ignoring_case(take_part(list, ','), token)) {
      return true;
    }
  }
  return false;
}

/// All lines of a header as the one that they stand for, RFC 9110, section 5.3, but in any order:
/// httplib 0.18 keeps none, and in the lists that we read it means nothing.
std::string joined(const httplib::Request& request, const char* name) {
  std::string result;
  const auto [begin, end] = request.headers.equal_range(name);
  for (auto line = begin; line != end; ++line) {
    result += (line == begin ? "" : ", ") + line->second;
  }
  return result;
}

/// Whether a client likes gzip at least as well as the plain body. RFC 9110, section 12.5.3.
bool prefers_gzip(std::string_view accept_encoding) {
  const std::vector<base::Preference> preferences = base::parse_preferences(accept_encoding);
  const double quality = base::quality_of(preferences, "gzip");
  return quality > 0 && quality >= base::quality_of(preferences, "identity");
}

/// The head without its Range lines. httplib 0.11 matches them with a std::regex that overflows
/// the stack, and answers many small ranges with a body a thousand times as large; ranges of pages
/// that change all the time make no sense anyway.
std::string without_ranges(std::string_view head) {
  std::string result;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size() - 1) + 1;
    const std::string_view line = head.substr(0, end);
    if (!base::equal_ignoring_case(line.substr(0, line.find(':')), "range")) {
      result += line;
    }
    head.remove_prefix(end);
  }
  return result;
}

/// httplib's server without its sockets, for one request.
class Exchange final : public httplib::Server {
 public:
  explicit Exchange(const http::Handler& handler) : m_handler(handler) {
    // Before any body is read, and for every path and method: routing is ours.
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      response.headers.erase("Keep-Alive");
      response.headers.erase("Accept-Ranges");
      if (request.method != "HEAD") {
        // Which httplib would copy.
        m_reply.body = std::make_shared<const std::string>(std::move(response.body));
        response.body.clear();
      }
    });
  }

  Reply reply(std::string_view head) {
    const std::string safe_head = without_ranges(head);
    MemoryStream stream(safe_head);
    // A request that httplib cannot parse is answered without `prepare`, and not kept.
    process(stream, [this](httplib::Request& request) { prepare(request); });
    m_reply.head = stream.take_output();
    return std::move(m_reply);
  }

 private:
  /// A template because the two signatures of httplib, 0.11's and 0.18's, exclude each other.
  template <typename Stream, typename Prepare>
  void process(Stream& stream, const Prepare& prepare) {
    bool closed = false;
    if constexpr (requires { this->process_request(stream, false, closed, prepare); }) {
      this->process_request(stream, false, closed, prepare);
    } else {
      this->process_request(stream, "", 0, "", 0, false, closed, prepare);
    }
  }

  /// Takes out of the headers what httplib is not to act on.
  void prepare(httplib::Request& request) {
    // httplib would compress some types and not others, and prefer brotli at a level that takes
    // seconds.
    m_gzip = prefers_gzip(joined(request, "Accept-Encoding"));
    request.headers.erase("Accept-Encoding");
    const std::string length = request.get_header_value("Content-Length");
    const bool has_body =
        request.has_header("Transfer-Encoding") || (!length.empty() && length != "0");
    const bool close = has_body || request.version != "HTTP/1.1" ||
                       has_token(joined(request, "Connection"), "close");
    if (close) {
      request.headers.erase("Connection");
      request.headers.emplace("Connection", "close");
    }
    m_reply.keep_alive = !close;
  }

  void answer(const httplib::Request& request, httplib::Response& to) const {
    const std::string_view target = request.target;
    const std::string_view path = target.substr(0, target.find_first_of("?#"));
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string_view query = target.substr(std::min(question + 1, target.size()));
    Response from =
        handle({request.method, std::string(path), std::string(query), joined(request, "Accept")});
    base::log::debug("http request",
                     {{"method", request.method}, {"path", path}, {"status", from.status}});
    to.status = from.status;
    to.set_header("Content-Type", from.content_type);
    to.set_header("Vary", "Accept-Encoding");
    for (const auto& [name, value] : from.headers) {
      to.set_header(name, value);
    }
    if (m_gzip && from.body.size() >= k_least_worth_gzip) {
      from.body = gzip(from.body);
      to.set_header("Content-Encoding", "gzip");
    }
    to.body = std::move(from.body);
  }

  [[nodiscard]] Response handle(const Request& request) const {
    std::string what;
    try {
      return m_handler(request);
    } catch (const std::exception& exception) {
      what = exception.what();
    } catch (...) {
      what = "not a std::exception";
    }
    base::log::error("http handler failed", {{"path", request.path}, {"error", what}});
    Response response;
    response.status = 500;
    response.body = "internal error: the daemon's log says more\n";
    return response;
  }

  const http::Handler& m_handler;
  bool m_gzip = false;
  Reply m_reply;
};

}  // namespace

Responder make_responder(Handler handler) {
  return [handler = std::move(handler)](std::string_view head) {
    return Exchange(handler).reply(head);
  };
}

}  // namespace inferometer::http
