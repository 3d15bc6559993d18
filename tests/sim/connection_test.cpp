#include "sim/sim_client.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using inferometer::fakes::RawHttpClient;
using inferometer::fakes::RawResponse;

TEST_CASE("a stream is a chunked event stream that ends and leaves the connection usable") {
  const Server server = start();
  RawHttpClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(fast_chat("", 4, R"(,"stream_options":{"include_usage":true})"));
    const RawResponse response = client.read_response();
    CHECK(response.status == 200);
    CHECK(response.headers.at("content-type") == "text/event-stream; charset=utf-8");
    CHECK(response.headers.at("transfer-encoding") == "chunked");
    CHECK(response.headers.at("x-request-id").starts_with("req_"));
    CHECK(response.complete);
    const auto events = payloads(response.body);
    // Role, four tokens, finish, usage, terminator.
    REQUIRE(events.size() == 8);
    CHECK(events[0].find(R"("role":"assistant")") != std::string::npos);
    CHECK(events[5].find(R"("finish_reason":"length")") != std::string::npos);
    CHECK(events[6].find(R"("usage":{"prompt_tokens":2,"completion_tokens":4)") !=
          std::string::npos);
    CHECK(events[7] == "[DONE]");
    CHECK(client.buffer().empty());
  }
  CHECK(server.requests() == 3);
  CHECK(server.open_connections() == 1);
}

TEST_CASE("an answer that is not streamed is one JSON object with a length") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(post(k_chat, chat_body(false, 3), k_fast));
  const RawResponse response = client.read_response();
  CHECK(response.status == 200);
  CHECK(response.headers.at("content-type") == "application/json");
  CHECK(response.complete);
  CHECK(response.body.find(R"("object":"chat.completion")") != std::string::npos);
  CHECK(response.body.find(R"("completion_tokens":3)") != std::string::npos);
  client.send(get("/healthz"));
  CHECK(client.read_response().body == "ok\n");
}

TEST_CASE("a request in single bytes is answered") {
  const Server server = start();
  RawHttpClient client(server.port());
  for (const char byte : get("/healthz")) {
    REQUIRE(client.send({&byte, 1}));
  }
  CHECK(client.read_response().status == 200);
}

TEST_CASE("requests that come together are answered in their order") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(get("/healthz") + fast_chat("", 1) + get("/v1/models") + fast_chat("", 2));
  CHECK(client.read_response().body == "ok\n");
  CHECK(payloads(client.read_response().body).size() == 4);
  CHECK(client.read_response().body.find("vllm-h100") != std::string::npos);
  CHECK(payloads(client.read_response().body).size() == 5);
}

TEST_CASE("thousands of requests in one write neither exhaust the stack nor are lost") {
  const Server server = start();
  RawHttpClient client(server.port());
  constexpr int k_requests = 5000;
  std::string all;
  for (int i = 0; i < k_requests; ++i) {
    all += get("/healthz");
  }
  std::thread sender([&] { client.send(all); });
  int answered = 0;
  while (answered < k_requests && client.read_response().status == 200) {
    ++answered;
  }
  sender.join();
  CHECK(answered == k_requests);
}

TEST_CASE("a client that says close is closed after its answer") {
  const Server server = start();
  for (const std::string& request :
       {fast_chat("Connection: close\r\n"),
        post(k_chat, chat_body(false, 2), std::string(k_fast) + "Connection: close\r\n"),
        std::string("GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")}) {
    RawHttpClient client(server.port());
    client.send(request);
    const RawResponse response = client.read_response();
    CHECK(response.status == 200);
    CHECK(response.complete);
    CHECK(response.headers.at("connection") == "close");
    CHECK(client.receive_all());
    CHECK(client.end() == RawHttpClient::End::closed);
    CHECK(client.buffer().empty());
  }
}

TEST_CASE("a client that waits for 100 Continue gets it before its body") {
  const Server server = start();
  RawHttpClient client(server.port());
  const std::string body = chat_body(false, 1);
  client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
              std::string(k_fast) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  REQUIRE(client.receive_until("\r\n\r\n"));
  CHECK(client.buffer() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(client.read_response().status == 100);
  client.send(body);
  CHECK(client.read_response().status == 200);
}

TEST_CASE("a malformed request is told so and the connection ends") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send("what is this\r\n\r\n");
  const RawResponse response = client.read_response();
  CHECK(response.status == 400);
  CHECK(response.headers.at("connection") == "close");
  CHECK(response.body.find("invalid_request_error") != std::string::npos);
  CHECK(client.receive_all());
  CHECK(client.end() == RawHttpClient::End::closed);
}

TEST_CASE("a refusal reaches a client that is still sending its body") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999\r\n\r\n");
  // The answer comes at once; what is sent after it must not turn it into a reset.
  for (int i = 0; i < 64; ++i) {
    CHECK(client.send(std::string(16384, 'x')));
  }
  CHECK(client.read_response().status == 413);
  CHECK(client.receive_all());
  CHECK(client.end() == RawHttpClient::End::closed);
}

TEST_CASE(
    "a response that the socket does not take at once goes out bit by bit and then the next") {
  const Server server = start();
  RawHttpClient client(server.port());
  constexpr std::string_view k_long =
      "X-Sim-Itl: 0ms\r\nX-Sim-Output-Tokens: 1000000\r\nX-Sim-Tokens-Per-Chunk: 100\r\n";
  client.send(post(k_chat, chat_body(false, 1'000'000), std::string(k_fast) + std::string(k_long)) +
              get("/healthz"));
  const RawResponse response = client.read_response();
  CHECK(response.complete);
  CHECK(response.body.size() > 5'000'000);
  CHECK(client.read_response().body == "ok\n");
}

TEST_CASE("a client that sends its request too slowly is closed however busy it is") {
  const Server server = start({.client_timeout = 300ms});
  RawHttpClient client(server.port());
  // A byte now and then must not buy more time.
  CHECK(eventually([&] {
    client.send("x");
    return !client.receive(10ms) && client.end() != RawHttpClient::End::open;
  }));
  CHECK(eventually([&] { return server.open_connections() == 0; }));
}

TEST_CASE("a client that is idle after an answer is closed") {
  const Server server = start({.client_timeout = 200ms});
  RawHttpClient client(server.port());
  client.send(fast_chat());
  CHECK(client.read_response().complete);
  CHECK(client.receive_all());
  CHECK(client.end() == RawHttpClient::End::closed);
}

TEST_CASE("a stream may last longer than the time-out of slow clients") {
  const Server server = start({.client_timeout = 100ms});
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Itl: 40ms\r\n", 10));
  const RawResponse response = client.read_response();
  CHECK(response.complete);
  CHECK(payloads(response.body).back() == "[DONE]");
}

TEST_CASE("a client that goes in mid-stream takes its stream with it") {
  const Server server = start({.slots = 1});
  {
    RawHttpClient client(server.port());
    client.send(fast_chat("X-Sim-Fault: trickle\r\n"));
    REQUIRE(client.receive_until("\"content\":\" time\""));
  }
  CHECK(eventually([&] { return server.open_connections() == 0; }));
  // Its place is free again.
  RawHttpClient next(server.port());
  next.send(fast_chat());
  CHECK(next.read_response().complete);
}

TEST_CASE("a client that sends without end while it is answered is cut off") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Fault: trickle\r\n"));
  REQUIRE(client.receive_until("data: "));
  const std::string more(16384, 'x');
  CHECK(eventually([&] { return !client.send(more); }));
  CHECK(eventually([&] { return server.open_connections() == 0; }));
}

TEST_CASE("requests beyond the slots wait in line and their TTFT counts from the slot") {
  const Server server = start({.slots = 1});
  RawHttpClient first(server.port());
  first.send(fast_chat("X-Sim-Fault: trickle\r\n"));
  REQUIRE(first.receive_until("data: "));
  RawHttpClient second(server.port());
  second.send(fast_chat("X-Sim-Ttft: 30ms\r\nX-Sim-Stamp: on\r\n", 1));
  REQUIRE(eventually([&] { return server.waiting() == 1; }));
  RawHttpClient third(server.port());
  third.send(fast_chat("X-Sim-Stamp: on\r\n", 1));
  REQUIRE(eventually([&] { return server.waiting() == 2; }));
  CHECK(!second.receive(50ms));

  const auto released = std::chrono::steady_clock::now().time_since_epoch();
  { const RawHttpClient gone = std::move(first); }
  const auto second_sent = stamps(second.read_response().body);
  const auto third_sent = stamps(third.read_response().body);
  REQUIRE(second_sent.size() == 1);
  REQUIRE(third_sent.size() == 1);
  CHECK(second_sent[0] >= (released + 30ms).count());
  CHECK(third_sent[0] > second_sent[0]);
  CHECK(server.waiting() == 0);
}

TEST_CASE("what needs no slot of the profile does not wait for one") {
  const Server server = start({.slots = 1});
  RawHttpClient first(server.port());
  first.send(fast_chat("X-Sim-Fault: trickle\r\n"));
  REQUIRE(first.receive_until("data: "));
  RawHttpClient other(server.port());
  other.send(get("/healthz"));
  CHECK(other.read_response().status == 200);
  other.send(fast_chat("X-Sim-Fault: status_500\r\n"));
  CHECK(other.read_response().status == 500);
  other.send(post("/gpt-4o/v1/chat/completions", chat_body(true, 1), k_fast));
  CHECK(other.read_response().complete);
}

TEST_CASE("a client that goes while it waits gives up its place in line") {
  const Server server = start({.slots = 1});
  RawHttpClient first(server.port());
  first.send(fast_chat("X-Sim-Fault: trickle\r\n"));
  REQUIRE(first.receive_until("data: "));
  auto impatient = std::make_unique<RawHttpClient>(server.port());
  impatient->send(fast_chat());
  REQUIRE(eventually([&] { return server.waiting() == 1; }));
  impatient.reset();
  CHECK(eventually([&] { return server.waiting() == 0; }));
  RawHttpClient last(server.port());
  last.send(fast_chat());
  REQUIRE(eventually([&] { return server.waiting() == 1; }));
  { const RawHttpClient gone = std::move(first); }
  CHECK(last.read_response().complete);
}

TEST_CASE("every byte of a stream can be a chunk of its own") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Writes: bytes\r\nX-Sim-Line-Ending: crlf\r\n", 2));
  REQUIRE(client.receive_until("\r\n0\r\n\r\n"));
  const std::string raw = client.buffer().substr(client.buffer().find("\r\n\r\n") + 4);
  const RawResponse response = client.read_response();
  CHECK(response.complete);
  CHECK(payloads(response.body, "\r\n").back() == "[DONE]");
  // One byte costs "1\r\n" and "\r\n" besides; the last chunk has five.
  CHECK(raw.size() == 6 * response.body.size() + 5);
}

TEST_CASE("content events can be merged into one chunk and the rest is not lost") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Writes: 3\r\nX-Sim-Stamp: on\r\n", 7));
  const RawResponse response = client.read_response();
  CHECK(payloads(response.body).back() == "[DONE]");
  const auto sent = stamps(response.body);
  REQUIRE(sent.size() == 7);
  // Those that are written together are sent together.
  CHECK(sent[0] == sent[2]);
  CHECK(sent[3] == sent[5]);
  CHECK(sent[3] > sent[2]);
  CHECK(sent[6] > sent[5]);
}

TEST_CASE("the head comes at once or with the first token") {
  const Server server = start();
  RawHttpClient at_once(server.port());
  at_once.send(fast_chat("X-Sim-Ttft: 1h\r\n"));
  REQUIRE(at_once.receive_until("\r\n\r\n"));
  CHECK(at_once.buffer().ends_with("\r\n\r\n"));

  RawHttpClient early_role(server.port());
  early_role.send(fast_chat("X-Sim-Ttft: 1h\r\nX-Sim-Role: early\r\nX-Sim-Comments: on\r\n"));
  REQUIRE(early_role.receive_until("assistant"));
  CHECK(early_role.buffer().find(": keep-alive\n\n") != std::string::npos);
  CHECK(early_role.buffer().find(R"("content":" time")") == std::string::npos);

  RawHttpClient late(server.port());
  late.send(fast_chat("X-Sim-Ttft: 1h\r\nX-Sim-Head: with_first_token\r\nX-Sim-Role: early\r\n"));
  CHECK(!late.receive(100ms));
  CHECK(late.end() == RawHttpClient::End::open);
  RawHttpClient whole(server.port());
  whole.send(fast_chat("X-Sim-Head: with_first_token\r\nX-Sim-Role: early\r\n", 1));
  CHECK(payloads(whole.read_response().body).size() == 4);
}
