#include "web/access.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using inferometer::http::Request;
using inferometer::web::check_host;
using inferometer::web::check_origin;

namespace {

bool host_allowed(const std::string& host, const std::vector<std::string>& allowed) {
  Request request;
  request.host = host;
  return check_host(request, allowed).has_value();
}

bool origin_allowed(const std::string& host, const std::string& origin,
                    const std::string& site = "") {
  Request request;
  request.host = host;
  if (!origin.empty()) {
    request.headers["origin"] = origin;
  }
  if (!site.empty()) {
    request.headers["sec-fetch-site"] = site;
  }
  return check_origin(request).has_value();
}

}  // namespace

TEST_CASE("any host is served unless some are named") {
  CHECK(host_allowed("evil.example", {}));
  CHECK(host_allowed("", {}));
}

TEST_CASE("of the names only those that are allowed are served whatever their port and case") {
  const std::vector<std::string> allowed{"llm.example", "localhost"};
  for (const char* host : {"llm.example", "LLM.Example:9840", "localhost:1", "llm.example:"}) {
    CAPTURE(host);
    CHECK(host_allowed(host, allowed));
  }
  for (const char* host : {"", "evil.example", "llm.example.evil", "xllm.example", "a.llm.example",
                           "llm.example.", "llm", ":9840"}) {
    CAPTURE(host);
    CHECK(!host_allowed(host, allowed));
  }
}

TEST_CASE("an address is always served as no page can come to it under a name of its own") {
  const std::vector<std::string> allowed{"llm.example"};
  for (const char* host : {"10.1.2.3", "127.0.0.1:9840", "[::1]", "[2001:db8::1]:9840"}) {
    CAPTURE(host);
    CHECK(host_allowed(host, allowed));
  }
  for (const char* host : {"10.1.2", "2130706433", "0x7f.1", "10.1.2.3.nip.io", "[x]", "[]",
                           "10.1.2.3.", "010.1.2.300"}) {
    CAPTURE(host);
    CHECK(!host_allowed(host, allowed));
  }
}

TEST_CASE("who is no browser sends no origin and is let in") {
  CHECK(origin_allowed("x:9840", ""));
}

TEST_CASE("an origin must be the host that was asked") {
  CHECK(origin_allowed("x:9840", "http://x:9840"));
  CHECK(origin_allowed("X:9840", "http://x:9840"));
  CHECK(origin_allowed("x", "http://x"));
  CHECK(origin_allowed("x:80", "http://x"));
  // A proxy ends TLS, and passes the host on with or without the port.
  CHECK(origin_allowed("x", "https://x"));
  CHECK(origin_allowed("x:443", "https://x"));
  CHECK(origin_allowed("[::1]:9840", "http://[::1]:9840"));
  for (const char* origin :
       {"http://evil.example", "null", "http://x", "http://x:9841", "http://x:9840.evil.example",
        "http://evil.example/x:9840", "x:9840", "//x:9840", "ftp://x:9840", "http://", "https://x",
        "http://y:9840", "http://x:9840, http://x:9840", "file://"}) {
    CAPTURE(origin);
    CHECK(!origin_allowed("x:9840", origin));
  }
  CHECK(!origin_allowed("", "http://"));
}

TEST_CASE("where the browser says how the page relates to the host its word goes") {
  CHECK(origin_allowed("x", "", "same-origin"));
  CHECK(origin_allowed("x", "", "none"));
  // Behind a proxy that replaces the host.
  CHECK(origin_allowed("inner:9840", "https://x", "same-origin"));
  for (const char* site : {"cross-site", "same-site", "SAME-ORIGIN", "same-origin, none", "?"}) {
    CAPTURE(site);
    CHECK(!origin_allowed("x", "", site));
    CHECK(!origin_allowed("x", "http://x", site));
  }
}
