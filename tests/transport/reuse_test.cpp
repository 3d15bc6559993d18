#include "fakes/scripted_server.hpp"
#include "transport/http/http2_frames.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

using namespace inferometer::transport;
using namespace inferometer::fakes::script;
using namespace std::chrono_literals;
namespace http = inferometer::transport::http;
using inferometer::config::ConnectionPolicy;
using inferometer::config::HttpVersion;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

/// A whole HTTP/2 answer on a stream.
std::string h2_answer(std::uint32_t stream, std::string_view text) {
  return http::head(stream, http::status("200")) + http::data(stream, text, http::k_end_stream);
}

/// Asks once, lets the server say what it says on the idle connection, and asks again. The server
/// holds that back until the first response is known to be whole.
Record second_after(ScriptedServer& server, const Request& request) {
  const auto transport = make_transport({});
  REQUIRE(run(*transport, request).report->ending == Ending::complete);
  server.signal("idle");
  REQUIRE(server.wait_for_closed(1));
  return run(*transport, request);
}

}  // namespace

TEST_CASE("reuse: what comes on an idle connection is never taken for the answer") {
  for (const std::string& late :
       {std::string("HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\n\r\n"),
        std::string("\r\n"), response("late")}) {
    CAPTURE(late);
    ScriptedServer server({Script{ReadRequest{}, Send{response("one")}, Await{"idle"}, Send{late}},
                           Script{ReadRequest{}, Send{response("two")}}});
    const Record second = second_after(server, reusing(server));
    CHECK(second.report->ending == Ending::complete);
    CHECK(second.body == "two");
    CHECK_FALSE(second.report->connection.reused);
    CHECK(second.request_begins.size() == 1);
    CHECK(server.requests().size() == 2);
  }
}

TEST_CASE("reuse: bytes that came with the end of the response spoil the connection") {
  ScriptedServer server({Script{ReadRequest{}, Send{response("one") + "more"}, AwaitClose{}},
                         Script{ReadRequest{}, Send{response("two")}}});
  const auto transport = make_transport({});
  const Record first = run(*transport, reusing(server));
  CHECK(first.report->ending == Ending::complete);
  CHECK(first.body == "one");
  const Record second = run(*transport, reusing(server));
  CHECK(second.body == "two");
  CHECK_FALSE(second.report->connection.reused);
}

TEST_CASE("reuse: a connection that waited for too long is not used and is closed") {
  ScriptedServer server({Script{ReadRequest{}, Send{response("one")}, AwaitClose{}},
                         Script{ReadRequest{}, Send{response("two")}}});
  const auto transport = make_transport({});
  Request request = reusing(server);
  request.max_idle = 1ms;
  CHECK(run(*transport, request).report->ending == Ending::complete);
  REQUIRE(server.wait_for_closed(1));  // by us: the server only waits for that
  CHECK_FALSE(run(*transport, request).report->connection.reused);
}

TEST_CASE("reuse: clear-text HTTP/2 carries one request after another") {
  ScriptedServer server(Script{ReadHttp2Request{}, Send{http::settings() + h2_answer(1, "one")},
                               ReadHttp2Request{}, Send{h2_answer(3, "two")}, ReadHttp2Request{},
                               Send{h2_answer(5, "three")}, AwaitClose{}});
  const auto transport = make_transport({});
  const Request request = reusing(server, HttpVersion::http_2);
  CHECK(run(*transport, request).body == "one");
  const Record second = run(*transport, request);
  CHECK(second.body == "two");
  CHECK(second.report->connection.reused);
  CHECK(run(*transport, request).body == "three");
  CHECK(server.accepted() == 1);
}

TEST_CASE("reuse: an idle HTTP/2 connection that got a GOAWAY is not used") {
  ScriptedServer server({Script{ReadHttp2Request{}, Send{http::settings() + h2_answer(1, "one")},
                                Await{"idle"}, Send{http::goaway(1, 0)}, AwaitClose{}},
                         Script{ReadHttp2Request{}, Send{http::settings() + h2_answer(1, "two")}}});
  const Record second = second_after(server, reusing(server, HttpVersion::http_2));
  CHECK(second.report->ending == Ending::complete);
  CHECK(second.body == "two");
  CHECK_FALSE(second.report->connection.reused);
}

TEST_CASE("reuse: an idle HTTP/2 connection is kept through pings and settings") {
  ScriptedServer server(Script{ReadHttp2Request{}, Send{http::settings() + h2_answer(1, "one")},
                               Send{http::ping() + http::settings()}, ReadHttp2Request{},
                               Send{h2_answer(3, "two")}, AwaitClose{}});
  const auto transport = make_transport({});
  const Request request = reusing(server, HttpVersion::http_2);
  CHECK(run(*transport, request).body == "one");
  const Record second = run(*transport, request);
  CHECK(second.body == "two");
  CHECK(second.report->connection.reused);
}

TEST_CASE("reuse: a request that a GOAWAY says was not taken up is made once more") {
  ScriptedServer server({Script{ReadHttp2Request{}, Send{http::settings() + h2_answer(1, "one")},
                                ReadHttp2Request{}, Send{http::goaway(1, 0)}, AwaitClose{}},
                         Script{ReadHttp2Request{}, Send{http::settings() + h2_answer(1, "two")}}});
  const auto transport = make_transport({});
  const Request request = reusing(server, HttpVersion::http_2);
  CHECK(run(*transport, request).body == "one");
  const Record second = run(*transport, request);
  CHECK(second.report->ending == Ending::complete);
  CHECK(second.body == "two");
  CHECK_FALSE(second.report->connection.reused);
  CHECK(second.request_begins.size() == 2);
  // The marks are those of the repetition.
  REQUIRE(second.report->request_begin);
  CHECK(*second.report->request_begin >= second.request_begins[1]);
  CHECK_FALSE(second.report->connected);
}

TEST_CASE("reuse: a repetition is not repeated") {
  ScriptedServer server(
      {Script{ReadHttp2Request{}, Send{http::settings() + h2_answer(1, "one")}, ReadHttp2Request{},
              Send{http::goaway(1, 0)}, AwaitClose{}},
       Script{ReadHttp2Request{}, Send{http::settings() + http::goaway(0, 0)}, AwaitClose{}}});
  const auto transport = make_transport({});
  const Request request = reusing(server, HttpVersion::http_2);
  CHECK(run(*transport, request).body == "one");
  CHECK(run(*transport, request).report->ending == Ending::refused);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("reuse: a stream that is refused or wanted by HTTP/1.1 is an answer and not repeated") {
  constexpr std::uint32_t k_refused_stream = 7;
  constexpr std::uint32_t k_http_1_1_required = 13;
  for (const std::uint32_t code : {k_refused_stream, k_http_1_1_required}) {
    ScriptedServer server(Script{ReadHttp2Request{},
                                 Send{http::settings() + http::rst_stream(1, code)}, AwaitClose{}});
    const auto transport = make_transport({});
    Request request = reusing(server, HttpVersion::http_2);
    const Record record = run(*transport, request);
    CHECK(record.report->ending == (code == k_refused_stream ? Ending::refused : Ending::lost));
    CHECK_FALSE(record.report->message.empty());
    CHECK(record.request_begins.size() == 1);
    CHECK(server.requests().size() == 1);
    CHECK(server.accepted() == 1);
  }
}

TEST_CASE("reuse: a request beside one that is open gets a connection of its own") {
  ScriptedServer server(Script{ReadRequest{}, Await{"go"}, Send{response("x")}, AwaitClose{}});
  const auto transport = make_transport({});
  const auto first = start(*transport, reusing(server));
  const auto second = start(*transport, reusing(server));
  REQUIRE(server.wait_for_requests(2));
  server.signal("go");
  CHECK(first->finished().report->ending == Ending::complete);
  CHECK(second->finished().report->ending == Ending::complete);
  CHECK(server.accepted() == 2);
}
