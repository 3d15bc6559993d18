#include "web/healthy_callbacks.hpp"
#include "web/routes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;
namespace base = inferometer::base;
using inferometer::config::TargetKey;
using inferometer::http::Handler;
using inferometer::http::Request;
using inferometer::http::Response;
using inferometer::web::Callbacks;
using inferometer::web::make_routes;
using inferometer::web::ProbeRefusal;
using inferometer::web::ProbeRequest;
using inferometer::web::ProbeResult;
using inferometer::web::test::get_from;
using inferometer::web::test::healthy_callbacks;
using inferometer::web::test::k_good_probe;
using inferometer::web::test::k_max_probes;

namespace {

Response probe(const std::string& query) {
  return get_from(healthy_callbacks(), "/probe", query);
}

}  // namespace

TEST_CASE("a probe runs at the configured target that was named") {
  const Response response = probe("model=meta%2FLlama+3&provider=vllm&workload=chat");
  CHECK(response.status == 200);
  CHECK(response.body == "vllm meta/Llama 3 chat\n");
  CHECK(response.content_type == "text/plain; version=0.0.4; charset=utf-8");

  const Response debug = probe("provider=openai&model=o3&workload=chat&debug=true");
  CHECK(debug.body == "openai o3 chat debug\n");
  CHECK(debug.content_type == "text/plain; charset=utf-8");
  CHECK(probe("provider=openai&model=o3&workload=chat&debug=false").body == "openai o3 chat\n");
}

TEST_CASE("a probe without a configured target is a 400 that says what there is") {
  const auto refused = [](const std::string& query) {
    const Response response = probe(query);
    CHECK(response.status == 400);
    return response.body;
  };
  CHECK(refused("") == "provider is missing; configured: openai, vllm\n");
  CHECK(refused("model=o3&workload=chat") == "provider is missing; configured: openai, vllm\n");
  CHECK(refused("provider=OpenAI&model=o3&workload=chat") ==
        "unknown provider \"OpenAI\"; configured: openai, vllm\n");
  CHECK(refused("provider=openai&workload=chat") == "model is missing; configured: gpt-4o, o3\n");
  CHECK(refused("provider=vllm&model=o3&workload=chat") ==
        "unknown model \"o3\"; configured: meta/Llama 3\n");
  CHECK(refused("provider=openai&model=gpt-4o") == "workload is missing; configured: chat, long\n");
  CHECK(refused("provider=openai&model=o3&workload=long") ==
        "unknown workload \"long\"; configured: chat\n");
}

TEST_CASE("a probe with odd parameters is a 400 and runs nothing") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [](const ProbeRequest&) -> ProbeResult {
    FAIL("a probe was run");
    return std::string();
  };
  const std::string& good = k_good_probe;
  for (const char* more :
       {"&provider=openai", "&target=http://169.254.169.254/", "&debug=1", "&debug=TRUE",
        "&debug=", "&debug=true&debug=true", "&Debug=true", "&=", "&%", "&x=%zz", "&x=%00"}) {
    CAPTURE(more);
    CHECK(get_from(callbacks, "/probe", good + more).status == 400);
  }
  CHECK(get_from(callbacks, "/probe", good + "&timeout=1s").body ==
        "unknown query parameter timeout: there are provider, model, workload and debug\n");
  CHECK(get_from(callbacks, "/probe", good + "&debug=1").body == "debug must be true or false\n");
  for (const char* bad : {"provider=openai%00&model=o3&workload=chat", "provider[]=openai",
                          "provider=openai;model=o3;workload=chat"}) {
    CAPTURE(bad);
    CHECK(get_from(callbacks, "/probe", bad).status == 400);
  }
}

TEST_CASE("a probe without any configured targets says so") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.targets = [] { return std::vector<TargetKey>(); };
  const Response response = get_from(callbacks, "/probe", "provider=a&model=b&workload=c");
  CHECK(response.status == 400);
  CHECK(response.body == "no probes are configured\n");
}

TEST_CASE("a probe that cannot be run is a 503 with the reason") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [](const ProbeRequest&) {
    return ProbeResult(tl::make_unexpected(ProbeRefusal{.message = "the daemon is stopping"}));
  };
  const Response response = get_from(callbacks, "/probe", "provider=openai&model=o3&workload=chat");
  CHECK(response.status == 503);
  CHECK(response.body == "the daemon is stopping\n");
}

TEST_CASE("more probes at once than allowed are a 429 until one has ended") {
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<std::size_t> begun{0};
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [&](const ProbeRequest&) {
    ++begun;
    released.wait();
    return ProbeResult("done\n");
  };
  const Handler routes = make_routes(callbacks, k_max_probes);
  const auto ask = [&] {
    return routes({"GET", "/probe", "provider=openai&model=o3&workload=chat"});
  };
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < k_max_probes; ++i) {
    running.emplace_back([&] { CHECK(ask().status == 200); });
  }
  while (begun < k_max_probes) {
    std::this_thread::yield();
  }
  const Response refused = ask();
  CHECK(refused.status == 429);
  CHECK(refused.body == "2 probes are running on request: try again later\n");
  CHECK(routes({"GET", "/metrics", ""}).status == 200);
  release.set_value();
  for (std::thread& thread : running) {
    thread.join();
  }
  CHECK(ask().status == 200);
}

TEST_CASE("a probe that throws gives its place back") {
  Callbacks callbacks = healthy_callbacks();
  callbacks.probe = [](const ProbeRequest&) -> ProbeResult { throw std::runtime_error("broken"); };
  const Handler routes = make_routes(callbacks, k_max_probes);
  for (std::size_t i = 0; i < 2 * k_max_probes; ++i) {
    CHECK_THROWS_AS(routes({"GET", "/probe", "provider=openai&model=o3&workload=chat"}),
                    std::runtime_error);
  }
}

TEST_CASE("a probe has the time that Prometheus waits less that of the answer") {
  Callbacks callbacks = healthy_callbacks();
  std::optional<base::Duration> timeout;
  callbacks.probe = [&](const ProbeRequest& request) {
    timeout = request.timeout;
    return ProbeResult("done\n");
  };
  const Handler routes = make_routes(callbacks, k_max_probes);
  const auto status = [&](const std::string& header) {
    timeout.reset();
    Request request{"GET", "/probe", k_good_probe};
    request.headers["x-prometheus-scrape-timeout-seconds"] = header;
    return routes(request).status;
  };
  CHECK(routes({"GET", "/probe", k_good_probe}).status == 200);
  CHECK(!timeout);
  CHECK(status("10") == 200);
  CHECK(timeout == 9500ms);
  CHECK(status("2.5") == 200);
  CHECK(timeout == 2s);
  CHECK(status("0.8") == 200);
  CHECK(timeout == 400ms);
  CHECK(status("1e-300") == 200);
  CHECK(timeout == 1ns);
  CHECK(status("1e300") == 200);
  CHECK(timeout == 24h);
  for (const char* broken : {"0", "-1", "-0", "ten", "10s", "10 ", " 10", "1,5", "5, 5", "inf",
                             "nan", "1e400", "0x10", "+1", "\xd9\xa1"}) {
    CAPTURE(broken);
    CHECK(status(broken) == 400);
    CHECK(!timeout);
  }
}

TEST_CASE(
    "more probes than the configuration allows a minute are a 429 that says when to ask again") {
  Callbacks callbacks = healthy_callbacks();
  const auto settings = std::make_shared<inferometer::config::Web>();
  settings->probe_requests_per_minute = 2;
  callbacks.settings = [settings] { return settings; };
  const Handler handler = make_routes(callbacks, k_max_probes);
  const auto ask = [&](const std::string& query) { return handler({"GET", "/probe", query}); };
  CHECK(ask("provider=nobody").status == 400);  // costs nothing, and so does not count
  CHECK(ask(k_good_probe).status == 200);
  CHECK(ask(k_good_probe).status == 200);
  const Response refused = ask(k_good_probe);
  CHECK(refused.status == 429);
  CHECK(refused.body.find("web.probe_requests_per_minute") != std::string::npos);
  const auto has_wait = [](const auto& header) {
    return header.first == "Retry-After" && std::stoi(header.second) >= 1 &&
           std::stoi(header.second) <= 30;
  };
  CHECK(std::any_of(refused.headers.begin(), refused.headers.end(), has_wait));
  settings->probe_requests_per_minute = 3;  // as a reload does
  CHECK(ask(k_good_probe).status == 200);
}
