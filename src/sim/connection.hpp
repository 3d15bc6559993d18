#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"
#include "sim/decision.hpp"
#include "sim/http/chunked_body.hpp"
#include "sim/http/event_loop.hpp"
#include "sim/http/message.hpp"
#include "sim/http/request_reader.hpp"
#include "sim/model/fault.hpp"
#include "sim/model/generation.hpp"
#include "sim/model/provider.hpp"
#include "sim/router.hpp"
#include "sim/server_metrics.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::sim {

/// What a server has done so far. Written by its loop, read by any thread.
struct Counters {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> open_connections{0};
  std::atomic<std::uint64_t> waiting{0};  ///< requests that wait for a place now
  std::array<std::atomic<std::uint64_t>, k_fault_count> faults{};
};

/// What the connections of a server share; outlives them.
struct Host {
  EventLoop& loop;
  Router router;
  std::vector<Slots> slots;            ///< one for each of profiles(), in that order
  std::vector<ServerMetrics> metrics;  ///< likewise
  Duration client_timeout;  ///< for a request to arrive, and for a client to take what waits
  Counters& counters;
  std::string output;                        ///< scratch, kept for its memory
  std::vector<char> input;                   ///< scratch of fixed size
  std::function<void(Slots::Id)> on_input;   ///< serve() of that connection is to be called
  std::function<void(Slots::Id)> on_place;   ///< a connection that waits has its place now
  std::function<void(Slots::Id)> on_closed;  ///< a connection is over; it may be destroyed later
};

/// One client's connection: reads requests and sends each step of their answers at its deadline. On
/// the loop's thread only. Must not be destroyed in a call to it or by it.
class Connection {
 public:
  Connection(Host& host, Slots::Id id, base::Descriptor socket);

  /// Answers what has been read, as far as it can be answered at once.
  void serve();

  /// The place that the connection waited for is its own.
  void take_place();

 private:
  enum class Phase {
    reading,    ///< a request, or nothing yet
    queued,     ///< waits for a place
    starting,   ///< has its place
    playing,    ///< the timer is set to the next step
    blocked,    ///< the client reads too slowly for the next step
    flooding,   ///< the next step comes as soon as the socket takes it
    silent,     ///< until the client goes
    draining,   ///< the answer is complete, but not yet sent
    lingering,  ///< nothing more to send; reads until the client has seen the end
    closed,
  };

  using Next = Generation::Next;

  void guarded(void (Connection::*function)());
  void read_requests();
  void on_readable();
  void on_writable();
  void on_timer();

  void act(const http::Request& request);
  void respond(const http::Response& response);
  void show_metrics(const Profile& profile);
  void enqueue(Answer answer);
  void begin();
  void play();
  void proceed(Next next);
  void schedule();
  void write(Next next);
  void send(std::string_view bytes);
  [[nodiscard]] std::size_t transmit(std::string_view bytes);
  void drain();
  void leave_place();
  void time_out_later();
  void close();

  Host& m_host;
  Slots::Id m_id;
  base::Descriptor m_socket;
  Event m_readable;
  Event m_writable;
  Event m_timer;
  Phase m_phase = Phase::reading;
  bool m_close_after = false;  ///< the connection ends with this response
  bool m_input = false;        ///< there is some that serve() has not seen
  http::RequestReader m_reader;
  base::MonotonicTime m_received;  ///< when the request was complete, or had its place
  Slots* m_slots = nullptr;
  std::unique_ptr<Generation> m_generation;
  std::optional<RequestMetrics> m_metrics;
  std::optional<ChunkedBody> m_body;    ///< of a streamed answer
  std::vector<http::Header> m_headers;  ///< of an answer that is not streamed
  base::MonotonicTime m_deadline;
  std::uint32_t m_held_back = 0;  ///< events in `m_frames` that wait to be merged with the next
  Frames m_frames;
  std::string m_backlog;  ///< what the socket has not taken
};

}  // namespace inferometer::sim
