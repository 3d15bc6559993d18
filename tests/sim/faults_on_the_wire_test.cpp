#include "fakes/gunzip.hpp"
#include "sim/model/fault.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

using namespace std::chrono_literals;
using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using inferometer::fakes::gunzip;
using inferometer::fakes::RawHttpClient;
using inferometer::fakes::RawResponse;
using inferometer::fakes::Unzipped;
using End = RawHttpClient::End;

namespace {

std::string faulty_chat(std::string_view fault, std::uint32_t max_tokens = 4) {
  return fast_chat("X-Sim-Fault: " + std::string(fault) + "\r\n", max_tokens);
}

std::size_t content_events(std::string_view stream) {
  return count(stream, R"("content":" )");
}

/// The memory that this process has in use, in bytes.
std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t pages = 0;
  statm >> size >> pages;
  return pages * 4096;
}

/// A response that is whole must leave the connection good for the next one.
void check_usable(RawHttpClient& client) {
  CHECK(client.buffer().empty());
  client.send(get("/healthz"));
  CHECK(client.read_response().body == "ok\n");
}

}  // namespace

TEST_CASE("faults that answer with an error leave the connection good") {
  const Server server = start();
  RawHttpClient client(server.port());
  for (const auto& [name, status] : {std::pair("status_400", 400),
                                     std::pair("status_401", 401),
                                     std::pair("status_403", 403),
                                     std::pair("status_404", 404),
                                     std::pair("status_429", 429),
                                     std::pair("status_500", 500),
                                     std::pair("status_503", 503),
                                     std::pair("status_529", 529),
                                     std::pair("quota", 429),
                                     std::pair("status_402", 402),
                                     std::pair("status_408", 408),
                                     std::pair("status_409", 409),
                                     std::pair("status_413", 413),
                                     std::pair("status_422", 422),
                                     std::pair("status_424", 424),
                                     std::pair("status_498", 498),
                                     std::pair("status_502", 502),
                                     std::pair("status_504", 504),
                                     std::pair("overloaded", 503),
                                     std::pair("context_length", 400),
                                     std::pair("html", 200),
                                     std::pair("html_502", 502),
                                     std::pair("json_error_200", 200),
                                     std::pair("rate_limit_ms", 429),
                                     std::pair("rate_limit_seconds", 429),
                                     std::pair("rate_limit_date", 429)}) {
    const std::string fault = name;
    CAPTURE(fault);
    client.send(faulty_chat(fault));
    const RawResponse response = client.read_response();
    CHECK(response.status == status);
    CHECK(response.complete);
    CHECK(response.headers.contains("retry-after-ms") == (fault == "rate_limit_ms"));
    check_usable(client);
    CHECK(server.count(parse_fault(fault).value()) == 1);
  }
}

TEST_CASE("a hang before the headers sends nothing") {
  const Server server = start();
  for (const char* fault : {"hang_before_headers", "silent_accept"}) {
    RawHttpClient client(server.port());
    client.send(faulty_chat(fault));
    CHECK(!client.receive(100ms));
    CHECK(client.end() == End::open);
    CHECK(server.count(parse_fault(fault).value()) == 1);
  }
}

TEST_CASE("a hang before the first token sends the headers alone") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Fault: hang_before_first_token\r\nX-Sim-Role: early\r\n"));
  REQUIRE(client.receive_until("\r\n\r\n"));
  CHECK(!client.receive(100ms));
  CHECK(client.buffer().starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(client.buffer().ends_with("\r\n\r\n"));
  CHECK(client.end() == End::open);
}

TEST_CASE("a stall is silence after half of the tokens") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("stall", 10));
  const RawResponse response = client.read_response(500ms);
  CHECK(content_events(response.body) == 5);
  CHECK(!response.complete);
  CHECK(client.end() == End::open);
}

TEST_CASE("a trickle goes on beyond its bound") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("trickle", 2));
  std::size_t seen = 0;
  while (seen < 20 && client.receive()) {
    seen = content_events(client.buffer());
  }
  CHECK(seen >= 20);
  CHECK(client.buffer().find("[DONE]") == std::string::npos);
}

TEST_CASE("a reset is a reset after half of the tokens") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("reset", 10));
  const RawResponse response = client.read_response();
  CHECK(content_events(response.body) == 5);
  CHECK(!response.complete);
  CHECK(client.end() == End::reset);
}

TEST_CASE("a close is an orderly end inside of a chunk") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("close", 10));
  const RawResponse response = client.read_response();
  CHECK(content_events(response.body) == 5);
  CHECK(!response.complete);
  CHECK(client.end() == End::closed);
  CHECK(client.buffer() == "100\r\ndata: {");
}

TEST_CASE("a truncated stream is whole for HTTP and lacks its end") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("truncate", 10));
  const RawResponse response = client.read_response();
  CHECK(response.complete);
  CHECK(content_events(response.body) == 5);
  CHECK(response.body.find(R"("finish_reason":")") == std::string::npos);
  CHECK(response.body.find("[DONE]") == std::string::npos);
  check_usable(client);
}

TEST_CASE("streams that end oddly are whole for HTTP and leave the connection good") {
  const Server server = start();
  RawHttpClient client(server.port());
  const auto body = [&](std::string_view fault) {
    client.send(faulty_chat(fault));
    const RawResponse response = client.read_response();
    CHECK(response.status == 200);
    CHECK(response.complete);
    check_usable(client);
    return response.body;
  };
  const std::string missing = body("missing_done");
  CHECK(content_events(missing) == 4);
  CHECK(missing.find(R"("finish_reason":"length")") != std::string::npos);
  CHECK(missing.find("[DONE]") == std::string::npos);

  const std::string more = body("done_then_more");
  CHECK(more.find(R"("content":")", more.find("[DONE]")) != std::string::npos);

  const std::string error = body("error_event");
  CHECK(content_events(error) == 2);
  CHECK(payloads(error).back().starts_with(R"({"error":{"code":"server_error")"));

  const std::string overloaded = body("overloaded_event");
  CHECK(payloads(overloaded).back().find("overloaded_error") != std::string::npos);

  const std::string limited = body("rate_limit_event");
  CHECK(payloads(limited).back().find("rate_limit_error") != std::string::npos);

  const std::string large = body("large_event");
  CHECK(content_events(large) == 4);
  CHECK(large.size() > std::size_t{1024} * 1024);
  CHECK(large.find("[DONE]") != std::string::npos);

  const std::string filtered = body("content_filter");
  CHECK(content_events(filtered) == 2);
  CHECK(filtered.find(R"("finish_reason":"content_filter")") != std::string::npos);
  CHECK(filtered.find("[DONE]") != std::string::npos);

  const std::string refused = body("refusal");
  CHECK(content_events(refused) == 2);
  CHECK(refused.find(R"("refusal":"I cannot help with that.")") != std::string::npos);
  CHECK(refused.find(R"("finish_reason":"stop")") != std::string::npos);
  CHECK(refused.find("[DONE]") != std::string::npos);

  const std::string empty = body("empty");
  CHECK(content_events(empty) == 0);
  CHECK(empty.find(R"("finish_reason":"stop")") != std::string::npos);
  CHECK(empty.find("[DONE]") != std::string::npos);

  const std::string bad_json = body("bad_json");
  CHECK(content_events(bad_json) == 4);
  CHECK(bad_json.find(R"("content":)"
                      "\n\n") != std::string::npos);

  const std::string bad_text = body("invalid_utf8");
  CHECK(content_events(bad_text) == 4);
  CHECK(bad_text.find("\"content\":\"\xc3(\"") != std::string::npos);

  CHECK(body("trailing_spaces").ends_with("data: [DONE]   \n\n"));
}

TEST_CASE("a long line is ten megabytes without a line end") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("long_line", 2) + get("/healthz"));
  const RawResponse response = client.read_response();
  CHECK(response.complete);
  const std::string line = response.body.substr(response.body.rfind('\n') + 1);
  CHECK(line.starts_with("data: {"));
  CHECK(line.size() > 10'000'000);
  CHECK(client.read_response().body == "ok\n");
}

TEST_CASE("a compressed stream can be read as far as it has come") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Fault: gzip\r\nX-Sim-Stamp: on\r\n"));
  RawResponse response = client.read_response();
  CHECK(response.complete);
  CHECK(response.headers["content-encoding"] == "gzip");
  const Unzipped body = gunzip(response.body);
  CHECK(body.whole);
  CHECK(content_events(body.bytes) == 4);
  CHECK(body.bytes.find("[DONE]") != std::string::npos);
  CHECK(stamps(body.bytes).size() == 4);
  CHECK(stamps(body.bytes).front() > 0);
  check_usable(client);
  // Each byte a write, and gone before the end: neither breaks the connection of another.
  client.send(fast_chat("X-Sim-Fault: gzip\r\nX-Sim-Writes: bytes\r\n"));
  CHECK(gunzip(client.read_response().body).whole);
  RawHttpClient waits(server.port());
  waits.send(fast_chat("X-Sim-Fault: gzip\r\nX-Sim-Itl: 10s\r\n"));
  REQUIRE(waits.receive_until("\r\n\r\n"));
  const RawResponse begun = waits.read_response(200ms);
  CHECK(!begun.complete);
  CHECK(content_events(gunzip(begun.body).bytes) == 1);
}

TEST_CASE("a model declines in the manner of each API") {
  const Server server = start();
  RawHttpClient client(server.port());
  const auto declined = [&](std::string_view path, std::string_view headers = "") {
    const bool responses = path == "/v1/responses";
    client.send(post(path,
                     responses ? R"({"model":"m","input":"hello","stream":true})" : chat_body(true),
                     std::string(k_fast) + "X-Sim-Output-Tokens: 2\r\nX-Sim-Fault: refusal\r\n" +
                         std::string(headers)));
    const RawResponse response = client.read_response();
    CHECK(response.status == 200);
    return response.body;
  };
  CHECK(declined(k_chat, "X-Sim-Dialect: vllm\r\n").find(R"("finish_reason":"content_filter")") !=
        std::string::npos);
  CHECK(declined("/v1/messages", "anthropic-version: 2023-06-01\r\n")
            .find(R"("stop_reason":"refusal")") != std::string::npos);
  const std::string responses = declined("/v1/responses");
  CHECK(responses.find("event: response.refusal.done") != std::string::npos);
  CHECK(responses.find("event: response.completed") != std::string::npos);
}

TEST_CASE("a fault that the API cannot have is refused when asked for and not drawn otherwise") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("corrupt_crc"));
  const RawResponse refused = client.read_response();
  CHECK(refused.status == 400);
  CHECK(refused.body.find("corrupt_crc needs an API whose messages have checksums") !=
        std::string::npos);
  client.send(fast_chat("X-Sim-Fault-Rate: corrupt_crc=1\r\n"));
  const RawResponse good = client.read_response();
  CHECK(good.status == 200);
  CHECK(content_events(good.body) == 4);
  CHECK(server.count(Fault::corrupt_crc) == 0);
}

TEST_CASE("garbage is no HTTP and then the end") {
  const Server server = start();
  RawHttpClient client(server.port());
  client.send(faulty_chat("garbage"));
  CHECK(client.receive_all());
  CHECK(client.end() == End::closed);
  CHECK(client.buffer().size() == 4096);
  CHECK(client.buffer().find("HTTP/1") == std::string::npos);
}

TEST_CASE("an endless stream goes as fast as it is read and other streams keep their pace") {
  const Server server = start();
  RawHttpClient flood(server.port());
  flood.send(faulty_chat("endless", 2));
  std::size_t size = 0;
  RawHttpClient other(server.port());
  other.send(fast_chat("", 50));
  while (size < 50'000'000 && flood.receive()) {
    size = flood.buffer().size();
  }
  CHECK(size >= 50'000'000);
  CHECK(content_events(flood.buffer()) > 100'000);
  CHECK(other.read_response().complete);
}

TEST_CASE("an endless stream that no one reads costs no memory and is given up") {
  const Server server = start({.client_timeout = 1s});
  RawHttpClient client(server.port());
  const std::size_t before = resident();
  std::size_t most = before;
  client.send(faulty_chat("endless"));
  CHECK(eventually([&] {
    most = std::max(most, resident());
    return server.requests() == 1 && server.open_connections() == 0;
  }));
  // A flood without bound would have made gigabytes in that time.
  CHECK(most - before < std::size_t{64} * 1024 * 1024);
}

TEST_CASE("a trickle that no one reads is given up") {
  const Server server = start({.client_timeout = 300ms});
  RawHttpClient client(server.port());
  client.send(fast_chat("X-Sim-Fault: trickle\r\nX-Sim-Itl: 5us\r\n"));
  CHECK(eventually([&] { return server.requests() == 1 && server.open_connections() == 0; }));
}

TEST_CASE("a paced stream that no one reads waits for its client and then catches up") {
  const Server server = start();
  RawHttpClient client(server.port());
  // Forty thousand events of 250 bytes are more than the two sockets hold.
  client.send(
      fast_chat("X-Sim-Itl: 10us\r\nX-Sim-Output-Tokens: 40000\r\nX-Sim-Stamp: on\r\n", 40'000));
  // Once nothing more arrives for as long as all of the events last, the stream waits.
  int held = -1;
  int last = 0;
  while (last == 0 || last != held) {
    held = last;
    RawHttpClient clock(server.port());
    clock.send(fast_chat("X-Sim-Ttft: 400ms\r\n", 1));
    REQUIRE(clock.read_response().complete);
    REQUIRE(ioctl(client.fd(), FIONREAD, &last) == 0);
  }
  const auto resumed = std::chrono::steady_clock::now().time_since_epoch();
  const RawResponse response = client.read_response();
  CHECK(response.body.size() > static_cast<std::size_t>(held));
  // A stamp tells when an event was sent, not when it was due.
  CHECK(stamps(response.body).back() > std::chrono::nanoseconds(resumed).count());
  CHECK(response.complete);
  CHECK(content_events(response.body) == 40'000);
}
