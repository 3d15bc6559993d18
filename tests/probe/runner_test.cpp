#include "probe/runner.hpp"

#include "fakes/fake_clock.hpp"
#include "measure/derive.hpp"
#include "probe/auth/held_transport.hpp"
#include "protocol/protocol.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

namespace inferometer::probe {
namespace {

using namespace std::chrono_literals;

/// Keeps the requests, and cancels each exchange at once.
class KeepingTransport final : public transport::Transport {
 public:
  ExchangeId start(transport::Request request,
                   std::unique_ptr<transport::Listener> listener) override {
    requests.push_back(std::move(request));
    transport::Report report;
    report.ending = transport::Ending::cancelled;
    listener->on_end(report);
    return requests.size();
  }
  void cancel(ExchangeId /*exchange*/) override {}
  [[nodiscard]] std::size_t open() const override { return 0; }
  [[nodiscard]] inferometer::base::MonotonicTime last_turn() const override { return {}; }
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
  KeepingTransport background;
  fakes::FakeClock clock;
  Runner runner{{.transport = transport, .background = background, .clock = clock}};
  std::optional<measure::Measurement> measurement;
  int completions = 0;

  void start(config::Target target) {
    runner.start({.target = std::make_shared<const config::Target>(std::move(target)),
                  .scheduled = clock.now(),
                  .attempt = 1},
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

TEST_CASE("runner: the model's name and the query stand encoded in the URL") {
  Run run;
  config::Target target = make_target();
  target.provider.base_url = "http://127.0.0.1:1/openai/deployments/{model}";
  target.provider.query = {{"api-version", "2024-12-01 preview"}, {"x", "&"}};
  target.model.name = "my/deployment";
  run.start(target);
  CHECK(run.transport.requests.at(0).url ==
        "http://127.0.0.1:1/openai/deployments/my%2Fdeployment/chat/completions"
        "?api-version=2024-12-01%20preview&x=%26");
}

TEST_CASE("runner: the model's own members are merged into the body") {
  Run run;
  config::Target target = make_target();
  target.model.extra_body =
      R"({"reasoning_effort":"low","stream_options":{"include_obfuscation":false},"min_p":null})";
  run.start(target);
  const auto body = nlohmann::json::parse(run.transport.requests.at(0).body);
  CHECK(body["reasoning_effort"] == "low");
  CHECK(body["stream_options"] ==
        nlohmann::json{{"include_usage", true}, {"include_obfuscation", false}});
  CHECK(body["model"] == "m");
  CHECK_FALSE(body.contains("min_p"));
}

TEST_CASE("runner: the model's own members reach the request however many commas the prompt has") {
  Run run;
  config::Target target = make_target();
  target.workload.input_tokens = 0;
  target.workload.prompt_file = config::PromptFile{"p.txt", std::string(200'000, ',')};
  target.model.extra_body = R"({"reasoning_effort":"low"})";
  run.start(target);
  CHECK(run.transport.requests.at(0).body.find(R"("reasoning_effort":"low")") != std::string::npos);
}

TEST_CASE("runner: a query is added to the one that the protocol has") {
  Run run;
  config::Target target = make_target();
  target.provider.protocol = "gemini";
  target.provider.query = {{"a", "b"}};
  run.start(target);
  CHECK(run.transport.requests.at(0).url ==
        "http://127.0.0.1:1/v1/models/m:streamGenerateContent?alt=sse&a=b");
}

TEST_CASE("runner: prompts from files and exact lengths reach the request") {
  Run run;
  config::Target target = make_target();
  target.provider.ignore_eos = true;
  target.workload.input_tokens = 0;
  target.workload.prefix_cache = config::PrefixCache::reuse;
  target.workload.prompt_file = config::PromptFile{"p.txt", "What is light?"};
  target.workload.system_prompt_file = config::PromptFile{"s.txt", "Answer in verse."};
  run.start(target);
  const std::string& body = run.transport.requests.at(0).body;
  CHECK(body.find(R"("content":"What is light?")") != std::string::npos);
  CHECK(body.find(R"("content":"Answer in verse.")") != std::string::npos);
  CHECK(body.find(R"("ignore_eos":true)") != std::string::npos);
  CHECK(body.find(R"("min_tokens":8)") != std::string::npos);
}

TEST_CASE("runner: a prompt that does not fit is our own error and names the figures") {
  Run run;
  config::Target target = make_target();
  target.workload.input_tokens = 0;
  target.workload.prompt_file = config::PromptFile{"p.txt", std::string(4000, 'x')};
  target.model.context_window = 500;
  run.start(target);
  CHECK(run.transport.requests.empty());
  REQUIRE(run.measurement);
  CHECK(run.measurement->outcome == measure::Outcome::internal_error);
  CHECK(run.measurement->detail.find("500") != std::string::npos);
}

TEST_CASE("runner: a key travels in the header that the protocol has for it") {
  ::setenv("INFEROMETER_TEST_KEY", "sk-test", 1);
  const config::SecretRef key{.kind = config::SecretRef::Kind::environment,
                              .name = "INFEROMETER_TEST_KEY"};
  Run run;
  config::Target target = make_target();
  target.provider.auth = config::ApiKeyAuth{key};
  run.start(target);
  target.provider.protocol = "anthropic";
  run.start(target);
  target.provider.auth = config::BearerAuth{key};
  run.start(target);
  ::unsetenv("INFEROMETER_TEST_KEY");
  REQUIRE(run.transport.requests.size() == 3);
  const auto header = [&run](std::size_t i) {
    const auto& headers = run.transport.requests[i].secret_headers;
    return headers.size() == 1 ? headers[0].first + ": " + headers[0].second.reveal() : "";
  };
  CHECK(header(0) == "api-key: sk-test");
  CHECK(header(1) == "x-api-key: sk-test");
  CHECK(header(2) == "Authorization: Bearer sk-test");
}

TEST_CASE("runner: the wait for a token is no lateness of ours") {
  ::setenv("INFEROMETER_TEST_KEY", "client-secret", 1);
  KeepingTransport transport;
  auth::HeldTransport background;
  fakes::FakeClock clock;
  Runner runner{{.transport = transport, .background = background, .clock = clock}};
  config::Target target = make_target();
  target.provider.auth =
      config::OAuth2Auth{.token_url = "http://127.0.0.1:1/token",
                         .client_id = "id",
                         .client_secret = {.kind = config::SecretRef::Kind::environment,
                                           .name = "INFEROMETER_TEST_KEY"},
                         .scope = ""};
  std::optional<measure::Measurement> measurement;
  const base::MonotonicTime scheduled = clock.now();
  clock.advance(2ms);
  runner.start(
      {.target = std::make_shared<const config::Target>(target),
       .scheduled = scheduled,
       .attempt = 1},
      [&](std::optional<measure::Measurement> result) { measurement = std::move(result); });
  ::unsetenv("INFEROMETER_TEST_KEY");
  clock.advance(90ms);
  background.answer(401, "{}");
  REQUIRE(measurement);
  CHECK(measurement->outcome == measure::Outcome::auth_error);
  CHECK(measurement->token_wait == 90ms);
  CHECK(lateness(*measurement) == 2ms);
}

TEST_CASE("runner: a measurement is judged by the trust that holds when it starts") {
  Run run;
  config::Target target = make_target();
  target.provider.protocol = "no such protocol";
  run.start(target);
  CHECK(run.measurement->max_error == config::Trust().max_error);
  run.runner.set_trust({.max_error = 5ms});
  run.start(target);
  CHECK(run.measurement->max_error == 5ms);
}

TEST_CASE("runner: a token that our shutdown cuts leaves no measurement") {
  ::setenv("INFEROMETER_TEST_KEY", "client-secret", 1);
  Run run;
  config::Target target = make_target();
  target.provider.auth =
      config::OAuth2Auth{.token_url = "http://127.0.0.1:1/token",
                         .client_id = "id",
                         .client_secret = {.kind = config::SecretRef::Kind::environment,
                                           .name = "INFEROMETER_TEST_KEY"},
                         .scope = ""};
  run.start(target);
  ::unsetenv("INFEROMETER_TEST_KEY");
  CHECK(run.background.requests.size() == 1);
  CHECK(run.transport.requests.empty());
  CHECK(run.completions == 1);
  CHECK_FALSE(run.measurement);
}

}  // namespace inferometer::probe
