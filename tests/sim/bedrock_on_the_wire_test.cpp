#include "base/clock.hpp"
#include "sim/api/bedrock.hpp"
#include "sim/api/event_stream.hpp"
#include "sim/sim_client.hpp"
#include "wire/sigv4.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <string>

using namespace inferometer;
using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using fakes::RawHttpClient;
using fakes::RawResponse;
using nlohmann::json;

namespace {

constexpr std::string_view k_path = "/model/us.amazon.nova-micro-v1%3A0/converse-stream";
constexpr std::string_view k_body = R"({"messages":[{"role":"user","content":[{"text":"hello"}]}],)"
                                    R"("inferenceConfig":{"maxTokens":4}})";

std::string converse(std::string_view headers = "", std::string_view path = k_path) {
  return post(path, k_body, std::string(k_fast) + std::string(headers));
}

/// The headers that prove the possession of `secret`.
std::string signature(std::string_view secret) {
  const std::string time = wire::sigv4_time(base::system_clock().wall_now());
  const std::array<wire::SigV4Header, 2> headers{{{"host", "sim"}, {"x-amz-date", time}}};
  const std::string authorization = wire::sigv4_authorization(
      {.method = "POST", .path = k_path, .query = {}, .headers = headers, .body = k_body},
      {.time = time, .region = "us-east-1", .service = "bedrock"}, bedrock::k_access_key_id,
      base::Secret(std::string(secret)));
  return "X-Amz-Date: " + time + "\r\nAuthorization: " + authorization + "\r\n";
}

std::string text_of(const EventStream& stream) {
  std::string text;
  for (const Message& message : stream.messages) {
    if (message.type == "contentBlockDelta") {
      text += json::parse(message.payload)["delta"]["text"].get<std::string>();
    }
  }
  return text;
}

}  // namespace

TEST_CASE("bedrock wire: a stream is whole with each byte a write and all stamps sealed") {
  const Server server = start();
  RawHttpClient client(server.port());
  for (const char* headers : {"", "X-Sim-Writes: bytes\r\n", "X-Sim-Stamp: on\r\n",
                              "X-Sim-Stamp: on\r\nX-Sim-Writes: 3\r\n"}) {
    CAPTURE(headers);
    client.send(converse(std::string("X-Sim-Content: The answer is 42.\r\n") + headers));
    RawResponse response = client.read_response();
    CHECK(response.status == 200);
    CHECK(response.complete);
    CHECK(response.headers["content-type"] == "application/vnd.amazon.eventstream");
    CHECK(!response.headers["x-amzn-requestid"].empty());
    const EventStream stream = read_event_stream(response.body);
    CHECK(stream.whole);
    CHECK(text_of(stream) == "The answer is 42.");
    CHECK(stream.messages.back().type == "metadata");
  }
}

TEST_CASE("bedrock wire: a signature or the key as a bearer token opens the API") {
  const Server server = start({.key = base::Secret("sekret")});
  RawHttpClient client(server.port());
  const auto status = [&](const std::string& headers) {
    client.send(converse(headers));
    RawResponse response = client.read_response();
    return std::to_string(response.status) + " " +
           response.headers["x-amzn-errortype"].substr(
               0, response.headers["x-amzn-errortype"].find(':'));
  };
  CHECK(status(signature("sekret")) == "200 ");
  CHECK(status("Authorization: Bearer sekret\r\n") == "200 ");
  CHECK(status("") == "403 MissingAuthenticationTokenException");
  CHECK(status(signature("other")) == "403 InvalidSignatureException");
  CHECK(status("Authorization: Bearer other\r\n") == "403 AccessDeniedException");
}

TEST_CASE("bedrock wire: faults come in the manner of an event stream") {
  const Server server = start();
  RawHttpClient client(server.port());
  const auto body = [&](const std::string& fault) {
    client.send(converse("X-Sim-Fault: " + fault + "\r\n"));
    const RawResponse response = client.read_response();
    CHECK(response.complete);
    return read_event_stream(response.body);
  };
  const EventStream throttled = body("rate_limit_event");
  CHECK(throttled.whole);
  CHECK(throttled.messages.back().kind == "exception");
  CHECK(throttled.messages.back().type == "throttlingException");
  const EventStream corrupt = body("corrupt_crc");
  CHECK(!corrupt.whole);
  CHECK(text_of(corrupt) == " time to");
  const EventStream truncated = body("truncate");
  CHECK(truncated.whole);
  CHECK(truncated.messages.back().type == "contentBlockDelta");
  const EventStream large = body("large_event");
  CHECK(large.whole);
  CHECK(text_of(large).size() > std::size_t{1024} * 1024);
  CHECK(!body("long_line").whole);
  CHECK(body("missing_done").messages.back().type == "messageStop");
}

TEST_CASE("bedrock wire: the other paths answer too") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(converse("", "/gpt-4o/model/m/converse"));
  CHECK(json::parse(client.read_response().body)["stopReason"] == "max_tokens");
  const std::string claude = R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":2,)"
                             R"("messages":[{"role":"user","content":"hello"}]})";
  client.send(post("/model/m/invoke", claude, k_fast));
  CHECK(json::parse(client.read_response().body)["stop_reason"] == "max_tokens");
  client.send(post("/model/m/invoke-with-response-stream", claude, k_fast));
  const EventStream stream = read_event_stream(client.read_response().body);
  CHECK(stream.whole);
  CHECK(stream.messages.back().type == "chunk");
  client.send(get("/model/m/converse"));
  CHECK(client.read_response().status == 405);
}
