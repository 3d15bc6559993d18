#include "transport/http/http1_request.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::transport::http;
using namespace std::string_literals;
using inferometer::base::Secret;

namespace {

RequestHead make_head() {
  return {.method = "POST",
          .scheme = "https",
          .authority = "api.example.com:8443",
          .target = "/v1/chat?x=1",
          .headers = {},
          .secret_headers = {}};
}

void check_refused(const RequestHead& head, std::string_view problem) {
  const auto request = write_http1_request(head, "body");
  REQUIRE_FALSE(request.has_value());
  CAPTURE(request.error().message);
  CHECK(request.error().message.find(problem) != std::string::npos);
  CHECK(request.error().message.find("sk-") == std::string::npos);
  CHECK(request.error().message.find('\n') == std::string::npos);
}

}  // namespace

TEST_CASE("http1 request: it is the one that was asked for and nothing else") {
  RequestHead head = make_head();
  head.headers = {{"User-Agent", "inferometer"}, {"X-Empty", ""}, {"x-title", "a: b\t\xC3\xA9"}};
  head.secret_headers = {{"Authorization", Secret("Bearer sk-1234")}};
  const auto request = write_http1_request(head, R"({"model":"m"})");
  REQUIRE(request.has_value());
  CHECK(*request ==
        "POST /v1/chat?x=1 HTTP/1.1\r\n"
        "Host: api.example.com:8443\r\n"
        "User-Agent: inferometer\r\n"
        "X-Empty:\r\n"
        "x-title: a: b\t\xC3\xA9\r\n"
        "Authorization: Bearer sk-1234\r\n"
        "Content-Length: 13\r\n"
        "\r\n"
        R"({"model":"m"})");
}

TEST_CASE("http1 request: a Host among the headers stands for the authority") {
  RequestHead head = make_head();
  head.headers = {{"A", "1"}, {"hOST", "other"}};
  CHECK(write_http1_request(head, "").value() ==
        "POST /v1/chat?x=1 HTTP/1.1\r\nA: 1\r\nhOST: other\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("http1 request: the length is said for each POST and PUT and each body") {
  RequestHead head = make_head();
  CHECK(write_http1_request(head, "").value().ends_with("Content-Length: 0\r\n\r\n"));
  head.method = "PUT";
  CHECK(write_http1_request(head, "").value().ends_with("Content-Length: 0\r\n\r\n"));
  head.method = "GET";
  head.target = "http://api.example.com/metrics";
  CHECK(write_http1_request(head, "").value() ==
        "GET http://api.example.com/metrics HTTP/1.1\r\nHost: api.example.com:8443\r\n\r\n");
  CHECK(write_http1_request(head, "x").value().ends_with("Content-Length: 1\r\n\r\nx"));
}

TEST_CASE("http1 request: the body may hold any bytes") {
  const std::string body = "\r\n\r\nHTTP/1.1 200 OK\r\n\0\xFF"s;
  CHECK(write_http1_request(make_head(), body).value().ends_with("\r\n\r\n" + body));
}

TEST_CASE("http1 request: it is written in place, so that no copy of a secret is left") {
  RequestHead head = make_head();
  head.headers = {{"A", "1"}, {"B", ""}};
  head.secret_headers = {{"Authorization", Secret("Bearer sk-1234")}};
  const auto request = write_http1_request(head, std::string(100000, 'x'));
  REQUIRE(request.has_value());
  // A string that had to grow would have doubled.
  CHECK(request->capacity() < request->size() + 16);
}

TEST_CASE("http1 request: what would be more than a header is refused") {
  for (const std::string& value :
       {"a\r\nX: 1"s, "a\nX: 1"s, "a\rb"s, "a\0b"s, "\r\n"s, "\n"s, "\0"s}) {
    RequestHead head = make_head();
    head.headers = {{"X-Title", "sk-1" + value}};
    check_refused(head, "X-Title");
    head.headers.clear();
    head.secret_headers = {{"X-Key", Secret("sk-1" + value)}};
    check_refused(head, "X-Key");
    head = make_head();
    head.authority += value;
    check_refused(head, "host");
  }
  for (const std::string& name : {""s, "X\r\n"s, "X\n"s, "X\0"s, "X: 1\r\nY"s, "X Y"s, "X\t"s,
                                  "X:"s, ":authority"s, "X\x7F"s}) {
    RequestHead head = make_head();
    head.headers = {{name, "1"}};
    check_refused(head, "name");
    head.headers.clear();
    head.secret_headers = {{name, Secret("sk-1")}};
    check_refused(head, "name");
  }
}

TEST_CASE("http1 request: what would be more than a request line is refused") {
  for (const std::string& word : {""s, "/a b"s, "/a\tb"s, "/ HTTP/1.1\r\nX: 1"s, "/\n"s, "/\r"s,
                                  "/\0"s, "/\x01"s, "/\x7F"s}) {
    CAPTURE(word);
    RequestHead head = make_head();
    head.target = word;
    check_refused(head, "method or path");
    head = make_head();
    head.method = word;
    check_refused(head, "method or path");
  }
}

TEST_CASE("http1 request: a header that frames the body is refused") {
  for (const std::string_view name : {"Content-Length", "transfer-encoding", "CONTENT-LENGTH"}) {
    RequestHead head = make_head();
    head.headers = {{std::string(name), "chunked"}};
    check_refused(head, name);
    head.headers.clear();
    head.secret_headers = {{std::string(name), Secret("5")}};
    check_refused(head, name);
  }
}
