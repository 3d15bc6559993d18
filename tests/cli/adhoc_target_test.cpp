#include "cli/adhoc_target.hpp"

#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>

namespace inferometer::cli {
namespace {

ProbeOptions direct() {
  ProbeOptions options;
  options.url = "http://127.0.0.1:1/v1/";
  options.model = "m$odel";
  return options;
}

std::string refusal(const ProbeOptions& options) {
  const auto chosen = choose_target(options);
  REQUIRE_FALSE(chosen.has_value());
  return chosen.error().message;
}

}  // namespace

TEST_CASE("flags make a target and a dollar sign in them is no variable") {
  ProbeOptions options = direct();
  options.headers = {"X-Title: costs $5", "X-Empty:"};
  options.bearer_env = "KEY";
  options.temperature = 0.5;
  options.stall_timeout = "1s";
  const auto chosen = choose_target(options);
  REQUIRE(chosen.has_value());
  const config::Target& target = chosen->target;
  CHECK(target.provider.base_url == "http://127.0.0.1:1/v1");
  CHECK(target.model.name == "m$odel");
  CHECK(target.provider.headers.at("X-Title") == "costs $5");
  CHECK(target.provider.headers.at("X-Empty").empty());
  const auto* bearer = std::get_if<config::BearerAuth>(&target.provider.auth);
  REQUIRE(bearer != nullptr);
  CHECK(bearer->token.name == "KEY");
  CHECK(target.workload.temperature == 0.5);
  CHECK(target.timeouts.stall == std::chrono::seconds(1));
}

TEST_CASE("flags give an API key and query parameters and turn streaming off") {
  ProbeOptions options = direct();
  options.url = "http://127.0.0.1:1/openai/deployments/{model}";
  options.api_key_file = "/run/secrets/key";
  options.query = {"api-version=2024-12-01-preview", "note=costs $5 = much", "empty="};
  options.no_stream = true;
  const auto chosen = choose_target(options);
  REQUIRE(chosen.has_value());
  const config::Provider& provider = chosen->target.provider;
  CHECK(provider.base_url == options.url);
  const auto* api_key = std::get_if<config::ApiKeyAuth>(&provider.auth);
  REQUIRE(api_key != nullptr);
  CHECK(api_key->key == config::SecretRef{config::SecretRef::Kind::file, "/run/secrets/key"});
  CHECK(provider.query == std::map<std::string, std::string>{{"api-version", "2024-12-01-preview"},
                                                             {"note", "costs $5 = much"},
                                                             {"empty", ""}});
  CHECK_FALSE(chosen->target.workload.stream);
}

TEST_CASE("a prompt of one's own is sent as it is and a body's further fields with it") {
  ProbeOptions options = direct();
  options.prompt = "Say $HOME";
  options.extra_body = R"({"stop": ["$"]})";
  const auto chosen = choose_target(options);
  REQUIRE(chosen.has_value());
  const config::Workload& workload = chosen->target.workload;
  REQUIRE(workload.prompt_file.has_value());
  CHECK(workload.prompt_file->text.str() == "Say $HOME");
  CHECK(workload.input_tokens == 0);
  CHECK(workload.prefix_cache == config::PrefixCache::reuse);
  CHECK(chosen->target.model.extra_body.str() == R"({"stop": ["$"]})");
  const fakes::TemporaryFolder folder;
  options.prompt = "@" + folder.write("prompt", "from a file");
  const auto from_file = choose_target(options);
  REQUIRE(from_file.has_value());
  CHECK(from_file->target.workload.prompt_file->text.str() == "from a file");
  CHECK(from_file->target.workload.prefix_cache == config::PrefixCache::reuse);
  options.prompt = "@" + folder.path("missing");
  CHECK(refusal(options).find("No such file") != std::string::npos);
  options.prompt = "bad \xff";
  CHECK(refusal(options).find("byte 5") != std::string::npos);
  options.prompt = "good";
  options.extra_body = "[1]";
  CHECK(refusal(options).find("extra_body") != std::string::npos);
}

TEST_CASE("without flags for time limits the built-in ones hold and a short total shrinks them") {
  ProbeOptions options = direct();
  CHECK(choose_target(options)->target.timeouts == config::Timeouts());
  options.total_timeout = "8s";
  const auto chosen = choose_target(options);
  REQUIRE(chosen.has_value());
  CHECK(chosen->target.timeouts.first_token == std::chrono::seconds(8));
}

TEST_CASE("flags are refused by the rules of the configuration file with what to do") {
  ProbeOptions options = direct();
  options.protocol = "openai-chatt";
  CHECK(refusal(options).find("openai-chat") != std::string::npos);
  options = direct();
  options.headers = {"no colon here"};
  CHECK(refusal(options).find("Name: value") != std::string::npos);
  options = direct();
  options.headers = {"Authorization: Bearer sk-secret-value"};
  CHECK(refusal(options).find("sk-secret-value") == std::string::npos);
  options = direct();
  options.query = {"no equals sign"};
  CHECK(refusal(options).find("name=value") != std::string::npos);
  options = direct();
  options.query = {"key=sk-secret-value"};
  CHECK(refusal(options).find("api_key_env") != std::string::npos);
  CHECK(refusal(options).find("sk-secret-value") == std::string::npos);
  options = direct();
  options.bearer_env = "A";
  options.api_key_env = "B";
  CHECK(refusal(options).find("both bearer_env and api_key_env") != std::string::npos);
  options = direct();
  options.output_tokens = 0;
  CHECK(refusal(options).find("output_tokens") != std::string::npos);
  CHECK(refusal(ProbeOptions{}).find("--url") != std::string::npos);
}

TEST_CASE("a target of a file is chosen by names and the choice is listed where it is not clear") {
  ProbeOptions options;
  options.config_file = std::string(INFEROMETER_SOURCE_DIR) + "/tests/data/cli/two_models.yml";
  const std::string several = refusal(options);
  CHECK(several.find("--model 'first'") != std::string::npos);
  CHECK(several.find("--model 'second'") != std::string::npos);
  options.model = "second";
  const auto chosen = choose_target(options);
  REQUIRE(chosen.has_value());
  CHECK(chosen->target.model.name == "second");
  options.model = "third";
  CHECK(refusal(options).find("no probe of the file fits") != std::string::npos);
}

}  // namespace inferometer::cli
