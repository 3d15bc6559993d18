#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP/1.1 between bytes and values, on cpp-httplib. Only its parser and writer are used, over
/// memory and behind `read_head`: its server answers a Range header of 8 KiB with 400 MB, and
/// accepts heads that RFC 9112 requires a server to reject.
namespace inferometer::http {

struct Request {
  std::string method;
  std::string path;    ///< as sent, without the query
  std::string query;   ///< as sent
  std::string accept;  ///< the header Accept
  std::string host;    ///< the host in the request, as sent, with the port if there is one
  /// All headers by name, in lower case; several lines of one are joined by ", ".
  std::map<std::string, std::string, std::less<>> headers;
  /// Stop is requested once every client that waits for the reply has left, on the thread that
  /// carries their bytes: callbacks must be quick.
  std::stop_token clients_left;

  /// The value of a header, whose name is in lower case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;  ///< text, or what compresses as well: gzipped for a client that prefers that
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Answers a request, on any thread and on several at once.
using Handler = std::function<Response(const Request&)>;

/// The threads that make a reply.
enum class Lane {
  page,     ///< a few threads, one request after the other
  waiting,  ///< threads for those that may have to wait for something, for minutes
  urgent,   ///< a thread for those that never wait: it answers also while the others are busy
};

/// Tells the lane from a request's head, which can be any bytes.
using LaneOf = Lane (*)(std::string_view head);

/// What every reply begins with, whatever it says.
inline constexpr std::string_view k_reply_begin = "HTTP/1.1 ";

/// The bytes that answer one request, and whether the connection can take another one after it.
/// Copies share the body, as a page can have many megabytes.
struct Reply {
  std::string head;  ///< begins with k_reply_begin; empty where no reply could be made
  std::shared_ptr<const std::string> body;  ///< null: none
  bool keep_alive = false;
  std::size_t made_bytes = 0;  ///< of the body before it was compressed: what its making took
};

/// A reply without a handler, after which the connection is closed: `status` is code and phrase,
/// `fields` are further header lines, each with its CR LF.
[[nodiscard]] Reply refusal(std::string_view status, std::string_view message,
                            std::string_view fields = {});

/// Turns one request head, up to and including its empty line, into the reply; what the handler
/// gets as Request::clients_left is given beside it. Thread-safe.
using Responder = std::function<Reply(std::string_view head, const std::stop_token& clients_left)>;

/// A responder that asks `handler`. A head that `read_head` refuses is a 400. HEAD is answered as
/// GET without the body; a body that is long enough is gzipped where the client prefers that; an
/// exception becomes a 500 without details, which are in the log. A request body is never read, so
/// a connection that carries one cannot be kept.
[[nodiscard]] Responder make_responder(Handler handler);

}  // namespace inferometer::http
