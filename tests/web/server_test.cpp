#include "web/server.hpp"

#include "web/healthy_callbacks.hpp"
#include "web/test_client.hpp"

#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace base = inferometer::base;
using inferometer::exposition::Format;
using inferometer::web::Callbacks;
using inferometer::web::Server;
using inferometer::web::Status;
using inferometer::web::test::Answer;
using inferometer::web::test::ask;
using inferometer::web::test::Client;
using inferometer::web::test::get;
using inferometer::web::test::healthy_callbacks;

namespace {

std::unique_ptr<Server> start(Callbacks callbacks = healthy_callbacks(),
                              const std::vector<std::string>& listen = {"127.0.0.1:0"}) {
  auto server = Server::start(listen, std::move(callbacks));
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

TEST_CASE("a request body is neither read nor unpacked and does not spoil the reply") {
  const auto server = start();
  const std::uint16_t port = server->ports().at(0);
  for (const char* header : {"Content-Length: 1000000", "Transfer-Encoding: chunked",
                             "Content-Encoding: br\r\nContent-Length: 1000000",
                             "Expect: 100-continue\r\nContent-Length: 1000000"}) {
    CAPTURE(header);
    Client client(port);
    client.send(std::string("POST /-/reload HTTP/1.1\r\n") + header + "\r\n\r\n");
    client.send(std::string(1000000, 'x'));
    CHECK(client.read_all().find("HTTP/1.1 200 OK\r\n") != std::string::npos);
  }
}

TEST_CASE("a client that accepts gzip gets the body gzipped exactly once") {
  Callbacks callbacks = healthy_callbacks();
  std::string body;
  for (int i = 0; i < 10000; ++i) {
    body += "metric_" + std::to_string(i) + " 1\n";
  }
  callbacks.metrics = [&](Format, const std::vector<std::string>&) { return body; };
  const auto server = start(callbacks);
  httplib::Client client("127.0.0.1", server->ports().at(0));
  const auto unpacked = client.Get("/metrics", {{"Accept-Encoding", "gzip"}});
  REQUIRE(unpacked);
  CHECK(unpacked->get_header_value("Content-Encoding") == "gzip");
  CHECK(unpacked->body == body);
  const auto plain = client.Get("/metrics", {{"Accept-Encoding", "identity"}});
  REQUIRE(plain);
  CHECK(!plain->has_header("Content-Encoding"));
  CHECK(plain->body == body);
}

TEST_CASE("an exception of a callback is a 500 and the server goes on") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.metrics = [](Format, const std::vector<std::string>&) -> std::string {
    throw std::runtime_error("secret detail");
  };
  callbacks.status = []() -> Status { throw 7; };
  const auto server = start(callbacks);
  const std::uint16_t port = server->ports().at(0);
  for (const char* path : {"/metrics", "/"}) {
    const Answer answer = get(port, path);
    CHECK(answer.status == 500);
    CHECK(answer.body == "internal error: the daemon's log says more\n");
  }
  CHECK(get(port, "/-/healthy").status == 200);
}

TEST_CASE("as many probes as there may be do not hold up a scrape and one more is refused") {
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<std::size_t> begun{0};
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [&](const inferometer::web::ProbeRequest&) {
    ++begun;
    released.wait();
    return base::Result<std::string>("done\n");
  };
  const auto server = start(callbacks);
  const std::uint16_t port = server->ports().at(0);
  const std::string request =
      "GET /probe?provider=openai&model=o3&workload=chat HTTP/1.1\r\nConnection: close\r\n\r\n";
  std::vector<Client> probes;
  for (std::size_t i = 0; i < inferometer::web::Limits().probes; ++i) {
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

TEST_CASE("several listeners serve the same") {
  const auto server = start(healthy_callbacks(), {"127.0.0.1:0", "127.0.0.1:0"});
  REQUIRE(server->ports().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(server->addresses().at(i) == "127.0.0.1:" + std::to_string(server->ports().at(i)));
    CHECK(get(server->ports().at(i), "/metrics").body == "up 1\n");
  }
}

TEST_CASE("a port in use is an error and the first server keeps it") {
  const auto first = start();
  const auto second = Server::start(first->addresses(), healthy_callbacks());
  REQUIRE(!second);
  CHECK(second.error().message.find("address already in use") != std::string::npos);
  for (int i = 0; i < 20; ++i) {
    CHECK(get(first->ports().at(0), "/metrics").status == 200);
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
        good += ask(port, "POST /-/reload HTTP/1.1").status == 200 ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  CHECK(good == 8 * 25 * 3);
  CHECK(reloads == 8 * 25);
}

TEST_CASE("stop frees the port and may come twice") {
  const auto server = start();
  server->stop();
  server->stop();
  CHECK(start(healthy_callbacks(), server->addresses()) != nullptr);
}
