#include "fakes/scripted_server.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

using namespace inferometer::transport;
using namespace inferometer::fakes::script;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

TEST_CASE("transport: the marks of a fresh connection stand in order and none is invented") {
  ScriptedServer server(Script{ReadRequest{}, Send{k_chunked_head}, Await{"first"},
                               Send{chunk("one")}, Await{"second"},
                               Send{chunk("two") + k_last_chunk}});
  const auto transport = make_transport({});
  const auto recording = start(*transport, make_request(server.url()));
  REQUIRE(recording->wait([](const Record& r) { return !r.head.headers.empty(); }));
  server.signal("first");
  REQUIRE(recording->wait([](const Record& r) { return r.body == "one"; }));
  server.signal("second");
  const Record record = recording->finished();
  const Report& report = *record.report;

  CHECK(report.ending == Ending::complete);
  CHECK(report.message.empty());
  CHECK(record.calls ==
        std::vector{Call::started, Call::request_begin, Call::head, Call::body, Call::end});
  REQUIRE(report.name_resolved);
  REQUIRE(report.connected);
  REQUIRE(report.request_sent);
  REQUIRE(record.body_stamps.size() == 2);
  REQUIRE(record.request_begins.size() == 1);
  CHECK(report.started == record.started);
  CHECK(record.started <= *report.name_resolved);
  CHECK(*report.name_resolved <= *report.connected);
  CHECK(*report.connected <= record.request_begins[0]);
  CHECK(record.request_begins[0] <= *report.request_sent);
  CHECK(*report.request_sent <= record.head_stamp);
  CHECK(record.head_stamp < record.body_stamps[0]);
  CHECK(record.body_stamps[0] < record.body_stamps[1]);
  CHECK(record.body_stamps[1] <= report.ended);
  CHECK_FALSE(report.tls_done);
  CHECK_FALSE(report.connection.reused);
  CHECK_FALSE(report.connection.certificate_expiry);
  CHECK(report.connection.http_version == "1.1");
  CHECK(report.connection.remote_address == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(record.head.status == 200);
  CHECK(record.head.header("content-type") == "text/event-stream");
}

TEST_CASE("transport: what one read brings shares its stamp") {
  ScriptedServer server(Script{ReadRequest{}, Send{k_chunked_head + chunk("one") + chunk("two")},
                               Await{"rest"}, Send{chunk("three") + chunk("four") + k_last_chunk}});
  const auto transport = make_transport({});
  const auto recording = start(*transport, make_request(server.url()));
  REQUIRE(recording->wait([](const Record& r) { return r.body == "onetwo"; }));
  server.signal("rest");
  const Record record = recording->finished();
  REQUIRE(record.body == "onetwothreefour");
  REQUIRE(record.body_stamps.size() == 4);
  CHECK(record.head_stamp <= record.body_stamps[0]);
  CHECK(record.body_stamps[0] == record.body_stamps[1]);
  CHECK(record.body_stamps[1] < record.body_stamps[2]);
  CHECK(record.body_stamps[2] == record.body_stamps[3]);
}

TEST_CASE("transport: bytes behind the body are told of before its next piece") {
  ScriptedServer server(Script{ReadRequest{}, Send{k_chunked_head + chunk("one")}, Await{"more"},
                               Send{chunk("two") + "3\r\n"}, Await{"rest"},
                               Send{"six\r\n" + k_last_chunk}});
  const auto transport = make_transport({});
  const auto recording = start(*transport, make_request(server.url()));
  REQUIRE(recording->wait([](const Record& r) { return r.body == "one"; }));
  CHECK(recording->record().rests.empty());
  server.signal("more");
  REQUIRE(recording->wait([](const Record& r) { return r.rests.size() == 1; }));
  server.signal("rest");
  const Record record = recording->finished();
  REQUIRE(record.body == "onetwosix");
  REQUIRE(record.body_arrivals.size() == 3);
  REQUIRE(record.rests.size() == 2);  // the last is that of the last chunk
  CHECK(record.rests[0].at == record.body_arrivals[1].at);
  CHECK(record.rests[1].at == record.body_arrivals[2].at);
}

TEST_CASE("transport: what comes while a read is handled has a stamp of its own") {
  ScriptedServer server(Script{ReadRequest{}, Send{k_chunked_head + chunk("one")}, Await{"more"},
                               Send{chunk("two") + k_last_chunk}});
  const auto transport = make_transport({});
  MonotonicTime handled{};
  const Record record =
      run(*transport, make_request(server.url()), {.on = [&](Call call, const Record& so_far) {
        if (call == Call::body && so_far.body == "one") {
          server.signal("more");
          // Once the server has closed, its bytes are there.
          REQUIRE(server.wait_for_closed(1));
          handled = std::chrono::steady_clock::now();
        }
        return Flow::go_on;
      }});
  REQUIRE(record.body == "onetwo");
  REQUIRE(record.body_stamps.size() == 2);
  // They came while the listener was busy, and that is when they came.
  CHECK(record.body_stamps[0] < record.body_stamps[1]);
  CHECK(record.body_stamps[1] < handled);
}

TEST_CASE("transport: the request is sent when its last byte is written") {
  ScriptedServer server(Script{Await{"read"}, ReadRequest{}, Send{response("ok")}});
  const auto transport = make_transport({});
  Request request = make_request(server.url());
  request.body.assign(32UL * 1024 * 1024, 'x');  // more than the sockets hold
  const auto recording = start(*transport, std::move(request));
  REQUIRE(recording->wait([](const Record& r) { return !r.request_begins.empty(); }));
  const MonotonicTime before_reading = std::chrono::steady_clock::now();
  server.signal("read");
  const Record record = recording->finished();
  CHECK(record.report->ending == Ending::complete);
  REQUIRE(record.report->request_sent);
  CHECK(record.request_begins[0] < before_reading);
  CHECK(*record.report->request_sent > before_reading);
  CHECK(*record.report->request_sent <= record.head_stamp);
}

TEST_CASE("transport: a connection is kept for another request if that is asked for") {
  ScriptedServer server(
      Script{ReadRequest{}, Send{response("one")}, ReadRequest{}, Send{response("two")}});
  const auto transport = make_transport({});
  const Record first = run(*transport, reusing(server));
  const Record second = run(*transport, reusing(server));
  CHECK(server.accepted() == 1);
  CHECK_FALSE(first.report->connection.reused);
  CHECK(first.report->connected);
  CHECK(second.report->ending == Ending::complete);
  CHECK(second.body == "two");
  CHECK(second.report->connection.reused);
  CHECK_FALSE(second.report->name_resolved);
  CHECK_FALSE(second.report->connected);
  CHECK_FALSE(second.report->tls_done);
  REQUIRE(second.report->request_sent);
  CHECK(second.report->started <= second.request_begins.at(0));
  CHECK(second.request_begins.at(0) <= *second.report->request_sent);
  CHECK(second.report->connection.remote_address == first.report->connection.remote_address);
}

TEST_CASE("transport: a fresh connection is asked for each time unless it is to be reused") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}, AwaitClose{}});
  const auto transport = make_transport({});
  CHECK(run(*transport, make_request(server.url())).report->connected);
  CHECK(run(*transport, make_request(server.url())).report->connected);
  // Nor is a fresh one left behind for a request that would reuse it.
  CHECK_FALSE(run(*transport, reusing(server)).report->connection.reused);
  CHECK(server.accepted() == 3);
  REQUIRE(server.wait_for_closed(2));
}

TEST_CASE("transport: idle connections are kept however many other servers are asked meanwhile") {
  std::vector<std::unique_ptr<ScriptedServer>> servers;
  const auto transport = make_transport({});
  for (int i = 0; i < 12; ++i) {
    servers.push_back(std::make_unique<ScriptedServer>(
        Script{ReadRequest{}, Send{response("x")}, ReadRequest{}, Send{response("x")}}));
    CHECK(run(*transport, reusing(*servers.back())).report->ending == Ending::complete);
  }
  for (const auto& server : servers) {
    CHECK(run(*transport, reusing(*server)).report->connection.reused);
  }
}

TEST_CASE("transport: a connection that the server closed while idle is replaced silently") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
  CHECK(run(*transport, reusing(server)).report->ending == Ending::complete);
  REQUIRE(server.wait_for_closed(1));
  const Record second = run(*transport, reusing(server));
  CHECK(second.report->ending == Ending::complete);
  CHECK(second.body == "x");
  CHECK_FALSE(second.report->connection.reused);
  CHECK(second.report->request_sent);
  CHECK(server.accepted() == 2);
}

TEST_CASE("transport: a request that was taken up on a reused connection is never repeated") {
  ScriptedServer server({Script{ReadRequest{}, Send{response("x")}, ReadRequest{}},
                         Script{ReadRequest{}, Send{response("y")}}});
  const auto transport = make_transport({});
  CHECK(run(*transport, reusing(server)).report->ending == Ending::complete);
  const Record second = run(*transport, reusing(server));
  CHECK(second.report->ending == Ending::lost);
  CHECK(second.report->connection.reused);
  CHECK(second.request_begins.size() == 1);
  CHECK(server.accepted() == 1);
}

TEST_CASE(
    "transport: a fresh connection that is closed without an answer is lost and not repeated") {
  ScriptedServer server(Script{ReadRequest{}});
  const auto transport = make_transport({});
  const Record record = run(*transport, make_request(server.url()));
  CHECK(record.report->ending == Ending::lost);
  CHECK(record.request_begins.size() == 1);
  CHECK(server.accepted() == 1);
}
