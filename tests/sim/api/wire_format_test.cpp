#include "sim/api/wire_format.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace inferometer::sim;

TEST_CASE("every wire format is whole and has a name and paths of its own") {
  REQUIRE(!wire_formats().empty());
  std::set<std::string_view> names;
  std::set<std::string_view> paths;
  for (const WireFormat& format : wire_formats()) {
    CHECK(names.insert(format.name).second);
    CHECK(!format.routes.empty());
    for (const Route& route : format.routes) {
      CHECK(paths.insert(route.pattern).second);
      CHECK(route.pattern.starts_with("/"));
    }
    CHECK(!format.stream_content_type.empty());
    CHECK((format.parse != nullptr));
    CHECK((format.make_renderer != nullptr));
    CHECK((format.render_error != nullptr));
    CHECK(format.models_path.empty() == (format.render_models == nullptr));
    CHECK((format.models_path.empty() || paths.insert(format.models_path).second));
  }
}

TEST_CASE("a pattern without a placeholder matches itself alone") {
  CHECK(match_route("/v1/messages", "/v1/messages") == "");
  for (const char* path : {"", "/", "/v1", "/v1/", "/v1/messages/", "/v1/message", "/v1/messagesx",
                           "//v1/messages", "v1/messages"}) {
    CAPTURE(path);
    CHECK(!match_route("/v1/messages", path));
  }
}

TEST_CASE("the model is what stands for its placeholder with its escapes decoded") {
  constexpr std::string_view k_pattern = "/models/{model}:stream";
  CHECK(match_route(k_pattern, "/models/a:stream") == "a");
  CHECK(match_route(k_pattern, "/models/a:b:stream") == "a:b");
  CHECK(match_route(k_pattern, "/models/a%2Fb%3A0:stream") == "a/b:0");
  CHECK(match_route("/model/{model}/invoke", "/model/a%20b/invoke") == "a b");
  CHECK(!match_route(k_pattern, "/models/:stream"));
  CHECK(!match_route(k_pattern, "/models/a/b:stream"));
  CHECK(!match_route(k_pattern, "/models/a:streams"));
  CHECK(!match_route(k_pattern, "/models/a%2:stream"));
  CHECK(!match_route(k_pattern, "/models/a%zz:stream"));
}

TEST_CASE("another placeholder is free and names no model") {
  CHECK(match_route("/p/{project}/m", "/p/x/m") == "");
  CHECK(match_route("/p/{project}/m/{model}", "/p/x/m/y") == "y");
  CHECK(!match_route("/p/{project}/m", "/p//m"));
}

TEST_CASE("each path of an API leads to its format") {
  const auto name = [](std::string_view path) -> std::string_view {
    const auto endpoint = find_endpoint(path);
    return endpoint ? endpoint->format->name : "";
  };
  CHECK(name("/v1/chat/completions") == "openai-chat");
  CHECK(name("/openai/deployments/d/chat/completions") == "openai-chat");
  CHECK(name("/v1/responses") == "openai-responses");
  CHECK(name("/v1/completions") == "openai-completions");
  CHECK(name("/v1/messages") == "anthropic");
  CHECK(name("/v1/projects/p/locations/l/publishers/anthropic/models/m:streamRawPredict") ==
        "anthropic");
  CHECK(name("/v1beta/models/m:generateContent") == "gemini");
  CHECK(name("/v1/models/m:streamGenerateContent") == "gemini");
  CHECK(name("/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent") ==
        "gemini");
  CHECK(name("/api/chat") == "ollama");
  CHECK(name("/v1/embeddings").empty());
  CHECK(find_endpoint("/v1beta/models/m:streamGenerateContent")->route->streams == true);
  CHECK(find_endpoint("/v1beta/models/m:generateContent")->route->streams == false);
  CHECK(find_endpoint("/v1beta/models")->route == nullptr);
  CHECK(find_endpoint("/api/tags")->route == nullptr);
}
