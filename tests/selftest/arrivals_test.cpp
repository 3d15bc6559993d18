#include "selftest/stamp_server.hpp"
#include "selftest/stamped_event.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <span>
#include <thread>
#include <utility>
#include <vector>

using namespace inferometer;
using namespace std::chrono_literals;
using selftest::Stamp;
using selftest::Wire;
using transport::Arrival;
using transport::Flow;

namespace {

struct Event {
  Stamp stamp;
  Arrival arrival;
  bool interrupted = false;  // the server's write
};

/// The streams of one transport, which collect their events on its thread.
struct Streams {
  std::vector<std::vector<Event>> events;
  std::size_t ended = 0;
  std::promise<void> all_ended;
};

/// Collects the events of one stream.
class Collector final : public transport::Listener {
 public:
  /// `pauses`: keeps the transport's thread from its work for a while, once.
  Collector(Streams& streams, std::size_t index, bool pauses)
      : m_streams(streams), m_events(streams.events[index]), m_pauses(pauses) {}

  void on_started(base::MonotonicTime /*now*/) override {}
  void on_request_begin(base::MonotonicTime /*now*/) override {}
  Flow on_head(transport::ResponseHead /*head*/, const Arrival& /*arrival*/) override {
    return Flow::go_on;
  }
  Flow on_body(std::string_view bytes, const Arrival& arrival) override {
    m_reader.feed(bytes, [&](const Stamp& stamp) {
      if (!m_events.empty()) {
        m_events.back().interrupted = stamp.write_before > selftest::k_longest_write;
      }
      m_events.push_back({.stamp = stamp, .arrival = arrival});
    });
    constexpr std::size_t k_pauses_at = 20;
    if (m_events.size() >= k_pauses_at && std::exchange(m_pauses, false)) {
      std::this_thread::sleep_for(200ms);
    }
    return Flow::go_on;
  }
  [[nodiscard]] base::MonotonicTime deadline() const override { return m_deadline; }
  void on_deadline(base::MonotonicTime /*now*/) override {}
  void on_end(const transport::Report& /*report*/) override {
    if (++m_streams.ended == m_streams.events.size()) {
      m_streams.all_ended.set_value();
    }
  }

 private:
  const base::MonotonicTime m_deadline = std::chrono::steady_clock::now() + 20s;
  Streams& m_streams;
  std::vector<Event>& m_events;
  bool m_pauses;
  selftest::StampReader m_reader;
};

std::vector<std::vector<Event>> read_late(const selftest::StampServer& server, std::size_t count) {
  const auto transport = transport::make_transport({});
  transport::Request request;
  request.url = server.url();
  request.body = "{}";
  request.tls.ca_file = server.ca_file();
  Streams streams{.events = std::vector<std::vector<Event>>(count), .ended = 0, .all_ended = {}};
  for (std::size_t i = 0; i < count; ++i) {
    transport->start(request, std::make_unique<Collector>(streams, i, i == 0));
  }
  streams.all_ended.get_future().wait();
  transport->stop();
  return std::move(streams.events);
}

/// By how much the earliest time that an arrival allows for is too late for an event in it; of the
/// last it is not known whether it was interrupted.
base::Duration worst_error(const std::vector<Event>& events) {
  base::Duration worst = 0ms;
  for (const Event& event : std::span(events).first(events.size() - 1)) {
    if (!event.interrupted) {
      const base::MonotonicTime earliest = event.arrival.at - event.arrival.first_slack;
      worst = std::max(worst, earliest - event.stamp.sent);
    }
  }
  return worst;
}

}  // namespace

TEST_CASE(
    "arrivals: what they leave open holds for each event, also where a turn cannot read all") {
  for (const Wire wire : {Wire::clear_text, Wire::tls, Wire::http2}) {
    CAPTURE(to_string(wire));
    // During the pause more comes than one turn reads, though it fits into each socket.
    const auto server =
        selftest::StampServer::start(wire, {.events = 100, .ttft = 100ms, .gap = 5ms});
    REQUIRE(server);
    base::Duration worst = 0ms;
    for (const std::vector<Event>& events : read_late(**server, 120)) {
      REQUIRE(events.size() == 100 + selftest::k_last_stamps);
      worst = std::max(worst, worst_error(events));
    }
    CHECK(worst < 1ms);
  }
}

TEST_CASE("arrivals: what they leave open holds also where the window was shut in between") {
  const auto server =
      selftest::StampServer::start(Wire::clear_text, {.events = 5000, .ttft = 0ms, .gap = 100us});
  REQUIRE(server);
  const std::vector<std::vector<Event>> streams = read_late(**server, 1);
  REQUIRE(streams.front().size() == 5000 + selftest::k_last_stamps);
  CHECK(worst_error(streams.front()) < 5ms);  // the sender needs a moment to go on
}
