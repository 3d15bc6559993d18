#pragma once

#include "base/clock.hpp"
#include "measure/measurement.hpp"
#include "transport/connection/channel.hpp"
#include "transport/connection/connection.hpp"
#include "transport/loop_services.hpp"
#include "transport/net/dialer.hpp"
#include "transport/net/proxy.hpp"
#include "transport/net/socks.hpp"
#include "transport/route.hpp"
#include "transport/transport.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::transport {

/// Makes one connection ready: name, TCP, proxy, TLS. For the loop's thread only.
class Connector {
 public:
  /// All but `owner_id` must outlive it. `owner` is called by the loop for its descriptors.
  Connector(const Request& request, const Route& route, LoopServices& services, Exchange* owner,
            std::uint64_t owner_id);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  ~Connector();

  void start(MonotonicTime now);
  /// `answered`: when the lookup ended.
  void on_addresses(const net::Addresses& answer, MonotonicTime answered, MonotonicTime now);
  void on_ready(int descriptor, MonotonicTime now);
  void on_due(MonotonicTime now);
  [[nodiscard]] std::optional<MonotonicTime> due() const;

  enum class State { working, ready, failed };
  [[nodiscard]] State state() const { return m_state; }
  /// REQUIRES: ready. Its descriptor is still watched for reading.
  [[nodiscard]] std::unique_ptr<Connection> take_connection();
  /// Why it failed. REQUIRES: failed.
  [[nodiscard]] Ending ending() const { return m_ending; }
  [[nodiscard]] const std::string& problem() const { return m_problem; }

  /// What was reached so far.
  struct Marks {
    std::optional<MonotonicTime> name_resolved;
    std::optional<MonotonicTime> connected;
    std::optional<MonotonicTime> tls_done;
    Duration name_resolved_slack{};
    Duration connected_slack{};
    Duration tls_slack{};
    Duration own_delay{};  ///< of the time so far, what passed through our own waiting
    std::optional<std::chrono::sys_seconds> certificate_expiry;
    std::string remote_address;
  };
  [[nodiscard]] const Marks& marks() const { return m_marks; }

 private:
  /// What is being done once TCP is connected, in this order.
  enum class Step { proxy_tls, tunnel, tls, done };

  void take_dialled(MonotonicTime now);
  void begin_step(Step step);
  void begin_tls(const std::shared_ptr<const tls::Context>& context,
                 const tls::Handshake& handshake);
  void read();
  void take_plain(std::string_view plain);
  void open_tunnel();
  template <typename Tunnel>
  void take_tunnel(Tunnel& tunnel, std::string_view plain);
  void take_handshake();
  void flush();
  void note_delay(Duration delay);
  [[nodiscard]] std::string_view peer() const;
  [[nodiscard]] std::string_view doing() const;
  void fail(Ending ending, std::string problem);

  const Request& m_request;
  const Route& m_route;
  LoopServices& m_services;
  Exchange* const m_owner;
  const std::uint64_t m_owner_id;

  State m_state = State::working;
  Ending m_ending = Ending::internal_error;
  std::string m_problem;
  Marks m_marks;
  std::optional<net::Resolver::Ticket> m_ticket;
  std::unique_ptr<net::Dialer> m_dialer;
  std::unique_ptr<Channel> m_channel;
  std::unique_ptr<net::Tunnel> m_tunnel;  // one of the two, while a proxy is asked for one
  std::unique_ptr<net::SocksTunnel> m_socks;
  Step m_step = Step::proxy_tls;
  MonotonicTime m_began{};                 // the lookup, then the dialling
  std::optional<MonotonicTime> m_arrived;  // of the bytes at hand
  std::string m_early;                     // what came behind the site's handshake
};

/// Reports the marks of a connection's set-up. `repeated`: the request had another connection
/// before; phases of both are no figure.
void report_set_up(Report& report, const Connector::Marks& marks, bool repeated);

}  // namespace inferometer::transport
