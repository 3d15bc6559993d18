#include "http/codec.hpp"

#include "fakes/gunzip.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <stop_token>
#include <string>

using inferometer::fakes::gunzip;
using inferometer::http::make_responder;
using inferometer::http::Reply;
using inferometer::http::Request;
using inferometer::http::Response;
using inferometer::http::test::Answer;
using inferometer::http::test::parse_answer;

namespace {

const std::string k_long_body(5000, 'x');

Response echo(const Request& request) {
  Response response;
  response.body = request.method + " " + request.path + " " + request.query;
  return response;
}

Response long_text(const Request& /*request*/) {
  Response response;
  response.body = k_long_body;
  return response;
}

Reply reply_to(const std::string& lines, const inferometer::http::Handler& handler = echo) {
  return make_responder(handler)(lines + "\r\nHost: x\r\n\r\n", std::stop_token());
}

Answer answer_in(const Reply& reply) {
  return parse_answer(reply.head + (reply.body != nullptr ? *reply.body : ""));
}

Answer answer_to(const std::string& lines, const inferometer::http::Handler& handler = echo) {
  return answer_in(reply_to(lines, handler));
}

}  // namespace

TEST_CASE("the handler sees method and path and query as sent") {
  const Answer answer = answer_to("GET /a%20b?c=%41+d HTTP/1.1");
  CHECK(answer.status == 200);
  CHECK(answer.body == "GET /a%20b c=%41+d");
  CHECK(answer.has("Content-Type: text/plain; charset=utf-8"));
  CHECK(answer.has("Content-Length: 18"));
}

TEST_CASE("the handler decides status and type and further headers") {
  const Answer answer = answer_to("GET / HTTP/1.1", [](const Request&) {
    return Response{429, "text/yaml", "a: b\n", {{"Allow", "POST"}}};
  });
  CHECK(answer.head.rfind("HTTP/1.1 429 Too Many Requests\r\n", 0) == 0);
  CHECK(answer.has("Content-Type: text/yaml"));
  CHECK(answer.has("Allow: POST"));
  CHECK(answer.body == "a: b\n");
}

TEST_CASE("a header of the handler cannot be split by a line end") {
  const Answer answer = answer_to("GET / HTTP/1.1", [](const Request&) {
    return Response{200, "text/plain", "", {{"X-Evil", "a\r\nSet-Cookie: b"}}};
  });
  CHECK(answer.status == 200);
  CHECK(answer.head.find("Set-Cookie") == std::string::npos);
}

TEST_CASE("HEAD is answered with the headers of GET and no body") {
  const Answer get = answer_to("GET / HTTP/1.1", long_text);
  const Answer head = answer_to("HEAD / HTTP/1.1", long_text);
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.head == get.head);
  CHECK(head.has("Content-Length: 5000"));
}

TEST_CASE("an exception of the handler is a 500 that does not tell what it was") {
  const Answer known = answer_to("GET / HTTP/1.1", [](const Request&) -> Response {
    throw std::runtime_error("secret detail");
  });
  CHECK(known.status == 500);
  CHECK(known.body == "internal error: the daemon's log says more\n");
  CHECK(known.head.find("secret") == std::string::npos);
  const Answer unknown = answer_to("GET / HTTP/1.1", [](const Request&) -> Response { throw 7; });
  CHECK(unknown.status == 500);
}

TEST_CASE("a body is gzipped only for a client that prefers gzip") {
  const auto encoded = [](const std::string& accept) {
    const Answer answer = answer_to("GET / HTTP/1.1" + accept, long_text);
    CHECK(answer.status == 200);
    CHECK(answer.has("Vary: Accept-Encoding"));
    CHECK(answer.head.find("br\r\n") == std::string::npos);
    const bool gzip = answer.has("Content-Encoding: gzip");
    CHECK((gzip ? gunzip(answer.body).bytes == k_long_body : answer.body == k_long_body));
    CHECK(answer.has("Content-Length: " + std::to_string(answer.body.size())));
    return gzip;
  };
  for (const char* accept :
       {"gzip", "deflate, GZIP;q=0.5, br", "gzip, deflate, br, zstd", "br;q=1, gzip ; q=0.001", "*",
        "gzip;q=0.5, identity;q=0.5", "gzip, *;q=0", "identity;q=0, gzip;q=0.1",
        "br\r\naccept-encoding: gzip", "gzip;q=1.000"}) {
    CAPTURE(accept);
    CHECK(encoded(std::string("\r\nAccept-Encoding: ") + accept));
  }
  for (const char* accept :
       {"", "br", "identity", "gzip;q=0", "gzip; q=0.000, br", "gzip;q=0, *", "gzipped", "*;q=0",
        ",,;;q=,", "gzip;q=0.4, identity;q=0.5", "gzip;q=0.5, *", "gzip;q=2", "gzip;q=x"}) {
    CAPTURE(accept);
    CHECK(!encoded(std::string("\r\nAccept-Encoding: ") + accept));
  }
  CHECK(!encoded(""));
}

TEST_CASE("every type of content is gzipped exactly once") {
  for (const char* type :
       {"text/plain; version=0.0.4; charset=utf-8", "application/openmetrics-text; version=1.0.0",
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily",
        "application/json; charset=utf-8", "text/yaml", "text/html; charset=utf-8"}) {
    CAPTURE(type);
    const auto answer = [type](const Request&) {
      return Response{200, type, k_long_body, {{"Vary", "Accept"}}};
    };
    const Answer gzipped = answer_to("GET / HTTP/1.1\r\nAccept-Encoding: gzip, br", answer);
    CHECK(gzipped.has("Content-Encoding: gzip"));
    CHECK(gzipped.has(std::string("Content-Type: ") + type));
    CHECK(gzipped.has("Vary: Accept"));
    CHECK(gzipped.has("Vary: Accept-Encoding"));
    CHECK(gunzip(gzipped.body).bytes == k_long_body);
  }
}

TEST_CASE("a body that gzip would hardly make smaller is sent as it is") {
  const auto encoded = [](std::size_t size) {
    const Answer answer =
        answer_to("GET / HTTP/1.1\r\nAccept-Encoding: gzip", [size](const Request&) {
          return Response{200, "text/plain", std::string(size, 'x'), {}};
        });
    return answer.has("Content-Encoding: gzip");
  };
  CHECK(!encoded(0));
  CHECK(!encoded(255));
  CHECK(encoded(256));
}

TEST_CASE("HEAD tells of the gzipped body what GET would") {
  const std::string accept = " / HTTP/1.1\r\nAccept-Encoding: gzip";
  const Answer head = answer_to("HEAD" + accept, long_text);
  CHECK(head.head == answer_to("GET" + accept, long_text).head);
  CHECK(head.has("Content-Encoding: gzip"));
  CHECK(head.body.empty());
}

TEST_CASE("the handler sees what the client accepts also where that comes in several lines") {
  const auto accept = [](const std::string& lines) {
    return answer_to("GET / HTTP/1.1" + lines,
                     [](const Request& request) {
                       return Response{200, "text/plain", request.accept, {}};
                     })
        .body;
  };
  CHECK(accept("").empty());
  CHECK(accept("\r\nAccept: text/plain;version=0.0.4;q=0.2, */*") ==
        "text/plain;version=0.0.4;q=0.2, */*");
  CHECK(accept("\r\nAccept: a/b\r\nX: y\r\naccept: c/d, e/f") == "a/b, c/d, e/f");
}

TEST_CASE("ranges are ignored as they could crash the parser or inflate the reply") {
  std::string many = "bytes=0-";
  while (many.size() < 7000) {
    many += ",0-";
  }
  for (const std::string& range :
       {std::string("Range: bytes=0-1"), "Range: " + many, "rAnGe: " + many,
        std::string("Range: nonsense"), std::string("Range:")}) {
    const Answer answer = answer_to("GET / HTTP/1.1\r\n" + range, long_text);
    CAPTURE(range.substr(0, 30));
    CHECK(answer.status == 200);
    CHECK(answer.body == k_long_body);
  }
  // A bare line feed ends a line for httplib 0.11.
  const Answer smuggled = answer_to("GET / HTTP/1.1\r\nX: y\nRange: " + many, long_text);
  CHECK(smuggled.status == 400);
}

TEST_CASE("a connection is kept unless something forbids it") {
  CHECK(reply_to("GET / HTTP/1.1").keep_alive);
  CHECK(reply_to("GET / HTTP/1.1\r\nContent-Length: 0").keep_alive);
  CHECK(reply_to("GET / HTTP/1.1\r\nConnection: keep-alive").keep_alive);
  for (const char* reason :
       {"GET / HTTP/1.1\r\nConnection: close", "GET / HTTP/1.1\r\nconnection: Upgrade, CLOSE",
        "GET / HTTP/1.1\r\nConnection: keep-alive\r\nConnection: close", "GET / HTTP/1.0",
        "GET / HTTP/1.0\r\nConnection: Keep-Alive", "POST / HTTP/1.1\r\nContent-Length: 5",
        "GET / HTTP/1.1\r\nContent-Length: 00", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked"}) {
    CAPTURE(reason);
    const Reply reply = reply_to(reason);
    CHECK(!reply.keep_alive);
    CHECK(answer_in(reply).status == 200);
    CHECK(answer_in(reply).has("Connection: close"));
  }
}

TEST_CASE("every method reaches the handler") {
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"}) {
    CHECK(answer_to(std::string(method) + " /x HTTP/1.1").body == std::string(method) + " /x ");
  }
}

TEST_CASE("what is not HTTP gets a 400 and the connection is not kept") {
  for (const std::string& lines :
       {std::string("nonsense"), std::string("GET /"), std::string("GET / HTTP/3.0"),
        std::string("BREW / HTTP/1.1"), std::string("GET  / HTTP/1.1 x"), std::string(),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("GET / HTTP/1.1\0", 15), "GET / HTTP/1.1\r\nX: " + std::string(9000, 'x')}) {
    CAPTURE(lines.substr(0, 20));
    const Reply reply = reply_to(lines);
    CHECK(answer_in(reply).status == 400);
    CHECK(answer_in(reply).has("Connection: close"));
    CHECK(!reply.keep_alive);
  }
}

TEST_CASE("the handler sees the host of the target before that of the header") {
  const auto host = [](const std::string& target) {
    return answer_to("GET " + target + " HTTP/1.1",
                     [](const Request& request) {
                       return Response{200, "text/plain", request.host + request.path, {}};
                     })
        .body;
  };
  CHECK(host("/a?b") == "x/a");
  CHECK(host("http://y:1/a?b") == "y:1/a");
  CHECK(host("HTTPS://y") == "y/");
}

TEST_CASE("the handler sees all headers by their names in lower case") {
  const Answer answer =
      answer_to("GET / HTTP/1.1\r\nX-A:  b \r\nx-a: c", [](const Request& request) {
        CHECK(request.header("x-none").empty());
        return Response{200, "text/plain", std::string(request.header("x-a")), {}};
      });
  CHECK(answer.body == "b, c");
}

TEST_CASE("the handler is told when the clients have left") {
  std::stop_source clients_left;
  bool told = false;
  const auto responder = make_responder([&](const Request& request) {
    CHECK(!request.clients_left.stop_requested());
    const std::stop_callback callback(request.clients_left, [&] { told = true; });
    clients_left.request_stop();
    return Response();
  });
  const auto reply = responder("GET / HTTP/1.1\r\nHost: x\r\n\r\n", clients_left.get_token());
  CHECK(answer_in(reply).status == 200);
  CHECK(told);
}

TEST_CASE("a request line that is too long gets a 414") {
  const Reply reply = reply_to("GET /" + std::string(9000, 'x') + " HTTP/1.1");
  CHECK(answer_in(reply).status == 414);
  CHECK(!reply.keep_alive);
}
