#include "web/codec.hpp"

#include "base/ascii.hpp"
#include "base/log.hpp"

#include <httplib.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <exception>
#include <memory>

namespace inferometer::web {
namespace {

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

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes the part of `list` before the next `separator` off its front, trimmed.
std::string_view take_part(std::string_view& list, char separator) {
  const std::size_t end = std::min(list.find(separator), list.size());
  const std::string_view part = trim(list.substr(0, end));
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

/// Whether an Accept-Encoding header allows gzip. RFC 9110, section 12.5.3.
bool accepts_gzip(std::string_view list) {
  while (!list.empty()) {
    std::string_view item = take_part(list, ',');
    if (!base::equal_ignoring_case(take_part(item, ';'), "gzip")) {
      continue;
    }
    const std::string_view quality = trim(item);
    return !quality.starts_with("q=0") ||
           quality.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
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

/// httplib's server without its sockets.
class HttplibCodec final : public httplib::Server {
 public:
  explicit HttplibCodec(web::Handler handler) : m_handler(std::move(handler)) {
    // Before any body is read, and for every path and method: routing is ours.
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      response.headers.erase("Keep-Alive");
      response.headers.erase("Accept-Ranges");
    });
  }

  Reply reply(std::string_view head) {
    const std::string safe_head = without_ranges(head);
    MemoryStream stream(safe_head);
    Reply reply;  // one that httplib cannot parse is answered without `prepare`, and not kept
    const auto prepare = [&reply](httplib::Request& request) {
      reply.keep_alive = prepare_request(request);
    };
    process(stream, prepare);
    reply.bytes = stream.take_output();
    return reply;
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

  /// Leaves in the headers what httplib is to act on; true if the connection can be kept.
  static bool prepare_request(httplib::Request& request) {
    // httplib would prefer brotli, at a level that takes seconds, and takes `gzip;q=0` for a yes.
    const bool gzip = accepts_gzip(request.get_header_value("Accept-Encoding"));
    request.headers.erase("Accept-Encoding");
    if (gzip) {
      request.headers.emplace("Accept-Encoding", "gzip");
    }
    const std::string length = request.get_header_value("Content-Length");
    const bool has_body =
        request.has_header("Transfer-Encoding") || (!length.empty() && length != "0");
    const bool close = has_body || request.version != "HTTP/1.1" ||
                       has_token(request.get_header_value("Connection"), "close");
    if (close) {
      request.headers.erase("Connection");
      request.headers.emplace("Connection", "close");
    }
    return !close;
  }

  void answer(const httplib::Request& request, httplib::Response& to) const {
    const std::string_view target = request.target;
    const std::string_view path = target.substr(0, target.find_first_of("?#"));
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string_view query = target.substr(std::min(question + 1, target.size()));
    Response from = handle({request.method, std::string(path), std::string(query)});
    base::log::debug("http request", {{"method", request.method},
                                      {"path", std::string(path)},
                                      {"status", std::to_string(from.status)}});
    to.status = from.status;
    to.body = std::move(from.body);
    to.set_header("Content-Type", from.content_type);
    to.set_header("Vary", "Accept-Encoding");
    for (const auto& [name, value] : from.headers) {
      to.set_header(name, value);
    }
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

  web::Handler m_handler;
};

}  // namespace

Responder make_responder(Handler handler) {
  auto codec = std::make_shared<HttplibCodec>(std::move(handler));
  return [codec](std::string_view head) { return codec->reply(head); };
}

}  // namespace inferometer::web
