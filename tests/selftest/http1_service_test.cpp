#include "selftest/http1_service.hpp"

#include <doctest/doctest.h>

using namespace inferometer;
using selftest::Http1Service;

TEST_CASE("http1 service: a request is whole with the last byte of its body") {
  Http1Service service;
  CHECK(service.receive("POST / HTTP/1.1\r\ncontent-LENGTH: 4 \r\n\r"));
  CHECK_FALSE(service.take_request());
  CHECK(service.receive("\nabc"));
  CHECK_FALSE(service.take_request());
  CHECK(service.receive("d"));
  CHECK(service.take_request());
  CHECK_FALSE(service.take_request());
}

TEST_CASE("http1 service: requests that come together are taken one by one") {
  Http1Service service;
  CHECK(service.receive("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"));
  CHECK(service.take_request());
  CHECK(service.take_request());
  CHECK_FALSE(service.take_request());
}

TEST_CASE("http1 service: a length that it cannot read is no request") {
  for (const std::string length : {"-1", "four", "99999999999999999999", "1048577", ""}) {
    Http1Service service;
    CHECK_FALSE(service.receive("POST / HTTP/1.1\r\nContent-Length: " + length + "\r\n\r\n"));
  }
}

TEST_CASE("http1 service: a head without end is refused") {
  Http1Service service;
  const std::string piece(64UL * 1024, 'x');
  int pieces = 0;
  while (service.receive(piece)) {
    REQUIRE(++pieces < 100);
  }
}

TEST_CASE("http1 service: an answer is chunks") {
  std::string output;
  Http1Service::send_chunk("eighteen is in hex", output);
  Http1Service::send_end(output);
  CHECK(output == "12\r\neighteen is in hex\r\n0\r\n\r\n");
}
