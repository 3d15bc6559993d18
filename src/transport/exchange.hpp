#pragma once

#include "transport/connection/connection.hpp"
#include "transport/connection/connector.hpp"
#include "transport/http/content_decoder.hpp"
#include "transport/http/message.hpp"
#include "transport/loop_services.hpp"
#include "transport/stamp/exchange_stamps.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace inferometer::transport {

/// One request with its response: gets a connection, sends, hands what comes to the listener, and
/// reports. One request is sent, and a second only where the first was provably never taken up. For
/// the loop's thread only.
class Exchange final : private http::ResponseSink {
 public:
  /// `id` is unique within the loop; `services` must outlive the exchange. A `route` that is an
  /// error ends it as soon as it begins.
  Exchange(std::uint64_t id, Request request, base::Result<Route> route,
           std::unique_ptr<Listener> listener, LoopServices& services);
  ~Exchange() override;

  [[nodiscard]] std::uint64_t id() const { return m_id; }

  void begin(MonotonicTime now);
  void on_addresses(const net::Addresses& answer, MonotonicTime answered);

  /// First part of a turn: one read with its stamp, if the descriptor is that of a connection that
  /// carries the request. `departures`: stamps of what was sent wait, too. `into` is where the
  /// bytes go; none if there is nothing to take.
  [[nodiscard]] std::optional<ReadResult> read(int descriptor, bool departures,
                                               std::span<char> into);
  /// The turn ends, though its descriptor may have more to read.
  void leave_waiting() { m_stamps.leave_waiting(); }
  /// Whether the body is packed.
  [[nodiscard]] bool unpacks() const { return m_decoder != nullptr; }
  /// Second part: works through what was read, …
  void take(const ReadResult& reading);
  /// … and does what else a ready descriptor asks for.
  void on_ready(int descriptor, bool writable);

  /// Whether there is no connection yet.
  [[nodiscard]] bool connecting() const { return m_connector != nullptr; }

  /// Ends it, unless it is over: its next call is `end`.
  void give_up(Ending ending, std::string message) { finish(ending, std::move(message)); }

  /// The deadline queue's entry has come.
  void on_due(MonotonicTime now);

  /// Whether the exchange is over: `end` is to be called.
  [[nodiscard]] bool over() const { return m_over; }
  /// Since when the loop's delay is this exchange's; none before a request.
  [[nodiscard]] std::optional<MonotonicTime> request_begin() const {
    return m_stamps.request_begin();
  }
  /// The last call: reports, and puts the connection back or closes it. `ending` counts where the
  /// exchange is not over.
  void end(Ending ending, Duration loop_lag);

 private:
  void on_head(http::ResponseHead head) override;
  void on_body(std::string_view piece) override;

  void connect(MonotonicTime now);
  void follow_connector();
  void begin_request(std::unique_ptr<Connection> connection);
  void flush();
  void note_rest();
  void follow_connection();
  void complete();
  void fail_connection(std::string problem);
  [[nodiscard]] bool never_taken_up() const;
  void repeat();
  void hand_over(std::string_view piece);
  template <typename Step>
  void guarded(Step step);
  void arm();
  void finish(Ending ending, std::string message);
  void release_connection();

  const std::uint64_t m_id;
  Request m_request;
  const base::Result<Route> m_route;
  const std::unique_ptr<Listener> m_listener;
  LoopServices& m_services;

  std::unique_ptr<Connector> m_connector;    // while there is no connection
  std::unique_ptr<Connection> m_connection;  // while there is one
  std::unique_ptr<http::ContentDecoder> m_decoder;
  MonotonicTime m_armed = MonotonicTime::max();

  ExchangeStamps m_stamps;
  Arrival m_arrival;  // of the bytes at hand
  bool m_reused = false;
  bool m_repeated = false;
  bool m_over = false;
  Report m_report;
};

}  // namespace inferometer::transport
