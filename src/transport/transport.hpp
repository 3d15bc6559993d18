#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "transport/http/message.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The seam between probes and the network: carries one HTTP exchange and says when each thing
/// happened, without knowing what the bytes mean.
namespace inferometer::transport {

namespace tls {
class ContextCache;
}

using base::Duration;
using base::MonotonicTime;

enum class Method { post, get, put };

/// One request with everything that decides how it travels.
struct Request {
  Method method = Method::post;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, base::Secret>> secret_headers;  ///< sent beside the others
  std::string body;                                                  ///< of a POST or PUT
  config::ConnectionPolicy connection = config::ConnectionPolicy::fresh;
  Duration max_idle = std::chrono::minutes(2);  ///< a connection that waited longer is not reused
  config::HttpVersion http_version = config::HttpVersion::automatic;
  config::Tls tls;
  config::Proxy proxy;
  base::Secret proxy_password;
};

using http::ResponseHead;
using measure::Arrival;

/// How the exchange ended, seen from the network.
enum class Ending {
  complete,   ///< the response came whole, as its framing says
  stopped,    ///< the listener asked for it, by Flow::stop or at its deadline
  cancelled,  ///< by Transport::cancel, or the transport shut down
  dns_error,
  connect_error,
  tls_error,
  lost,            ///< the connection broke or ended before the response was whole
  refused,         ///< the server said that it would not take the request up (HTTP/2)
  protocol_error,  ///< not valid HTTP
  internal_error,  ///< ours: out of memory, bad arguments
};

struct Report {
  Ending ending = Ending::internal_error;
  std::string message;  ///< what the network layer said; empty if complete
  MonotonicTime started{};
  MonotonicTime ended{};
  std::optional<MonotonicTime> name_resolved;  ///< like the next two: none on a reused connection
  std::optional<MonotonicTime> connected;
  std::optional<MonotonicTime> tls_done;
  std::optional<MonotonicTime> request_begin;  ///< the request's first byte left
  std::optional<MonotonicTime> request_sent;   ///< its last byte left
  std::optional<MonotonicTime> acknowledged;   ///< the peer's kernel had its last byte
  measure::Slacks slacks;                      ///< of the marks above, and of `ended`
  measure::Connection connection;
  Duration event_loop_lag{};  ///< the loop's worst delay since the request began
};

enum class Flow { go_on, stop };

/// Receives one exchange, on the transport's thread, in the order of the functions below; must not
/// block. All bytes that were read together share an arrival, and come before those of the next.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  virtual void on_started(MonotonicTime now) = 0;
  /// The connection is ready; the request's first byte is about to be written. Comes again if the
  /// request is repeated because a reused connection turned out to be closed.
  virtual void on_request_begin(MonotonicTime now) = 0;
  virtual Flow on_head(ResponseHead head, const Arrival& arrival) = 0;
  virtual Flow on_body(std::string_view bytes, const Arrival& arrival) = 0;
  /// Bytes that are none of the body came with that arrival, behind all that was handed over of it:
  /// that, then, may have come before the arrival's last byte did.
  virtual void on_rest(const Arrival& /*arrival*/) {}
  /// When this exchange is to be given up, as things stand; asked after each of the calls above.
  [[nodiscard]] virtual MonotonicTime deadline() const = 0;
  /// The deadline has passed; the exchange ends with Ending::stopped.
  virtual void on_deadline(MonotonicTime now) = 0;
  /// The last call; the listener is destroyed after it.
  virtual void on_end(const Report& report) = 0;
};

/// Carries exchanges, any number at once. Thread-safe.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;  ///< cancels what is open, then joins

  /// Names one exchange of a transport's, for cancel().
  using ExchangeId = std::uint64_t;

  /// Starts an exchange; never blocks and never fails here: every exchange ends with on_end.
  virtual ExchangeId start(Request request, std::unique_ptr<Listener> listener) = 0;

  /// Ends the exchange as cancelled, on the transport's thread, soon after this has returned; does
  /// nothing if it has ended. Never blocks.
  virtual void cancel(ExchangeId exchange) = 0;

  /// The exchanges whose listeners have not been told of their end yet.
  [[nodiscard]] virtual std::size_t open() const = 0;

  /// When the thread last came round to look for work: a second ago at most, unless it hangs.
  [[nodiscard]] virtual MonotonicTime last_turn() const = 0;

  /// Cancels what is open and joins the thread. What is started later is cancelled at once, on the
  /// caller's thread. Idempotent.
  virtual void stop() = 0;
};

struct Options {
  /// While exchanges are open, receives the event loop's worst delay of each heartbeat (20 ms), on
  /// the loop's thread. May be empty.
  std::function<void(Duration)> observe_lag;
  /// Where certificates and trust come from; null: a cache of the transport's own. `start` loads
  /// what it lacks on the caller's thread.
  std::shared_ptr<tls::ContextCache> contexts;
  /// False: does without the kernel's stamps, as where it gives none; to see what they are worth.
  bool kernel_stamps = true;
};

/// The transport: one thread, one epoll loop for all connections.
/// Throws std::runtime_error if the process cannot have one (out of descriptors).
[[nodiscard]] std::unique_ptr<Transport> make_transport(Options options);

}  // namespace inferometer::transport
