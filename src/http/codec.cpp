#include "http/codec.hpp"

#include "base/accept.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "http/gzip.hpp"
#include "http/head.hpp"

#include <fmt/format.h>
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

/// Whether a client gives gzip at least the quality of the plain body. RFC 9110, section 12.5.3.
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
  Exchange(const http::Handler& handler, const Head& head, const std::stop_token& clients_left)
      : m_handler(handler), m_head(head), m_clients_left(clients_left) {
    // Before any body is read, and for every path and method: routing is ours.
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& response) {
      answer(response);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (m_reply.keep_alive) {
        response.headers.erase("Connection");
      }
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
    constexpr bool k_close = true;  // says the reply, unless something takes that out again
    bool closed = false;
    if constexpr (requires { this->process_request(stream, k_close, closed, prepare); }) {
      this->process_request(stream, k_close, closed, prepare);
    } else {
      this->process_request(stream, "", 0, "", 0, k_close, closed, prepare);
    }
  }

  /// Takes out of the headers what httplib is not to act on.
  void prepare(httplib::Request& request) {
    // httplib would compress some types and not others, and prefer brotli at a level that takes
    // seconds.
    m_gzip = prefers_gzip(m_head.value_of("Accept-Encoding"));
    request.headers.erase("Accept-Encoding");
    // It would answer 100, though the body is not read.
    request.headers.erase("Expect");
    m_reply.keep_alive =
        m_head.persistent && !m_head.has_body && !has_token(m_head.value_of("Connection"), "close");
  }

  void answer(httplib::Response& to) {
    const Request request = make_request();
    Response from = handle(request);
    base::log::debug("http request",
                     {{"method", request.method}, {"path", request.path}, {"status", from.status}});
    to.status = from.status;
    to.set_header("Content-Type", from.content_type);
    to.set_header("Vary", "Accept-Encoding");
    for (const auto& [name, value] : from.headers) {
      to.set_header(name, value);
    }
    m_reply.made_bytes = from.body.size();
    if (m_gzip && from.body.size() >= k_least_worth_gzip) {
      from.body = gzip(from.body);
      to.set_header("Content-Encoding", "gzip");
    }
    to.body = std::move(from.body);
  }

  [[nodiscard]] Request make_request() const {
    Request request;
    request.method = m_head.method;
    request.path = m_head.path;
    request.query = m_head.query;
    request.accept = m_head.value_of("Accept");
    request.host = m_head.host;
    for (const Head::Line& line : m_head.lines) {
      const auto [header, is_new] = request.headers.try_emplace(base::to_lower(line.name));
      header->second.append(is_new ? "" : ", ").append(line.value);
    }
    request.clients_left = m_clients_left;
    return request;
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
  const Head& m_head;
  const std::stop_token& m_clients_left;
  bool m_gzip = false;
  Reply m_reply;
};

}  // namespace

Reply refusal(std::string_view status, std::string_view message, std::string_view fields) {
  return {.head = fmt::format("{}{}\r\nContent-Type: text/plain; charset=utf-8\r\n{}"
                              "Connection: close\r\nContent-Length: {}\r\n\r\n{}\n",
                              k_reply_begin, status, fields, message.size() + 1, message),
          .body = nullptr,
          .keep_alive = false,
          .made_bytes = 0};
}

Responder make_responder(Handler handler) {
  return
      [handler = std::move(handler)](std::string_view bytes, const std::stop_token& clients_left) {
        const base::Result<Head> head = read_head(bytes);
        return head ? Exchange(handler, *head, clients_left).reply(bytes)
                    : refusal("400 Bad Request", head.error().message);
      };
}

}  // namespace inferometer::http
