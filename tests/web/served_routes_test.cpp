#include "fakes/eventually.hpp"
#include "http/server.hpp"
#include "http/test_client.hpp"
#include "web/healthy_callbacks.hpp"
#include "web/routes.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace base = inferometer::base;
using inferometer::fakes::eventually;
using inferometer::http::Server;
using inferometer::http::test::Answer;
using inferometer::http::test::ask;
using inferometer::http::test::Client;
using inferometer::http::test::get;
using inferometer::http::test::k_patience;
using inferometer::web::Callbacks;
using inferometer::web::test::healthy_callbacks;

namespace {

std::unique_ptr<Server> start(Callbacks callbacks = healthy_callbacks()) {
  auto server = Server::start({"127.0.0.1:0"}, inferometer::web::make_routes(std::move(callbacks)),
                              inferometer::web::lane_of);
  REQUIRE(server);
  return std::move(*server);
}

}  // namespace

TEST_CASE("the routes answer over a socket") {
  const auto server = start();
  const std::uint16_t port = server->ports().at(0);
  const Answer metrics = get(port, "/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.body == "up 1\n");
  CHECK(metrics.has("Content-Type: text/plain; version=0.0.4; charset=utf-8"));
  CHECK(metrics.has("X-Content-Type-Options: nosniff"));
  CHECK(get(port, "/-/healthy").body == "Inferometer is Healthy.\n");
  CHECK(get(port, "/-/ready").body == "Inferometer is Ready.\n");
  CHECK(get(port, "/config").has("Content-Type: text/yaml; charset=utf-8"));
  CHECK(get(port, "/").has("Content-Type: text/html; charset=utf-8"));
  CHECK(get(port, "/probe?provider=vllm&model=meta%2FLlama%203&workload=chat").body ==
        "vllm meta/Llama 3 chat\n");
  CHECK(get(port, "/metrics?name[]=b&name%5B%5D=a").body == "up 1\nb 1\na 1\n");
  CHECK(get(port, "/metrics?nam[]=a").status == 400);
  const Answer measurement = get(port, "/api/v1/measurements/0123456789abcdef");
  CHECK(measurement.status == 200);
  CHECK(measurement.has("Content-Type: application/json; charset=utf-8"));
  CHECK(measurement.has("Vary: Accept"));
  CHECK(ask(port, "GET /api/v1/measurements/0123456789abcdef HTTP/1.1\r\nAccept: text/html")
            .has("Content-Type: text/html; charset=utf-8"));
  CHECK(get(port, "/api/v1/measurements/0123456789abcdee").status == 404);
  CHECK(get(port, "/probe").status == 400);
  CHECK(get(port, "/nothing").status == 404);
  CHECK(ask(port, "POST /-/reload HTTP/1.1\r\nContent-Length: 0").status == 200);
  CHECK(ask(port, "GET /-/reload HTTP/1.1").has("Allow: POST"));
  CHECK(ask(port, "DELETE /metrics HTTP/1.1").status == 405);
  const Answer head = ask(port, "HEAD /metrics HTTP/1.1");
  CHECK(head.status == 200);
  CHECK(head.has("Content-Length: 5"));
  CHECK(head.body.empty());
}

TEST_CASE("hostile requests are refused and the next one is served") {
  const auto server = start();
  const std::uint16_t port = server->ports().at(0);
  for (const std::string& target :
       {std::string("/probe?%"), std::string("/probe?provider=%00&model=%0d%0aX:y&workload=<b>"),
        "/probe?" + std::string(7000, '&') + "x", "/probe?provider=" + std::string(7000, '%'),
        std::string("/probe?provider=openai&provider=openai"), std::string("/%2e%2e/%2e%2e/etc"),
        std::string("/probe??"), std::string("/\xff\xfe")}) {
    CAPTURE(target.substr(0, 40));
    const Answer answer = get(port, target);
    CHECK(answer.status >= 400);
    CHECK(answer.status < 500);
    CHECK(answer.head.find("X:y") == std::string::npos);
  }
  CHECK(get(port, "/" + std::string(20000, 'x')).status == 431);
  CHECK(ask(port, "GET / HTTP/1.1\r\nX: " + std::string(20000, 'x')).status == 431);
  CHECK(get(port, "/metrics").status == 200);
}

TEST_CASE("as many probes as there may be do not hold up a scrape and one more is refused") {
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<std::size_t> begun{0};
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [&](const inferometer::web::ProbeRequest&) {
    ++begun;
    released.wait();
    return inferometer::web::ProbeResult("done\n");
  };
  const auto server = start(callbacks);
  const std::uint16_t port = server->ports().at(0);
  const std::string request =
      "GET /probe?provider=openai&model=o3&workload=chat HTTP/1.1\r\nHost: x\r\nConnection: "
      "close\r\n\r\n";
  std::vector<Client> probes;
  for (std::size_t i = 0; i < inferometer::web::k_max_probes; ++i) {
    probes.emplace_back(port).send(request);
  }
  while (begun < probes.size()) {
    std::this_thread::yield();
  }
  CHECK(get(port, "/metrics").status == 200);
  CHECK(get(port, "/probe?provider=openai&model=o3&workload=chat").status == 429);
  release.set_value();
  for (Client& probe : probes) {
    CHECK(probe.read_all().find("done\n") != std::string::npos);
  }
}

TEST_CASE("scrapes and probes and reloads at once do not disturb each other") {
  std::atomic<int> reloads{0};
  Callbacks callbacks = healthy_callbacks();
  callbacks.reload = [&] {
    ++reloads;
    return base::Result<void>();
  };
  const auto server = start(callbacks);
  const std::uint16_t port = server->ports().at(0);
  std::vector<std::thread> clients;
  clients.reserve(8);
  std::atomic<int> good{0};
  for (int thread = 0; thread < 8; ++thread) {
    clients.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        good += get(port, "/metrics").status == 200 ? 1 : 0;
        good += get(port, "/").status == 200 ? 1 : 0;
        const int reloaded = ask(port, "POST /-/reload HTTP/1.1").status;
        good += reloaded == 200 || reloaded == 429 ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  CHECK(good == 8 * 25 * 3);
  CHECK(reloads > 0);
}

TEST_CASE("a probe learns that its client has left and two that ask the same are two") {
  std::atomic<int> begun{0};
  std::atomic<int> cut{0};
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [&](const inferometer::web::ProbeRequest& request) {
    std::promise<void> left;
    const std::stop_callback callback(request.client_left, [&] { left.set_value(); });
    ++begun;
    left.get_future().wait();
    ++cut;
    return inferometer::web::ProbeResult("for nobody\n");
  };
  const auto server = start(callbacks);
  const std::uint16_t port = server->ports().at(0);
  std::vector<Client> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back(port).send(
        "GET /probe?provider=openai&model=o3&workload=chat HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  REQUIRE(eventually([&] { return begun == 2; }, k_patience));
  clients[0].leave();
  REQUIRE(eventually([&] { return cut == 1; }, k_patience));
  clients[1].reset();
  REQUIRE(eventually([&] { return cut == 2; }, k_patience));
}

TEST_CASE("health and readiness are answered while probes and reloads and pages are all held") {
  std::promise<void> release;
  const auto released = release.get_future().share();
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [&](const inferometer::web::ProbeRequest&) {
    released.wait();
    return inferometer::web::ProbeResult("done\n");
  };
  callbacks.reload = [&] {
    released.wait();
    return base::Result<void>();
  };
  callbacks.redacted_config = [&] {
    released.wait();
    return std::string("providers: []\n");
  };
  const auto server = start(callbacks);
  const std::uint16_t port = server->ports().at(0);
  std::vector<Client> clients;
  for (int i = 0; i < 60; ++i) {
    for (const char* request : {"GET /probe?provider=openai&model=o3&workload=chat HTTP/1.1",
                                "POST /-/reload HTTP/1.1", "GET /config HTTP/1.1"}) {
      clients.emplace_back(port).send(std::string(request) +
                                      "\r\nHost: x\r\nX: " + std::to_string(i) + "\r\n\r\n");
    }
  }
  CHECK(get(port, "/-/healthy").status == 200);
  CHECK(get(port, "/-/ready").status == 200);
  release.set_value();
}
