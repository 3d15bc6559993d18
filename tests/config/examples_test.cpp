#include "config/load.hpp"
#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>
#include <string>

namespace inferometer::config {
namespace {

/// The protocols that the program speaks, and no environment: no example needs one to load.
LoadOptions options() {
  return {.protocols = {{"openai-chat", true},
                        {"openai-responses", false},
                        {"openai-completions", true},
                        {"anthropic", false},
                        {"gemini", false},
                        {"ollama", false},
                        {"bedrock", false},
                        {"bedrock-invoke", false}},
          .environment = [](const std::string&) { return std::nullopt; }};
}

/// The YAML of a section of the documentation, up to the next one.
std::string yaml_of(const std::string& heading) {
  std::istringstream stream(sample::read_repository_file("docs/configuration.md"));
  std::string yaml;
  bool is_inside = false;
  bool is_code = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("## ")) {
      is_inside = line == heading;
    } else if (line.starts_with("```")) {
      is_code = line == "```yaml";
    } else if (is_inside && is_code) {
      yaml += line + "\n";
    }
  }
  return yaml;
}

}  // namespace

TEST_CASE("each example configuration loads") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INFEROMETER_SOURCE_DIR "/config")) {
    if (entry.path().extension() != ".yml") {
      continue;
    }
    const std::string path = entry.path().string();
    const LoadResult config = load_file(path, options());
    CHECK_MESSAGE(config.has_value(),
                  render(path, config ? std::vector<Problem>() : config.error()));
    CHECK((config && !config->targets.empty()));
    ++count;
  }
  CHECK(count >= 5);
}

TEST_CASE("the examples have every protocol and every kind of credential and server") {
  std::string text = sample::read_repository_file("config/cloud.yml") +
                     sample::read_repository_file("config/self-hosted.yml");
  for (const ProtocolTraits& protocol : options().protocols) {
    CHECK_MESSAGE(text.find("protocol: " + protocol.name + "\n") != std::string::npos,
                  protocol.name);
  }
  for (const char* word :
       {"bearer_env", "bearer_file", "api_key_env", "google_service_account_file",
        "google_external_account_file", "google_metadata", "credentials: web-identity",
        "credentials: pod-identity", "credentials: instance", "credentials: workload-identity",
        "credentials: managed-identity", "azure:", "aws:", "oauth2:", "kind: vllm", "kind: sglang",
        "kind: tgi", "kind: llamacpp"}) {
    CHECK_MESSAGE(text.find(word) != std::string::npos, word);
  }
}

TEST_CASE("the providers of the documentation load") {
  const std::string providers = yaml_of("## Providers by example");
  const LoadResult config =
      load_text("providers:\n" + providers +
                    "workloads: [{name: w, input_tokens: 1, output_tokens: 1}]\n"
                    "probes: [{providers: [openai], workloads: [w]}]\n",
                "", options());
  REQUIRE_MESSAGE(config.has_value(),
                  render("docs", config ? std::vector<Problem>() : config.error()));
  CHECK(config->providers.size() == 22);
}

TEST_CASE("the SLOs of the documentation load") {
  const LoadResult config = load_text(
      "providers: [{name: openai, protocol: openai-chat, base_url: \"http://a\", models: "
      "[gpt-4o]}]\n"
      "workloads: [{name: chat-short, input_tokens: 1, output_tokens: 2}]\n"
      "probes: [{providers: [openai], workloads: [chat-short]}]\n" +
          yaml_of("## slo") + yaml_of("## histograms"),
      "", options());
  REQUIRE_MESSAGE(config.has_value(),
                  render("docs", config ? std::vector<Problem>() : config.error()));
  CHECK(config->slos.size() == 3);
  CHECK_FALSE(config->histograms.native);
}

TEST_CASE("the documentation has a row for each protocol") {
  const std::string text = sample::read_repository_file("docs/configuration.md");
  for (const ProtocolTraits& protocol : options().protocols) {
    CHECK_MESSAGE(text.find("\n| " + protocol.name + " | ") != std::string::npos, protocol.name);
  }
}

}  // namespace inferometer::config
