#include "fakes/scripted_server.hpp"
#include "transport/integration/certificates.hpp"
#include "transport/integration/nghttpx.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

using namespace inferometer::transport;
using namespace inferometer::transport;
using namespace inferometer::fakes::script;
using namespace std::chrono_literals;
using inferometer::config::ConnectionPolicy;
using inferometer::config::HttpVersion;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

/// An origin behind TLS and HTTP/2.
struct Site {
  TemporaryFolder folder;
  Authority authority{folder, "authority"};
  ScriptedServer origin;
  Nghttpx front;

  explicit Site(std::vector<Script> scripts)
      : origin(std::move(scripts)),
        front(origin, authority.issue("IP:127.0.0.1", std::time(nullptr) + 3600)) {}
  explicit Site(Script script) : Site(std::vector<Script>{std::move(script)}) {}

  [[nodiscard]] Request request(HttpVersion version = HttpVersion::automatic) const {
    Request result = make_request(front.url("https://127.0.0.1"));
    result.tls.ca_file = authority.file();
    result.http_version = version;
    return result;
  }
};

const Script k_answer{ReadRequest{}, Send{response("hello")}};

}  // namespace

TEST_CASE("http2: the version is negotiated unless 1.1 is asked for") {
  const Site site(k_answer);
  const auto transport = make_transport({});
  const std::pair<HttpVersion, std::string> versions[] = {
      {HttpVersion::automatic, "2"}, {HttpVersion::http_2, "2"}, {HttpVersion::http_1_1, "1.1"}};
  for (const auto& [version, expected] : versions) {
    const Record record = run(*transport, site.request(version));
    CAPTURE(record.report->message);
    REQUIRE(record.report->ending == Ending::complete);
    CHECK(record.report->connection.http_version == expected);
    CHECK(record.head.status == 200);
    CHECK(record.head.header("content-type") == "text/event-stream");
    CHECK(record.body == "hello");
  }
}

TEST_CASE("http2: clear text speaks it only where that is asked for") {
  ScriptedServer origin(k_answer);
  const Nghttpx front(origin);
  const auto transport = make_transport({});
  Request request = make_request(front.url("http://127.0.0.1"));
  CHECK(run(*transport, request).report->connection.http_version == "1.1");
  request.http_version = HttpVersion::http_2;
  const Record record = run(*transport, request);
  CAPTURE(record.report->message);
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.report->connection.http_version == "2");
  CHECK(record.body == "hello");
}

TEST_CASE("http2: a clear-text server that does not speak it is a failure and no success") {
  ScriptedServer server(Script{Send{response("hello")}, AwaitClose{}});
  const auto transport = make_transport({});
  Request request = make_request(server.url());
  request.http_version = HttpVersion::http_2;
  const Record record = run(*transport, std::move(request));
  CHECK((record.report->ending == Ending::lost || record.report->ending == Ending::protocol_error));
  CHECK(record.head.status == 0);
}

TEST_CASE("http2: each read has its own stamp and events of one read share it") {
  Site site(Script{ReadRequest{}, Send{k_chunked_head}, Await{"first"}, Send{chunk("one")},
                   Await{"second"}, Send{chunk("two") + k_last_chunk}});
  const auto transport = make_transport({});
  const auto recording = start(*transport, site.request());
  REQUIRE(recording->wait([](const Record& r) { return r.head.status == 200; }));
  site.origin.signal("first");
  REQUIRE(recording->wait([](const Record& r) { return r.body == "one"; }));
  site.origin.signal("second");
  const Record record = recording->finished();
  REQUIRE(record.report->ending == Ending::complete);
  CHECK(record.body == "onetwo");
  REQUIRE(record.body_stamps.size() >= 2);
  CHECK(record.head_stamp < record.body_stamps.front());
  CHECK(record.body_stamps.front() < record.body_stamps.back());
}

TEST_CASE("http2: a connection is reused where that is asked for") {
  const Site site(k_answer);
  const auto transport = make_transport({});
  Request request = site.request();
  request.connection = ConnectionPolicy::reuse;
  CHECK_FALSE(run(*transport, request).report->connection.reused);
  const Record second = run(*transport, request);
  CHECK(second.report->ending == Ending::complete);
  CHECK(second.report->connection.reused);
  CHECK_FALSE(second.report->name_resolved);
  CHECK_FALSE(second.report->connected);
  CHECK_FALSE(second.report->tls_done);
  CHECK(second.report->request_sent);
  CHECK(second.report->connection.http_version == "2");
  CHECK(second.report->connection.certificate_expiry);
  CHECK_FALSE(run(*transport, site.request()).report->connection.reused);
}

TEST_CASE("http2: streams that are open at once have connections of their own") {
  Site site(Script{ReadRequest{}, Await{"go"}, Send{response("hello")}});
  const auto transport = make_transport({});
  Request request = site.request();
  request.connection = ConnectionPolicy::reuse;
  const auto first = start(*transport, request);
  const auto second = start(*transport, request);
  REQUIRE(site.origin.wait_for_requests(2));
  site.origin.signal("go");
  CHECK_FALSE(first->finished().report->connection.reused);
  CHECK_FALSE(second->finished().report->connection.reused);
}

TEST_CASE("http2: a stream that is reset in the middle is lost") {
  Site site(Script{ReadRequest{}, Send{k_chunked_head + chunk("hello")}, Await{"reset"}, Reset{}});
  const auto transport = make_transport({});
  const auto recording = start(*transport, site.request());
  REQUIRE(recording->wait([](const Record& r) { return r.body == "hello"; }));
  site.origin.signal("reset");
  const Record record = recording->finished();
  CHECK(record.report->ending == Ending::lost);
  CHECK_FALSE(record.report->message.empty());
  CHECK(record.report->connection.http_version == "2");
}

TEST_CASE("http2: a server learns at once that an exchange is given up") {
  for (const bool at_deadline : {false, true}) {
    Site site(
        {Script{ReadRequest{}, Send{k_chunked_head + chunk("hello")}, AwaitClose{}}, k_answer});
    const auto transport = make_transport({});
    Request request = site.request();
    request.connection = ConnectionPolicy::reuse;
    Behaviour give_up;
    if (at_deadline) {
      give_up.deadline = [](const Record& r) {
        return r.body.empty() ? MonotonicTime::max() : r.body_stamps[0] + 20ms;
      };
    } else {
      give_up.on = [](Call call, const Record&) {
        return call == Call::body ? Flow::stop : Flow::go_on;
      };
    }
    CHECK(run(*transport, request, give_up).report->ending == Ending::stopped);
    REQUIRE(site.origin.wait_for_closed(1));
    const Record next = run(*transport, request);
    CHECK(next.report->ending == Ending::complete);
    CHECK(next.body == "hello");
  }
}

TEST_CASE("http2: a large request and a long answer pass whole") {
  std::string answer;
  for (int i = 0; i < 200'000; ++i) {
    answer += std::to_string(i) + '\n';
  }
  Site site(Script{ReadRequest{}, Send{response(answer)}});
  const auto transport = make_transport({});
  Request request = site.request();
  request.body.assign(3UL * 1024 * 1024, 'x');
  const Record record = run(*transport, std::move(request));
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.body == answer);
  CHECK(site.origin.requests().at(0).ends_with(std::string(1024, 'x')));
  REQUIRE(record.report->request_sent);
  CHECK(*record.report->request_sent <= record.head_stamp);
}
