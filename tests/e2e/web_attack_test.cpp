#include "e2e/system.hpp"
#include "fakes/raw_http_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

/// What clients can do to the daemon, over real sockets.
namespace inferometer::e2e {
namespace {

using namespace std::chrono_literals;
using fakes::RawHttpClient;
using fakes::RawResponse;
using Seconds = std::chrono::duration<double>;

/// What a kubelet waits by default.
constexpr Seconds k_liveness_timeout{1};
constexpr long k_memory_bound = 64 * 1024;  // KiB

/// `models` × 10 targets, each probed every ten seconds.
std::string configuration(const std::string& url, int models, std::string_view more = "") {
  std::string names;
  std::string workloads;
  std::string workload_names;
  for (int i = 0; i < models; ++i) {
    names += fmt::format("m{},", i);
  }
  for (int i = 0; i < 10; ++i) {
    workloads += fmt::format("  - {{name: w{}, input_tokens: 16, output_tokens: 4}}\n", i);
    workload_names += fmt::format("w{},", i);
  }
  return fmt::format(
      "providers: [{{name: p, protocol: openai-chat, base_url: \"{}\", models: [{}]}}]\n"
      "workloads:\n{}"
      "probes: [{{providers: [p], workloads: [{}], interval: 10s}}]\n{}\n",
      url, names, workloads, workload_names, more);
}

Seconds time_of(std::uint16_t port, std::string_view path) {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(http("GET", port, path).status == 200);
  return std::chrono::steady_clock::now() - begin;
}

/// The longest of some answers about health.
Seconds slowest_health(std::uint16_t port) {
  Seconds slowest{0};
  for (int i = 0; i < 10; ++i) {
    slowest = std::max(slowest, time_of(port, "/-/healthy"));
    slowest = std::max(slowest, time_of(port, "/-/ready"));
  }
  return slowest;
}

/// Clients that each ask for a page of their own, which no other can share.
std::vector<RawHttpClient> ask_for_pages(std::uint16_t port, int count) {
  std::vector<RawHttpClient> clients;
  for (int i = 0; i < count; ++i) {
    clients.emplace_back(port).send(fmt::format(
        "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nX-N: {}\r\n\r\n", i));
  }
  return clients;
}

/// Everything that comes back to these bytes until the connection ends.
std::string exchange(std::uint16_t port, std::string_view bytes) {
  RawHttpClient client(port);
  client.send(bytes);
  CHECK(client.receive_all());
  return client.buffer();
}

/// The most memory that the process ever had, in KiB.
long peak_memory(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string field; status >> field;) {
    if (field == "VmHWM:") {
      long kibibytes = 0;
      status >> kibibytes;
      return kibibytes;
    }
  }
  FAIL("no VmHWM");
  return 0;
}

}  // namespace

TEST_CASE("health is answered in time while 500 clients ask for pages of 1,000 targets and leave") {
  const TemporaryFolder folder;
  const Simulator simulator({"--set", "itl=1ms"});
  const Daemon daemon(folder, configuration(simulator.url(), 100));
  // With samples in most targets a page has its full size.
  REQUIRE(
      eventually([&] { return daemon.metrics().size() > 12'000'000; }, std::chrono::seconds(90)));
  CHECK(slowest_health(daemon.port()) <= k_liveness_timeout);

  ask_for_pages(daemon.port(), 500);
  CHECK(slowest_health(daemon.port()) <= k_liveness_timeout);
  // What they asked for is not made: a scrape that comes after them is not behind 500 pages.
  const Seconds scrape = time_of(daemon.port(), "/metrics");
  CAPTURE(scrape.count());
  CHECK(scrape <= Seconds(10));

  const std::vector<RawHttpClient> waiting = ask_for_pages(daemon.port(), 700);
  CHECK(slowest_health(daemon.port()) <= k_liveness_timeout);
}

TEST_CASE("a client that ends its sending side alone gets the whole page") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator.url(), 10));
  for (int i = 0; i < 20; ++i) {
    RawHttpClient client(daemon.port());
    client.send(fmt::format("GET /metrics HTTP/1.1\r\nHost: x\r\nX-N: {}\r\n\r\n", i));
    REQUIRE(::shutdown(client.fd(), SHUT_WR) == 0);
    const RawResponse response = client.read_response();
    CHECK(response.status == 200);
    CHECK(response.complete);
    CHECK(client.receive_all());
    CHECK(client.end() == RawHttpClient::End::closed);
  }
}

TEST_CASE("nothing behind an ambiguous request is taken for another one") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator.url(), 1));
  const std::string smuggled = "GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string_view lines :
       {"Host: x\r\nContent-Length : 5\r\n",
        "Host: x\r\nContent-Length: 5\r\nContent-Length: 0\r\n",
        "Host: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n",
        "Host: x\r\nContent-Length: 0, 5\r\n", "Host: x\r\nContent-Length: 5x\r\n",
        "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n",
        "Host: x\r\nTransfer-Encoding: xchunked\r\n", "Host: x\r\nTransfer-Encoding : chunked\r\n",
        "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Host: x\r\nTransfer-Encoding:\r\n chunked\r\n", "Host: x\r\nX: a\r\n\tb\r\n",
        "Host: x\r\nX: a\rContent-Length: 5\r\n", "Host: x\r\nX: a\nContent-Length: 5\r\n",
        "Host: x\r\nX y: z\r\n", "Host: x\r\n: z\r\n", "Host: x\r\nHost: y\r\n", "X: y\r\n"}) {
    CAPTURE(lines);
    const std::string reply = exchange(
        daemon.port(), fmt::format("GET /-/healthy HTTP/1.1\r\n{}\r\n{}", lines, smuggled));
    CHECK(reply.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    CHECK(reply.find("Ready") == std::string::npos);
    CHECK(reply.find("\r\nConnection: close\r\n") != std::string::npos);
  }
  const std::string nul =
      fmt::format("GET /-/healthy HTTP/1.1\r\nHost: x\r\nX: a{}b\r\n\r\n", '\0');
  CHECK(exchange(daemon.port(), nul).starts_with("HTTP/1.1 400 "));
  CHECK(
      exchange(daemon.port(), "GET /-/healthy HTTP/1.1\nHost: x\n\n").starts_with("HTTP/1.1 400 "));
  // One with a body is answered, and what follows is none.
  const std::string body =
      exchange(daemon.port(),
               fmt::format("GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
                           smuggled.size(), smuggled));
  CHECK(body.find("Healthy") != std::string::npos);
  CHECK(body.find("Ready") == std::string::npos);
}

TEST_CASE("odd targets are answered by an error or by what they name") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator.url(), 1));
  const auto status = [&](std::string_view line) {
    const std::string reply = exchange(
        daemon.port(), fmt::format("{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", line));
    return reply.substr(std::min<std::size_t>(reply.size(), 9), 3);
  };
  CHECK(status("GET http://x/-/healthy") == "200");
  CHECK(status("OPTIONS *") == "404");
  CHECK(status("GET *") == "400");
  CHECK(status("CONNECT x:80") == "400");
  CHECK(status("GET /metrics%00") == "404");
  CHECK(status("GET /-/healthy%0d%0aX:y") == "404");
  CHECK(status("GET /metrics?name[]=%00") == "400");
  CHECK(status("GET /metrics?" + std::string(7000, '&')) == "200");
  CHECK(status("GET /metrics?" + std::string(9000, 'x')) == "414");
  CHECK(status("GET /metrics?" + std::string(17000, 'x')) == "431");
  CHECK(status("BREW /metrics") == "400");
  CHECK(status("TRACE /metrics") == "405");
}

TEST_CASE("pages of other origins and foreign hosts and switches are refused") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const std::string probe = "/probe?provider=p&model=m0&workload=w0";
  {
    const Daemon daemon(folder, configuration(simulator.url(), 1,
                                              "web: {allowed_hosts: [localhost, llm.example]}"));
    CHECK(http("GET", daemon.port(), probe).status == 200);
    for (const std::string_view header : {"Origin: http://evil.example\r\n", "Origin: null\r\n",
                                          "Sec-Fetch-Site: cross-site\r\n"}) {
      CHECK(http("GET", daemon.port(), probe, header).status == 403);
      CHECK(http("POST", daemon.port(), "/-/reload", header).status == 403);
      CHECK(http("GET", daemon.port(), "/metrics", header).status == 200);
    }
    CHECK(http("GET", daemon.port(), probe, "Origin: http://localhost\r\n").status == 200);
    const auto with_host = [&](std::string_view path, std::string_view host) {
      return exchange(daemon.port(),
                      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path,
                                  host))
          .substr(0, 12);
    };
    CHECK(with_host("/metrics", "evil.example") == "HTTP/1.1 421");
    CHECK(with_host("/metrics", "LLM.example:9840") == "HTTP/1.1 200");
    CHECK(with_host("/metrics", "10.1.2.3:9840") == "HTTP/1.1 200");
    CHECK(with_host("/-/healthy", "evil.example") == "HTTP/1.1 200");
    folder.write("inferometer.yml",
                 configuration(simulator.url(), 1, "web: {enable_probe: false}"));
    CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
    const HttpReply off = http("GET", daemon.port(), probe);
    CHECK(off.status == 403);
    CHECK(off.body.find("web.enable_probe") != std::string::npos);
    CHECK(with_host("/metrics", "evil.example") == "HTTP/1.1 200");
  }
  const Daemon daemon(folder, configuration(simulator.url(), 1, "web: {enable_lifecycle: false}"));
  const HttpReply off = http("POST", daemon.port(), "/-/reload");
  CHECK(off.status == 403);
  CHECK(off.body.find("web.enable_lifecycle") != std::string::npos);
}

TEST_CASE("reloads are limited and leave health alone") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator.url(), 1));
  std::vector<RawHttpClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(daemon.port())
        .send(fmt::format("POST /-/reload HTTP/1.1\r\nHost: x\r\nX-N: {}\r\n\r\n", i));
  }
  CHECK(slowest_health(daemon.port()) <= k_liveness_timeout);
  int reloaded = 0;
  int refused = 0;
  for (RawHttpClient& client : clients) {
    const RawResponse response = client.read_response();
    reloaded += response.status == 200 ? 1 : 0;
    refused += response.status == 429 && response.headers.contains("retry-after") ? 1 : 0;
  }
  CHECK(reloaded >= 1);
  CHECK(refused >= 100);
  CHECK(reloaded + refused == 200);
}

// A sanitizer's memory is not the daemon's.
TEST_CASE("no attack makes a small daemon large" * doctest::skip(INFEROMETER_SANITIZED != 0)) {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator.url(), 1));
  REQUIRE(eventually([&] { return daemon.metrics().find("_bucket") != std::string::npos; }));
  const auto check_memory = [&](std::string_view attack) {
    const long peak = peak_memory(daemon.process().pid());
    MESSAGE(std::string(attack) << ": at most " << peak << " KiB resident");
    CHECK(peak <= k_memory_bound);
    CHECK(time_of(daemon.port(), "/-/healthy") <= k_liveness_timeout);
  };

  std::string ranges = "Range: bytes=0-";
  while (ranges.size() < 8000) {
    ranges += ",0-";
  }
  for (int i = 0; i < 50; ++i) {
    const std::string reply = exchange(
        daemon.port(),
        fmt::format("GET /metrics HTTP/1.1\r\nHost: x\r\n{}\r\nConnection: close\r\n\r\n", ranges));
    CHECK(reply.starts_with("HTTP/1.1 200 OK\r\n"));
    REQUIRE(reply.size() < 4'000'000);
  }
  check_memory("ranges");
  {
    std::vector<RawHttpClient> half;
    for (int i = 0; i < 600; ++i) {
      half.emplace_back(daemon.port())
          .send("GET /metrics HTTP/1.1\r\nX: " + std::string(16000, 'x'));
    }
    check_memory("heads without an end");
  }
  {
    const std::vector<RawHttpClient> deaf = ask_for_pages(daemon.port(), 600);
    check_memory("replies that nobody reads");
  }
  ask_for_pages(daemon.port(), 2000);
  check_memory("clients that leave");
  for (int i = 0; i < 200; ++i) {
    std::string names;
    for (int name = 0; name < 1000; ++name) {
      names += "a:\r\n";
    }
    exchange(daemon.port(),
             fmt::format("GET /metrics HTTP/1.1\r\nHost: x\r\n{}Connection: close\r\n\r\n", names));
  }
  check_memory("many headers");
}

}  // namespace inferometer::e2e
