#include "sim/http/message.hpp"

#include <doctest/doctest.h>

using namespace inferometer::sim::http;

TEST_CASE("a response is framed by its length") {
  const Response response{.status = 429,
                          .content_type = "application/json",
                          .headers = {{"retry-after", "2"}},
                          .body = "{}"};
  CHECK(render(response, true) ==
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nretry-after: 2\r\n"
        "content-length: 2\r\n\r\n{}");
  CHECK(render(response, false).find("connection: close\r\n") != std::string::npos);
}

TEST_CASE("a status without a phrase keeps the space before it") {
  const Response response{.status = 529, .content_type = "text/plain", .headers = {}, .body = ""};
  CHECK(render(response, true).starts_with("HTTP/1.1 529 \r\n"));
}

TEST_CASE("a body of chunks has its own head and chunks count in hexadecimal") {
  CHECK(render_chunked_head("text/event-stream", {{"x-request-id", "r"}}, true) ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: r\r\n"
        "transfer-encoding: chunked\r\n\r\n");
  std::string out = "before ";
  append_chunk(out, std::string(26, 'x'));
  CHECK(out == "before 1a\r\n" + std::string(26, 'x') + "\r\n");
}

TEST_CASE("a connection is kept unless the request says close") {
  Request request;
  CHECK(request.keep_alive());
  request.headers = {{"connection", "keep-alive"}};
  CHECK(request.keep_alive());
  request.headers = {{"connection", "keep-alive"}, {"connection", "Upgrade, Close"}};
  CHECK(!request.keep_alive());
}

TEST_CASE("a header is found by its lower-case name and is empty where there is none") {
  const Request request{
      .method = {}, .path = {}, .headers = {{"a", "1"}, {"b", "2"}, {"b", "3"}}, .body = {}};
  CHECK(request.header("b") == "2");
  CHECK(request.header("c").empty());
}
