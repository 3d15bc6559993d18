#include "probe/runner.hpp"

#include "fakes/fake_clock.hpp"
#include "probe/protocol/protocol.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace inferometer::probe {
namespace {

/// Keeps the requests, and cancels each exchange at once.
class KeepingTransport final : public transport::Transport {
 public:
  void start(transport::Request request, std::unique_ptr<transport::Listener> listener) override {
    requests.push_back(std::move(request));
    transport::Report report;
    report.ending = transport::Ending::cancelled;
    listener->on_end(report);
  }
  [[nodiscard]] std::size_t open() const override { return 0; }
  void stop() override {}

  std::vector<transport::Request> requests;
};

config::Target make_target() {
  config::Target target;
  target.provider.name = "p";
  target.provider.protocol = "openai-chat";
  target.provider.base_url = "http://127.0.0.1:1/v1";
  target.provider.headers = {{"X-Title", "probe"}};
  target.model.name = "m";
  target.workload = {.name = "w", .input_tokens = 64, .output_tokens = 8};
  target.connection = config::ConnectionPolicy::reuse;
  return target;
}

struct Run {
  KeepingTransport transport;
  fakes::FakeClock clock;
  Runner runner{{.transport = transport, .clock = clock, .trust = {}}};
  std::optional<measure::Measurement> measurement;
  int completions = 0;

  void start(config::Target target) {
    runner.start(std::make_shared<const config::Target>(std::move(target)), clock.now(),
                 [this](std::optional<measure::Measurement> result) {
                   measurement = std::move(result);
                   ++completions;
                 });
  }
};

}  // namespace

TEST_CASE("runner: the request carries what provider and target ask for") {
  Run run;
  run.start(make_target());
  REQUIRE(run.transport.requests.size() == 1);
  const transport::Request& request = run.transport.requests.front();
  CHECK(request.url == "http://127.0.0.1:1/v1/chat/completions");
  CHECK(request.connection == config::ConnectionPolicy::reuse);
  CHECK(request.secret_headers.empty());
  CHECK(std::find(request.headers.begin(), request.headers.end(),
                  protocol::Header{"X-Title", "probe"}) != request.headers.end());
  CHECK(run.completions == 1);
  CHECK_FALSE(run.measurement);
}

TEST_CASE("runner: a secret that cannot be read is our own error and no request is made") {
  config::Target target = make_target();
  target.provider.auth = config::BearerAuth{
      {.kind = config::SecretRef::Kind::environment, .name = "INFEROMETER_TEST_NO_SUCH_VARIABLE"}};
  Run run;
  run.start(target);
  CHECK(run.transport.requests.empty());
  REQUIRE(run.measurement);
  CHECK(run.measurement->outcome == measure::Outcome::internal_error);
  CHECK(run.measurement->detail.find("INFEROMETER_TEST_NO_SUCH_VARIABLE") != std::string::npos);
  CHECK(run.measurement->target == target.key());
}

TEST_CASE("runner: the prompt of each attempt differs unless the prefix cache is to be used") {
  Run run;
  config::Target target = make_target();
  run.start(target);
  run.start(target);
  CHECK(run.transport.requests[0].body != run.transport.requests[1].body);
  target.workload.prefix_cache = config::PrefixCache::reuse;
  run.start(target);
  run.start(target);
  CHECK(run.transport.requests[2].body == run.transport.requests[3].body);
}

}  // namespace inferometer::probe
