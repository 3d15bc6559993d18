#include "web/routes.hpp"

#include "web/healthy_callbacks.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

using namespace std::chrono_literals;
namespace base = inferometer::base;
using inferometer::config::Web;
using inferometer::http::Handler;
using inferometer::http::Request;
using inferometer::http::Response;
using inferometer::web::Callbacks;
using inferometer::web::make_routes;
using inferometer::web::ProbeRequest;
using inferometer::web::ProbeResult;
using inferometer::web::test::get_from;
using inferometer::web::test::healthy_callbacks;
using inferometer::web::test::k_good_probe;
using inferometer::web::test::k_max_probes;

namespace {

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) {
      return value;
    }
  }
  return "none";
}

}  // namespace

TEST_CASE("each path answers with its content and type") {
  const Callbacks callbacks = healthy_callbacks();
  CHECK(get_from(callbacks, "/metrics").body == "up 1\n");
  CHECK(get_from(callbacks, "/metrics").content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(get_from(callbacks, "/config").body == "providers: []\n");
  CHECK(get_from(callbacks, "/config").content_type == "text/yaml; charset=utf-8");
  CHECK(get_from(callbacks, "/-/healthy").body == "Inferometer is Healthy.\n");
  CHECK(get_from(callbacks, "/-/ready").body == "Inferometer is Ready.\n");
  CHECK(get_from(callbacks, "/").content_type == "text/html; charset=utf-8");
  CHECK(get_from(callbacks, "/").body.find("1.2.3") != std::string::npos);
  for (const char* path : {"/metrics", "/config", "/-/healthy", "/-/ready", "/"}) {
    CHECK(get_from(callbacks, path).status == 200);
  }
}

TEST_CASE("the targets are JSON on their own path and on the page's for clients that accept it") {
  const Handler routes = make_routes(healthy_callbacks(), k_max_probes);
  const Response targets = routes({"GET", "/api/v1/targets", ""});
  CHECK(targets.status == 200);
  CHECK(targets.content_type == "application/json; charset=utf-8");
  CHECK(nlohmann::json::parse(targets.body).at(0).at("provider") == "vllm");
  const Response same = routes({"GET", "/", "", "application/json"});
  CHECK(same.content_type == targets.content_type);
  CHECK(same.body == targets.body);
  CHECK(header(same, "Vary") == "Accept");
  CHECK(nlohmann::json::parse(routes({"GET", "/", "filter=openai", "application/json"}).body)
            .size() == 1);
  for (const char* accept : {"", "*/*", "text/html", "text/html,application/json;q=0.9"}) {
    CAPTURE(accept);
    CHECK(routes({"GET", "/", "", accept}).content_type == "text/html; charset=utf-8");
  }
  CHECK(routes({"GET", "/api/v1/targets", "colour=red"}).status == 400);
  CHECK(routes({"POST", "/api/v1/targets", ""}).status == 405);
}

TEST_CASE("the page takes its filter from the query and has a policy of its own") {
  const Handler routes = make_routes(healthy_callbacks(), k_max_probes);
  const Response page = routes({"GET", "/", "filter=openai&other=1"});
  CHECK(page.status == 200);
  CHECK(page.body.find("<b>openai</b>") != std::string::npos);
  CHECK(page.body.find("<b>vllm</b>") == std::string::npos);
  CHECK(routes({"GET", "/", "filter=%zz"}).status == 400);
  CHECK(header(page, "Content-Security-Policy").find("script-src 'sha256-") != std::string::npos);
  CHECK(header(routes({"GET", "/config", ""}), "Content-Security-Policy").find("script-src") ==
        std::string::npos);
  CHECK(std::ranges::count_if(page.headers, [](const auto& each) {
          return each.first == "Content-Security-Policy";
        }) == 1);
}

TEST_CASE("a daemon that hangs is not healthy and says what hangs") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.health = [] {
    return inferometer::base::Result<void>(inferometer::base::fail("it hangs"));
  };
  CHECK(get_from(callbacks, "/-/healthy").status == 503);
  CHECK(get_from(callbacks, "/-/healthy").body == "it hangs\n");
}

TEST_CASE("paths that are not there are a 404 and not the page") {
  for (const char* path : {"/metric", "/metrics/", "//", "/-/", "/-/health", "", "/favicon.ico",
                           "/../etc/passwd", "http://x/metrics", "*"}) {
    CAPTURE(path);
    CHECK(get_from(healthy_callbacks(), path).status == 404);
    CHECK(get_from(healthy_callbacks(), path).content_type == "text/plain; charset=utf-8");
  }
}

TEST_CASE("a method that a path does not have is a 405 that names the ones it has") {
  const Handler routes = make_routes(healthy_callbacks(), k_max_probes);
  for (const char* path : {"/", "/probe", "/config", "/-/healthy", "/-/ready"}) {
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"}) {
      const Response response = routes({method, path, ""});
      CHECK(response.status == 405);
      CHECK(header(response, "Allow") == "GET, HEAD");
    }
    CHECK(routes({"HEAD", path, "provider=openai&model=o3&workload=chat"}).status == 200);
  }
  CHECK(routes({"HEAD", "/metrics", ""}).status == 200);
  CHECK(routes({"POST", "/metrics", ""}).status == 405);
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
    const Response response = routes({method, "/-/reload", ""});
    CHECK(response.status == 405);
    CHECK(header(response, "Allow") == "POST");
  }
}

TEST_CASE("every response forbids sniffing and caching and active content") {
  for (const char* path : {"/", "/metrics", "/probe", "/nothing"}) {
    const Response response = get_from(healthy_callbacks(), path);
    CHECK(header(response, "X-Content-Type-Options") == "nosniff");
    CHECK(header(response, "Cache-Control") == "no-store");
    CHECK(header(response, "Content-Security-Policy").rfind("default-src 'none'; ", 0) == 0);
  }
}

TEST_CASE("not being ready is a 503 with the reason") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.readiness = [] { return base::Result<void>(base::fail("draining")); };
  CHECK(get_from(callbacks, "/-/ready").status == 503);
  CHECK(get_from(callbacks, "/-/ready").body == "draining\n");
  CHECK(get_from(callbacks, "/-/healthy").status == 200);
}

TEST_CASE("a reload answers with its errors") {
  Callbacks callbacks = healthy_callbacks();
  int reloads = 0;
  callbacks.reload = [&] {
    ++reloads;
    return base::Result<void>();
  };
  CHECK(make_routes(callbacks, k_max_probes)({"POST", "/-/reload", ""}).status == 200);
  CHECK(reloads == 1);
  CHECK(make_routes(callbacks, k_max_probes)({"GET", "/-/reload", ""}).status == 405);
  CHECK(reloads == 1);

  callbacks.reload = [] { return base::Result<void>(base::fail("a.yml:3:1: unknown key x")); };
  const Response failed = make_routes(callbacks, k_max_probes)({"POST", "/-/reload", ""});
  CHECK(failed.status == 500);
  CHECK(failed.body == "a.yml:3:1: unknown key x\n");
}

TEST_CASE("each request is made in the lane of its route") {
  using inferometer::http::Lane;
  using inferometer::web::lane_of;
  CHECK(lane_of("GET /probe?provider=a HTTP/1.1\r\n\r\n") == Lane::waiting);
  CHECK(lane_of("HEAD http://x/probe HTTP/1.1\r\n\r\n") == Lane::waiting);
  CHECK(lane_of("POST /-/reload HTTP/1.1\r\n\r\n") == Lane::waiting);
  CHECK(lane_of("GET /-/healthy HTTP/1.1\r\n\r\n") == Lane::urgent);
  CHECK(lane_of("HEAD /-/ready?x HTTP/1.1\r\n\r\n") == Lane::urgent);
  for (const char* head :
       {"GET /metrics HTTP/1.1\r\nReferer: /probe\r\n\r\n", "GET /%70robe HTTP/1.1\r\n\r\n",
        // Or the threads that wait would make pages beyond what replies may take.
        "GET /metrics?name[]=/probe HTTP/1.1\r\n\r\n", "GET /metrics#/probe HTTP/1.1\r\n\r\n",
        "GET /probe/ HTTP/1.1\r\n\r\n", "GET  /probe HTTP/1.1\r\n\r\n", ""}) {
    CAPTURE(head);
    CHECK(lane_of(head) == Lane::page);
  }
  CHECK(get_from(healthy_callbacks(), "/%70robe").status == 404);
}

TEST_CASE("what costs money or changes something can be switched off and says by which setting") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.settings = [] {
    auto settings = std::make_shared<Web>();
    settings->enable_probe = false;
    settings->enable_lifecycle = false;
    return settings;
  };
  callbacks.probe = [](const ProbeRequest&) -> ProbeResult {
    FAIL("a probe was run");
    return std::string();
  };
  callbacks.reload = []() -> base::Result<void> {
    FAIL("a reload was run");
    return {};
  };
  const Handler routes = make_routes(callbacks, k_max_probes);
  const Response probe = routes({"GET", "/probe", k_good_probe});
  CHECK(probe.status == 403);
  CHECK(probe.body ==
        "/probe is switched off: web.enable_probe in the configuration turns it on\n");
  const Response reload = routes({"POST", "/-/reload", ""});
  CHECK(reload.status == 403);
  CHECK(reload.body ==
        "/-/reload is switched off: web.enable_lifecycle in the configuration turns it on\n");
  CHECK(routes({"GET", "/metrics", ""}).status == 200);
}

TEST_CASE("pages of other origins can neither probe nor reload") {
  Callbacks callbacks = healthy_callbacks();
  int cost = 0;
  callbacks.probe = [&](const ProbeRequest&) {
    ++cost;
    return ProbeResult("done\n");
  };
  callbacks.reload = [&] {
    ++cost;
    return base::Result<void>();
  };
  const Handler routes = make_routes(callbacks, k_max_probes);
  for (Request request :
       {Request{"GET", "/probe", k_good_probe}, Request{"POST", "/-/reload", ""}}) {
    request.host = "x:9840";
    request.headers["origin"] = "http://evil.example";
    const Response refused = routes(request);
    CHECK(refused.status == 403);
    CHECK(refused.body == "pages of other origins may not ask for this\n");
    CHECK(cost == 0);
    request.headers["origin"] = "http://x:9840";
    CHECK(routes(request).status == 200);
    CHECK(std::exchange(cost, 0) == 1);
  }
  Request metrics{"GET", "/metrics", ""};
  metrics.headers["origin"] = "http://evil.example";
  CHECK(routes(metrics).status == 200);
}

TEST_CASE("a foreign host gets nothing but health") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.settings = [] {
    auto settings = std::make_shared<Web>();
    settings->allowed_hosts = {"llm.example"};
    return settings;
  };
  const Handler routes = make_routes(callbacks, k_max_probes);
  const auto status = [&](const char* method, const char* path, const char* host) {
    Request request{method, path, ""};
    request.host = host;
    return routes(request).status;
  };
  for (const char* path : {"/", "/metrics", "/config", "/probe", "/nothing"}) {
    CAPTURE(path);
    CHECK(status("GET", path, "evil.example:9840") == 421);
    CHECK(status("GET", path, "llm.example:9840") != 421);
  }
  CHECK(status("POST", "/-/reload", "evil.example") == 421);
  CHECK(status("GET", "/-/healthy", "evil.example") == 200);
  CHECK(status("GET", "/-/ready", "evil.example") == 200);
}
