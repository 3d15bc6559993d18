#include "fakes/scripted_server.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

using namespace inferometer::transport;
using namespace inferometer::fakes::script;
using namespace std::chrono_literals;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

using Recordings = std::vector<std::shared_ptr<Recording>>;

Recordings start_many(Transport& transport, const ScriptedServer& server, int count,
                      const Behaviour& behaviour = {}) {
  Recordings recordings;
  for (int i = 0; i < count; ++i) {
    recordings.push_back(start(transport, make_request(server.url()), behaviour));
  }
  return recordings;
}

/// Holds the loop's thread in a listener's call until it is opened.
class Gate {
 public:
  void open() { m_opened.set_value(); }
  void wait() const { REQUIRE(m_open.wait_for(k_patience) == std::future_status::ready); }

 private:
  std::promise<void> m_opened;
  std::shared_future<void> m_open = m_opened.get_future().share();
};

}  // namespace

TEST_CASE("transport: hundreds of exchanges at once all end well") {
  constexpr int k_count = 500;
  ScriptedServer server(Script{ReadRequest{}, Await{"all"}, Send{response("hello")}});
  const auto transport = make_transport({});
  const Recordings recordings = start_many(*transport, server, k_count);
  CHECK(server.wait_for_requests(k_count));  // without an event to wake it for the next opening
  CHECK(transport->open() == k_count);
  server.signal("all");
  for (const auto& recording : recordings) {
    const Record record = recording->finished();
    CHECK(record.report->ending == Ending::complete);
    CHECK(record.body == "hello");
  }
  transport->stop();
  CHECK(transport->open() == 0);
}

TEST_CASE("transport: what waits is opened even where nothing else wakes the loop") {
  ScriptedServer closing(Script{});
  const auto transport = make_transport({});
  Gate gate;
  const auto holder =
      start(*transport, make_request(closing.url()), {.on = [&gate](Call call, const Record&) {
        if (call == Call::end) {
          gate.wait();
        }
        return Flow::go_on;
      }});
  REQUIRE(holder->wait([](const Record& r) { return r.ends > 0; }));
  Request unusable = make_request("https://127.0.0.1:1/");  // ends without ever asking anyone
  unusable.tls.server_name = "not a name";
  Recordings recordings;
  for (int i = 0; i < 50; ++i) {
    recordings.push_back(start(*transport, unusable));
  }
  gate.open();
  for (const auto& recording : recordings) {
    CHECK(recording->finished().report->ending == Ending::internal_error);
  }
}

TEST_CASE("transport: a deadline comes when it is due and never before") {
  ScriptedServer server(Script{Await{"never"}});
  const auto transport = make_transport({});
  std::vector<std::pair<Duration, std::shared_ptr<Recording>>> started;
  for (const Duration patience : {300ms, 20ms, 150ms, 0ms, 70ms, 71ms, 20ms}) {
    started.emplace_back(patience,
                         start(*transport, make_request(server.url()), give_up_after(patience)));
  }
  Duration best = 1h;
  for (const auto& [patience, recording] : started) {
    const Record record = recording->finished();
    const MonotonicTime due = record.started + patience;
    CHECK(record.report->ending == Ending::stopped);
    CHECK(record.calls.at(record.calls.size() - 2) == Call::deadline);
    REQUIRE(record.deadline_told);
    CHECK(*record.deadline_told >= due);
    CHECK(record.report->ended >= *record.deadline_told);
    CHECK(record.report->ended < due + 2s);
    best = std::min(best, record.report->ended - due);
  }
  CHECK(best < 5ms);
}

TEST_CASE("transport: a deadline may move in either direction while the exchange runs") {
  ScriptedServer server(Script{ReadRequest{}, Send{k_chunked_head + chunk("one")}, Await{"never"}});
  const auto transport = make_transport({});
  const auto move = [](Duration before, Duration after) -> Behaviour {
    return {.on = {}, .deadline = [=](const Record& r) {
              return r.body.empty() ? r.started + before : r.body_stamps[0] + after;
            }};
  };
  const auto earlier = start(*transport, make_request(server.url()), move(1h, 30ms));
  const auto later = start(*transport, make_request(server.url()), move(10s, 10s + 50ms));
  const Record first = earlier->finished();
  CHECK(*first.deadline_told >= first.body_stamps[0] + 30ms);
  CHECK(*first.deadline_told < first.started + 5s);
  // The other one only has to outlive an entry of the queue that is out of date.
  const auto sliding = start(*transport, make_request(server.url()), move(150ms, 400ms));
  const Record third = sliding->finished();
  REQUIRE(third.body == "one");
  CHECK(*third.deadline_told >= third.body_stamps[0] + 400ms);
  transport->stop();
  CHECK(later->finished().report->ending == Ending::cancelled);
}

TEST_CASE("transport: stopping cancels what is open and what still waits") {
  ScriptedServer server(Script{ReadRequest{}, Await{"never"}});
  const auto transport = make_transport({});
  Recordings recordings = start_many(*transport, server, 20);
  REQUIRE(server.wait_for_requests(20));
  Gate gate;  // from here on the loop opens nothing any more
  recordings.push_back(
      start(*transport, make_request(server.url()), {.on = [&gate](Call call, const Record&) {
        if (call == Call::started) {
          gate.wait();
        }
        return Flow::go_on;
      }}));
  REQUIRE(recordings.back()->wait([](const Record& r) { return !r.calls.empty(); }));
  const Recordings waiting = start_many(*transport, server, 20);
  CHECK(transport->open() == 41);
  std::thread stopper([&transport] { transport->stop(); });
  // Once a start is cancelled on the spot the transport knows that it is to stop.
  while (!start(*transport, make_request(server.url()))->record().destroyed) {
    std::this_thread::yield();
  }
  gate.open();
  const MonotonicTime opened = std::chrono::steady_clock::now();
  stopper.join();
  CHECK(std::chrono::steady_clock::now() - opened < 5s);
  for (const auto& recording : recordings) {
    CHECK(recording->finished().report->ending == Ending::cancelled);
  }
  std::size_t never_opened = 0;
  for (const auto& recording : waiting) {
    const Record record = recording->finished();
    CHECK(record.report->ending == Ending::cancelled);
    never_opened += record.calls.size() == 1 ? 1U : 0U;
  }
  CHECK(never_opened >= 10);  // a few may have been opened in the turn that the gate held up
  CHECK(transport->open() == 0);
}

TEST_CASE("transport: what is started after the stop is cancelled at once") {
  const auto transport = make_transport({});
  transport->stop();
  transport->stop();
  const auto recording = start(*transport, make_request("http://127.0.0.1:1/"));
  CHECK(recording->record().destroyed);
  CHECK(recording->finished().report->ending == Ending::cancelled);
  CHECK(transport->open() == 0);
}

TEST_CASE("transport: a listener may start the next exchange when its own ends") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
  std::shared_ptr<Recording> next;
  const auto first =
      start(*transport, make_request(server.url()), {.on = [&](Call call, const Record&) {
        if (call == Call::end) {
          next = start(*transport, make_request(server.url()));
        }
        return Flow::go_on;
      }});
  CHECK(first->finished().report->ending == Ending::complete);
  CHECK(next->finished().report->ending == Ending::complete);
}

TEST_CASE("transport: many threads may start exchanges and look at their number") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
  std::array<Recordings, 4> recordings;
  std::vector<std::thread> threads;
  threads.reserve(recordings.size());
  for (Recordings& mine : recordings) {
    threads.emplace_back([&] {
      mine = start_many(*transport, server, 20);
      CHECK(transport->open() <= 80);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Recordings& mine : recordings) {
    for (const auto& recording : mine) {
      CHECK(recording->finished().report->ending == Ending::complete);
    }
  }
}

TEST_CASE("transport: a loop that is held up says so to whom it concerns") {
  constexpr Duration k_hold = 300ms;
  ScriptedServer server(Script{ReadRequest{}, Await{"go"}, Send{response("x")}});
  std::atomic<Duration::rep> observed{0};
  const auto transport = make_transport({.observe_lag = [&observed](Duration lag) {
    observed = std::max(observed.load(), lag.count());
  }});
  const auto delayed = start(*transport, make_request(server.url()));
  REQUIRE(server.wait_for_requests(1));
  const auto holder =
      start(*transport, make_request(server.url()), {.on = [=](Call call, const Record&) {
        if (call == Call::started) {
          std::this_thread::sleep_for(k_hold);
        }
        return Flow::go_on;
      }});
  REQUIRE(server.wait_for_requests(2));
  const auto undisturbed = start(*transport, make_request(server.url()));
  REQUIRE(server.wait_for_requests(3));
  server.signal("go");
  CHECK(delayed->finished().report->event_loop_lag >= k_hold - 1ms);
  // Its own request began after the hold-up.
  CHECK(holder->finished().report->event_loop_lag < k_hold);
  CHECK(undisturbed->finished().report->event_loop_lag < k_hold);
  CHECK(Duration(observed.load()) >= k_hold - 1ms);
}

TEST_CASE("transport: the delay of an exchange that waits for another within one turn is told") {
  constexpr Duration k_hold = 60ms;
  // Both answers wait in their sockets until the gate opens; whichever is read first holds up the
  // other, and both end in that same turn.
  ScriptedServer server(Script{ReadRequest{}, Await{"go"}, Send{response("x")}});
  const auto transport = make_transport({});
  const Behaviour slow{.on = [=](Call call, const Record&) {
    if (call == Call::head) {
      std::this_thread::sleep_for(k_hold);
    }
    return Flow::go_on;
  }};
  const Recordings both = start_many(*transport, server, 2, slow);
  REQUIRE(server.wait_for_requests(2));
  Gate gate;
  ScriptedServer refusing(Script{});
  const auto holder =
      start(*transport, make_request(refusing.url()), {.on = [&gate](Call call, const Record&) {
        if (call == Call::end) {
          gate.wait();
        }
        return Flow::go_on;
      }});
  REQUIRE(holder->wait([](const Record& r) { return r.ends > 0; }));
  server.signal("go");
  REQUIRE(server.wait_for_closed(2));
  const MonotonicTime opened = std::chrono::steady_clock::now();
  gate.open();
  const Record first = both[0]->finished();
  const Record second = both[1]->finished();
  // One waited while the other was handled: that delays its handling, but not its stamp.
  CHECK(std::max(first.report->event_loop_lag, second.report->event_loop_lag) >= k_hold - 1ms);
  CHECK(first.head_stamp < opened);
  CHECK(second.head_stamp < opened);
}

TEST_CASE("transport: an exchange that is cancelled ends at once and leaves the others alone") {
  ScriptedServer server(Script{ReadRequest{}, Await{"answer"}, Send{response("hello")}});
  const auto transport = make_transport({});
  const auto cancelled = std::make_shared<Recording>(Behaviour());
  const auto id =
      transport->start(make_request(server.url()), std::make_unique<RecordingListener>(cancelled));
  const auto other = start(*transport, make_request(server.url()));
  REQUIRE(server.wait_for_requests(2));
  transport->cancel(id);
  CHECK(cancelled->finished().report->ending == Ending::cancelled);
  CHECK(transport->open() == 1);
  server.signal("answer");
  CHECK(other->finished().report->ending == Ending::complete);
  transport->cancel(id);  // it has ended
  transport->cancel(12345);
  CHECK(run(*transport, make_request(server.url())).report->ending == Ending::complete);
}

TEST_CASE("transport: exchanges that are cancelled before they are opened end as cancelled") {
  ScriptedServer server(Script{AwaitClose{}});
  const auto transport = make_transport({});
  Recordings recordings;
  for (int i = 0; i < 100; ++i) {
    recordings.push_back(std::make_shared<Recording>(Behaviour()));
    transport->cancel(transport->start(make_request(server.url()),
                                       std::make_unique<RecordingListener>(recordings.back())));
  }
  for (const auto& recording : recordings) {
    CHECK(recording->finished().report->ending == Ending::cancelled);
  }
  transport->stop();
  CHECK(transport->open() == 0);
}
