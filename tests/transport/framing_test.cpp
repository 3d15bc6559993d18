#include "fakes/scripted_server.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

using namespace inferometer::transport;
using namespace inferometer::fakes::script;
using namespace std::string_literals;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

/// One exchange with a server that reads the request, sends `bytes` and closes.
Record answer_with(std::string bytes) {
  ScriptedServer server(Script{ReadRequest{}, Send{std::move(bytes)}});
  const auto transport = make_transport({});
  return run(*transport, make_request(server.url()));
}

bool wait_for_body(Recording& recording, std::string_view body) {
  return recording.wait([body](const Record& record) { return record.body == body; });
}

Ending ending_with(std::string bytes) {
  return answer_with(std::move(bytes)).report->ending;
}

}  // namespace

TEST_CASE("transport: the request is the one that was asked for and nothing else") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
  Request request = make_request(server.url("/v1/chat/completions"));
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"X-Title", "a: b"}};
  request.secret_headers = {{"Authorization", inferometer::base::Secret("Bearer sk-1234")}};
  request.body = R"({"model":"m"})";
  CHECK(run(*transport, std::move(request)).report->ending == Ending::complete);
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests()[0] ==
        "POST /v1/chat/completions HTTP/1.1\r\n"
        "Host: 127.0.0.1:" +
            std::to_string(server.port()) +
            "\r\n"
            "User-Agent: inferometer/" INFEROMETER_VERSION
            "\r\n"
            "Accept: */*\r\n"
            "Accept-Encoding: identity\r\n"
            "Content-Type: application/json\r\n"
            "X-Empty:\r\n"
            "X-Title: a: b\r\n"
            "Authorization: Bearer sk-1234\r\n"
            "Content-Length: 13\r\n"
            "\r\n"
            R"({"model":"m"})");
}

TEST_CASE("transport: a large request is sent without waiting for leave") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
  Request request = make_request(server.url());
  request.body.assign(2UL * 1024 * 1024, 'x');
  CHECK(run(*transport, std::move(request)).report->ending == Ending::complete);
  CHECK(server.requests().at(0).find("Expect") == std::string::npos);
  CHECK(server.requests().at(0).ends_with(std::string(1000, 'x')));
}

TEST_CASE("transport: any framing that is whole gives the body") {
  for (const std::string& bytes :
       {response("hello"), k_chunked_head + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        k_chunked_head + "5;name=value\r\nhello\r\n0\r\nX-Trailer: 1\r\nServer: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nhello"s,
        "HTTP/1.1 200\r\ncontent-type:text/event-stream\r\nconnection: close\r\n\r\nhello"s,
        response("hello") + "HTTP/1.1 500 No\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\nhello"s}) {
    CAPTURE(bytes);
    const Record record = answer_with(bytes);
    CHECK(record.report->ending == Ending::complete);
    CHECK(record.head.status == 200);
    CHECK(record.head.header("content-type") == "text/event-stream");
    CHECK(record.head.header("x-trailer").empty());
    CHECK(record.body == "hello");
    CHECK(record.report->connection.http_version == bytes.substr(5, 3));
  }
}

TEST_CASE("transport: a response without a body is complete") {
  CHECK(ending_with(response("")) == Ending::complete);
  CHECK(ending_with(k_chunked_head + k_last_chunk) == Ending::complete);
  CHECK(ending_with("HTTP/1.1 204 No Content\r\n\r\n") == Ending::complete);
}

TEST_CASE("transport: interim responses are passed over") {
  const Record record =
      answer_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" +
                  response("x", "201 Created", "X-Late: 1\r\n"));
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.head.status == 201);
  CHECK(record.head.header("x-early").empty());
  CHECK(record.head.header("x-late") == "1");
  CHECK(record.body == "x");
  CHECK(std::count(record.calls.begin(), record.calls.end(), Call::head) == 1);
}

TEST_CASE("transport: header names are in lower case and values are trimmed") {
  const Record record = answer_with(response("", "429 Slow Down",
                                             "X-RateLimit-Reset:  1s \r\nX-Empty:\r\n"
                                             "Dup: 1\r\nDup: 2\r\n"));
  CHECK(record.head.status == 429);
  CHECK(record.head.header("x-ratelimit-reset") == "1s");
  CHECK(record.head.header("x-empty").empty());
  CHECK(record.head.header("dup") == "1");
  CHECK(record.head.headers.size() == 6);
}

TEST_CASE("transport: a header that looks like a status line is only a header") {
  const Record record = answer_with(response("x", "503 Busy", "HTTP/1.1: 200 OK\r\n"));
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.head.status == 503);
  CHECK(record.head.header("content-type") == "text/event-stream");
  CHECK(record.calls ==
        std::vector{Call::started, Call::request_begin, Call::head, Call::body, Call::end});
}

TEST_CASE("transport: broken chunks are a protocol error") {
  for (const std::string_view broken : {"zz\r\nhello\r\n", "5\r\nhelloworld\r\n", "-1\r\nx\r\n",
                                        "fffffffffffffffff\r\nx\r\n", "\r\n\r\n"}) {
    CAPTURE(broken);
    const Record record = answer_with(k_chunked_head + chunk("ok") + std::string(broken));
    CHECK(record.report->ending == Ending::protocol_error);
    CHECK_FALSE(record.report->message.empty());
    CHECK(record.body.starts_with("ok"));
  }
}

TEST_CASE("transport: a connection that is closed in the middle of a response is lost") {
  for (const std::string& bytes :
       {""s, "HTTP/1.1 200 OK\r\nContent-Type: te"s,
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"s,
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"s, k_chunked_head, k_chunked_head + "5"s,
        k_chunked_head + "5\r\nhel"s, k_chunked_head + chunk("hello"),
        k_chunked_head + chunk("hello") + "0\r\n", "HTTP/1.1 100 Continue\r\n\r\n"s}) {
    CAPTURE(bytes);
    const Record record = answer_with(bytes);
    CHECK(record.report->ending == Ending::lost);
    CHECK_FALSE(record.report->message.empty());
  }
}

TEST_CASE("transport: a connection that is reset is lost") {
  for (const std::string& bytes :
       {""s, "HTTP/1.1 200 OK\r\nContent-T"s, k_chunked_head, k_chunked_head + chunk("hello"),
        "HTTP/1.1 200 OK\r\n\r\nhello"s}) {
    CAPTURE(bytes);
    ScriptedServer server(Script{ReadRequest{}, Send{bytes}, Await{"reset"}, Reset{}});
    const auto transport = make_transport({});
    const auto recording = start(*transport, make_request(server.url()));
    const bool has_body = bytes.find("hello") != std::string::npos;
    REQUIRE(server.wait_for_requests(1));
    REQUIRE(wait_for_body(*recording, has_body ? "hello" : ""));
    server.signal("reset");
    const Record record = recording->finished();
    CHECK(record.report->ending == Ending::lost);
    CHECK_FALSE(record.report->message.empty());
  }
}

TEST_CASE("transport: bytes that are no HTTP are a protocol error") {
  for (const std::string& bytes :
       {"hello world\n"s, "SSH-2.0-OpenSSH_9.2\r\n"s, "\x15\x03\x01\x00\x02\x02\x0A"s,
        "\0\0\0\0\0\0\0\0"s, "data: {\"choices\":[]}\n\n"s, "HTTP/1.1 abc OK\r\n\r\n"s,
        "HTTP/1.1 20\r\n\r\n"s, "HTTP/7.7 200 OK\r\n\r\n"s, "\r\n\r\n"s}) {
    CAPTURE(bytes);
    const Record record = answer_with(bytes);
    CHECK(record.report->ending == Ending::protocol_error);
    CHECK_FALSE(record.report->message.empty());
    CHECK(record.report->connection.http_version.empty());
    CHECK(record.body.empty());
  }
}

TEST_CASE("transport: headers without end are refused") {
  std::string many = "HTTP/1.1 200 OK\r\n";
  while (many.size() < 300UL * 1024) {
    many += "X-Flood: 0123456789\r\n";
  }
  CHECK(ending_with(many) == Ending::protocol_error);
  CHECK(ending_with("HTTP/1.1 200 OK\r\nX-Long: " + std::string(300UL * 1024, 'x')) ==
        Ending::protocol_error);
  std::string interim;
  while (interim.size() < 300UL * 1024) {
    interim += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  CHECK(ending_with(interim) == Ending::protocol_error);
}

TEST_CASE("transport: headers that come slowly are read and end at the deadline") {
  ScriptedServer server(Script{ReadRequest{}, Send{"HTTP/1.1 2"}, Await{"more"},
                               Send{"00 OK\r\nContent-Length: 1\r"}, Await{"more"},
                               Send{"\n\r\nx"}});
  server.signal("more");
  const auto transport = make_transport({});
  CHECK(run(*transport, make_request(server.url())).body == "x");

  ScriptedServer slow(Script{ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nX: "}, Await{"never"}});
  const Record record =
      run(*transport, make_request(slow.url()), give_up_after(std::chrono::milliseconds(100)));
  CHECK(record.report->ending == Ending::stopped);
  CHECK(record.deadline_told);
  CHECK(record.head.status == 0);
  CHECK(record.report->connection.http_version.empty());
}

TEST_CASE("transport: a body that was packed without being asked is unpacked") {
  const std::string hello(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05"
      "\x00\x00\x00",
      25);
  const Record record = answer_with(response(hello, "200 OK", "Content-Encoding: gzip\r\n"));
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.body == "hello");
  CHECK(ending_with(response("hello", "200 OK", "Content-Encoding: gzip\r\n")) ==
        Ending::protocol_error);
  CHECK(ending_with(response("hello", "200 OK", "Content-Encoding: nonsense\r\n")) ==
        Ending::protocol_error);
}
