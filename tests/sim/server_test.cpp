#include "sim/server.hpp"

#include "fakes/ipv6.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::sim::server_test {
using namespace std::chrono_literals;
using namespace inferometer::sim::testing;
using inferometer::fakes::RawHttpClient;
using inferometer::fakes::RawResponse;

namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

std::string start_error(Options options) {
  const auto server = Server::start(std::move(options));
  return server ? "" : server.error().message;
}

}  // namespace

TEST_CASE("a port in use is an error that says so") {
  const Server first = start();
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  const std::string error = start_error({.listen = address});
  CHECK(error.find(address) != std::string::npos);
  CHECK(error.find("address already in use") != std::string::npos);
  CHECK(error.find("choose another --listen") != std::string::npos);
}

TEST_CASE("a port alone listens on all interfaces, over IPv4 and IPv6") {
  const Server server = start({.listen = ":0"});
  RawHttpClient over_ipv4(server.port());
  over_ipv4.send(get("/healthz"));
  CHECK(over_ipv4.read_response().status == 200);
  if (inferometer::fakes::machine_has_ipv6()) {
    CHECK(inferometer::fakes::connects_over_ipv6(server.port()));
  } else {
    MESSAGE("this machine has no IPv6");
  }
}

TEST_CASE("options that make no sense are refused") {
  CHECK(start_error({.profile = "gpt-9"}).find("there is no profile 'gpt-9'") == 0);
  CHECK(start_error({.slowdown = 0.5}).find("slots") != std::string::npos);
  CHECK(start_error({.slots = 1, .slowdown = -0.5}).find("-0.5") != std::string::npos);
  CHECK(start_error({.listen = "here"}).find("host:port") != std::string::npos);
}

TEST_CASE("the defaults of the server are those of every request") {
  const Server server = start({.profile = "gpt-4o",
                               .behaviour = {.ttft = Distribution::constant(1ms),
                                             .itl = Distribution::constant(1ms),
                                             .output_tokens = 3,
                                             .line_ending = LineEnding::crlf,
                                             .stamp = true}});
  RawHttpClient client(server.port());
  client.send(post(k_chat, R"({"model":"m","messages":[{"role":"user"}],"stream":true})"));
  const RawResponse response = client.read_response();
  CHECK(stamps(response.body).size() == 3);
  CHECK(payloads(response.body, "\r\n").size() == 6);
  client.send(get("/v1/models"));
  CHECK(client.read_response().body.find("gpt-4o") != std::string::npos);
}

TEST_CASE("a key is asked for") {
  const Server server = start({.key = inferometer::base::Secret("sk-test")});
  RawHttpClient client(server.port());
  client.send(fast_chat());
  CHECK(client.read_response().status == 401);
  client.send(fast_chat("Authorization: Bearer sk-test\r\n"));
  CHECK(client.read_response().status == 200);
}

TEST_CASE("a stop with streams and waiting requests and idle clients returns promptly") {
  Server server = start({.slots = 20});
  std::vector<RawHttpClient> clients;
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(fast_chat("X-Sim-Fault: trickle\r\n"));
  }
  clients.emplace_back(server.port());
  REQUIRE(clients.front().receive_until("data: "));
  const auto begin = std::chrono::steady_clock::now();
  server.stop();
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  for (RawHttpClient& client : clients) {
    CHECK(client.receive_all());
  }
  CHECK(server.open_connections() == 0);
  CHECK(server.waiting() == 0);
  server.stop();
  CHECK_THROWS(RawHttpClient(server.port()));
}

TEST_CASE("a server can be moved and serves on") {
  Server server = start();
  const Server moved = std::move(server);
  RawHttpClient client(moved.port());
  client.send(get("/healthz"));
  CHECK(client.read_response().status == 200);
}

TEST_CASE("a port is free again once its server is gone") {
  Server server = start();
  const std::string address = "127.0.0.1:" + std::to_string(server.port());
  RawHttpClient client(server.port());
  client.send(fast_chat());
  CHECK(client.read_response().complete);
  // The end that closes first keeps the port of its connection for a minute.
  server.stop();
  CHECK(client.receive_all());
  CHECK(start_error({.listen = address}).empty());
}

TEST_CASE("a client beyond the limit of connections is served when another has gone") {
  const Server server = start({.max_connections = 2});
  RawHttpClient third = [&] {
    RawHttpClient first(server.port());
    RawHttpClient second(server.port());
    first.send(get("/healthz"));
    CHECK(first.read_response().status == 200);
    second.send(get("/healthz"));
    CHECK(second.read_response().status == 200);
    RawHttpClient waiting(server.port());
    waiting.send(get("/healthz"));
    CHECK(!waiting.receive(150ms));
    CHECK(server.open_connections() == 2);
    return waiting;
  }();
  CHECK(third.read_response().status == 200);
}

TEST_CASE("a thousand streams at once are all whole") {
  raise_descriptor_limit();
  const Server server = start();
  constexpr std::size_t k_streams = 1000;
  std::vector<RawHttpClient> clients;
  for (std::size_t i = 0; i < k_streams; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(fast_chat("X-Sim-Ttft: 50ms\r\nX-Sim-Itl: 20ms\r\n", 20));
  }
  std::size_t whole = 0;
  for (RawHttpClient& client : clients) {
    const RawResponse response = client.read_response();
    whole += response.complete && payloads(response.body).size() == 23 ? 1U : 0U;
  }
  CHECK(whole == k_streams);
  CHECK(server.requests() == k_streams);
  CHECK(server.open_connections() == k_streams);
}

}  // namespace inferometer::sim::server_test
