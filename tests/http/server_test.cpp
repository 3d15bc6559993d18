#include "http/server.hpp"

#include "fakes/eventually.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>
#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using inferometer::fakes::eventually;
using inferometer::http::Handler;
using inferometer::http::Lane;
using inferometer::http::Limits;
using inferometer::http::Request;
using inferometer::http::Response;
using inferometer::http::Server;
using inferometer::http::test::Answer;
using inferometer::http::test::ask;
using inferometer::http::test::Client;
using inferometer::http::test::get;
using inferometer::http::test::parse_answer;

using namespace std::chrono_literals;

namespace {

const std::string k_body = "up 1\n";

Response say_up(const Request& /*request*/) {
  Response response;
  response.body = k_body;
  return response;
}

Lane all_pages(std::string_view /*head*/) {
  return Lane::page;
}

std::unique_ptr<Server> start(Handler handler = say_up,
                              const std::vector<std::string>& listen = {"127.0.0.1:0"}) {
  auto server = Server::start(listen, std::move(handler), all_pages);
  REQUIRE(server);
  return std::move(*server);
}

}  // namespace

TEST_CASE("what the handler answers comes over a socket") {
  const auto server = start([](const Request& request) {
    return Response{201, "text/yaml", request.method + " " + request.path + "\n", {{"X-A", "b"}}};
  });
  const std::uint16_t port = server->ports().at(0);
  const Answer answer = get(port, "/some/page?query");
  CHECK(answer.status == 201);
  CHECK(answer.body == "GET /some/page\n");
  CHECK(answer.has("Content-Type: text/yaml"));
  CHECK(answer.has("X-A: b"));
  CHECK(ask(port, "DELETE /x HTTP/1.1").body == "DELETE /x\n");
  const Answer head = ask(port, "HEAD /x HTTP/1.1");
  CHECK(head.status == 201);
  CHECK(head.has("Content-Length: 8"));
  CHECK(head.body.empty());
}

TEST_CASE("a request head that is too large is refused and the next one is served") {
  const auto server = start();
  const std::uint16_t port = server->ports().at(0);
  CHECK(get(port, "/" + std::string(20000, 'x')).status == 431);
  CHECK(ask(port, "GET / HTTP/1.1\r\nX: " + std::string(20000, 'x')).status == 431);
  CHECK(get(port, "/").status == 200);
}

TEST_CASE("a request body is neither read nor unpacked and does not spoil the reply") {
  const auto server = start();
  const std::uint16_t port = server->ports().at(0);
  for (const char* header : {"Content-Length: 1000000", "Transfer-Encoding: chunked",
                             "Content-Encoding: br\r\nContent-Length: 1000000",
                             "Expect: 100-continue\r\nContent-Length: 1000000"}) {
    CAPTURE(header);
    Client client(port);
    client.send(std::string("POST / HTTP/1.1\r\nHost: x\r\n") + header + "\r\n\r\n");
    client.send(std::string(1000000, 'x'));
    // Not "100 Continue" either: the body is not wanted.
    CHECK(client.read_all().starts_with("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_CASE("a client that accepts gzip gets the body gzipped exactly once") {
  std::string body;
  for (int i = 0; i < 10000; ++i) {
    body += "metric_" + std::to_string(i) + " 1\n";
  }
  const auto server = start([&](const Request&) {
    Response response;
    response.body = body;
    return response;
  });
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

TEST_CASE("an exception of the handler is a 500 and the server goes on") {
  const auto server = start([](const Request& request) -> Response {
    if (request.path == "/metrics") {
      throw std::runtime_error("secret detail");
    }
    if (request.path == "/") {
      throw 7;
    }
    return say_up(request);
  });
  const std::uint16_t port = server->ports().at(0);
  for (const char* path : {"/metrics", "/"}) {
    const Answer answer = get(port, path);
    CHECK(answer.status == 500);
    CHECK(answer.body == "internal error: the daemon's log says more\n");
  }
  CHECK(get(port, "/other").status == 200);
}

TEST_CASE("pages that are large together are made one after the other and small ones at once") {
  constexpr std::size_t k_large = 600'000;
  Limits limits;
  limits.unsent_bytes = 2 * k_large - 1;
  const auto most_at_once = [&limits](std::size_t page_bytes) {
    std::atomic<int> at_work{0};
    std::atomic<int> most{0};
    auto server = Server::start(
        {"127.0.0.1:0"},
        [&](const Request&) {
          most = std::max<int>(most, ++at_work);
          // Time for another one to begin, if one may.
          static_cast<void>(eventually([&] { return most > 1; }, 30ms));
          --at_work;
          Response response;
          response.body.assign(page_bytes, 'x');
          return response;
        },
        all_pages, limits);
    REQUIRE(server);
    const std::uint16_t port = (*server)->ports().at(0);
    CHECK(get(port, "/").body.size() == page_bytes);  // now their size is known
    std::vector<Client> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back(port).send("GET /?" + std::to_string(i) +
                                      " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }
    for (Client& client : clients) {
      CHECK(parse_answer(client.read_all()).body.size() == page_bytes);
    }
    return most.load();
  };
  CHECK(most_at_once(k_large) == 1);
  CHECK(most_at_once(1000) > 1);
}

TEST_CASE("several listeners serve the same") {
  const auto server = start(say_up, {"127.0.0.1:0", "127.0.0.1:0"});
  REQUIRE(server->ports().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(server->addresses().at(i) == "127.0.0.1:" + std::to_string(server->ports().at(i)));
    CHECK(get(server->ports().at(i), "/metrics").body == k_body);
  }
}

TEST_CASE("a port in use is an error and the first server keeps it") {
  const auto first = start();
  const auto second = Server::start(first->addresses(), say_up, all_pages);
  REQUIRE(!second);
  CHECK(second.error().message.find("address already in use") != std::string::npos);
  for (int i = 0; i < 20; ++i) {
    CHECK(get(first->ports().at(0), "/metrics").status == 200);
  }
}

TEST_CASE("stop frees the port and may come twice") {
  const auto server = start();
  server->stop();
  server->stop();
  CHECK(start(say_up, server->addresses()) != nullptr);
}
