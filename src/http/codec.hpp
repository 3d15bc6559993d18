#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP/1.1 between bytes and values, on cpp-httplib. Only its parser and writer are used, over
/// memory: its server holds a thread for each connection, waits in select(), which fails for
/// descriptors past 1024, and bounds neither lines nor header counts.
namespace inferometer::http {

struct Request {
  std::string method;
  std::string path;    ///< as sent, without the query
  std::string query;   ///< as sent
  std::string accept;  ///< the header Accept; several lines of it joined by ", ", in any order
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;  ///< text, or what compresses as well: it is gzipped for a client that likes it
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Answers a request, on any thread and on several at once.
using Handler = std::function<Response(const Request&)>;

/// Tells from a request's head whether its reply may have to wait for something: true for each that
/// does, and for few others.
using MayWait = bool (*)(std::string_view head);

/// The bytes that answer one request, and whether the connection can take another one after it.
/// Copies share the body, as a page can have many megabytes.
struct Reply {
  std::string head;
  std::shared_ptr<const std::string> body;  ///< null: none
  bool keep_alive = false;
};

/// Turns one request head, up to and including its empty line, into the reply. Thread-safe.
using Responder = std::function<Reply(std::string_view head)>;

/// A responder that asks `handler`. HEAD is answered as GET without the body; a body that is worth
/// it is gzipped where the client prefers that; an exception becomes a 500 that tells nothing but
/// is in the log. A request body is never read, so a connection that carries one cannot be kept.
[[nodiscard]] Responder make_responder(Handler handler);

}  // namespace inferometer::http
