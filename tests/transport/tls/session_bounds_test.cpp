#include "transport/tls/site.hpp"

#include <malloc.h>

#include <vector>

using namespace inferometer::transport::tls;
using State = Session::State;

namespace {

/// The server's bytes of `count` times what `say` has it say.
template <typename Say>
std::string flood(MemoryServer& server, int count, const Say& say) {
  for (int i = 0; i < count; ++i) {
    say(server);
  }
  return server.output();
}

const auto k_key_update = [](MemoryServer& server) { server.request_key_update(); };
const auto k_ticket = [](MemoryServer& server) { server.send_ticket(); };
const auto k_hello_request = [](MemoryServer& server) { server.send_hello_request(); };

void check_flooded(const Session& session) {
  CHECK(session.state() == State::failed);
  CAPTURE(session.problem());
  CHECK(contains(session.problem(), "without any data"));
}

}  // namespace

TEST_CASE("tls session: some tickets and key updates produce nothing and do no harm") {
  const Site site;
  Pair pair(site, only(TLS1_3_VERSION));
  CHECK(deliver(*pair.session, flood(pair.server, 10, k_ticket)).empty());
  CHECK(deliver(*pair.session, flood(pair.server, 10, k_key_update)).empty());
  pair.session->send("question");
  CHECK(exchange(*pair.session, pair.server).empty());
  CHECK(pair.server.received() == "question");
  pair.server.send("answer");
  CHECK(exchange(*pair.session, pair.server) == "answer");
}

TEST_CASE("tls session: a flood of key updates is a failure and its answers are few") {
  const Site site;
  for (const bool at_once : {true, false}) {
    Pair pair(site, only(TLS1_3_VERSION));
    const std::string bytes = flood(pair.server, 1000, k_key_update);
    for (std::size_t at = 0; at < bytes.size(); at += at_once ? bytes.size() : 100) {
      const auto piece = std::string_view(bytes).substr(at, at_once ? bytes.size() : 100);
      CHECK(deliver(*pair.session, piece).empty());
    }
    check_flooded(*pair.session);
    CHECK(output_of(*pair.session).size() < 4096);
  }
}

TEST_CASE("tls session: key updates between data are bounded by their answers") {
  const Site site;
  Pair pair(site, only(TLS1_3_VERSION));
  std::size_t answers = 0;
  std::string bytes;
  for (int i = 0; i < 1000; ++i) {
    pair.server.request_key_update();
    pair.server.send("x");
    deliver(*pair.session, pair.server.output());
    answers += output_of(*pair.session).size();
  }
  CHECK(pair.session->state() == State::failed);
  CHECK(answers < 4096);
}

TEST_CASE("tls session: a flood of tickets is a failure") {
  const Site site;
  Pair pair(site, only(TLS1_3_VERSION));
  CHECK(deliver(*pair.session, flood(pair.server, 1000, k_ticket)).empty());
  check_flooded(*pair.session);
}

TEST_CASE("tls session: tickets between data may go on") {
  const Site site;
  Pair pair(site, only(TLS1_3_VERSION));
  std::string plain;
  for (int i = 0; i < 500; ++i) {
    pair.server.send_ticket();
    pair.server.send("x");
    plain += deliver(*pair.session, pair.server.output());
  }
  CHECK(plain == std::string(500, 'x'));
  CHECK(pair.session->state() == State::open);
}

TEST_CASE("tls session: no renegotiation is taken up, and a flood of requests is a failure") {
  const Site site;
  Pair pair(site, only(TLS1_2_VERSION));
  pair.server.send_hello_request();
  CHECK(deliver(*pair.session, pair.server.output()).empty());
  CHECK(pair.session->state() == State::open);
  CHECK(output_of(*pair.session).size() < 100);  // an alert and no hello
}

TEST_CASE("tls session: requests to renegotiate without end are a failure") {
  const Site site;
  // Each in a record of its own, encrypted by a server that sends nothing else.
  Pair pair(site, only(TLS1_2_VERSION));
  const std::string bytes = flood(pair.server, 300, k_hello_request);
  REQUIRE(bytes.size() > 300 * 20);
  CHECK(deliver(*pair.session, bytes).empty());
  check_flooded(*pair.session);
  CHECK(output_of(*pair.session).size() < 4096);
}

TEST_CASE("tls session: a handshake without end is a failure") {
  const Site site;
  const auto session = site.session();
  (void)output_of(*session);
  // RFC 5246, 7.4.1.1: a client ignores these in a handshake, so they could come for ever.
  std::string record{"\x16\x03\x03\x40\x00", 5};
  for (int i = 0; i < 4096; ++i) {
    record += std::string(4, '\0');
  }
  int records = 0;
  while (records < 100 && session->state() == State::handshaking) {
    CHECK(deliver(*session, record).empty());
    ++records;
  }
  CHECK(session->state() == State::failed);
  CHECK(records < 20);
  CHECK_FALSE(session->problem().empty());
  CHECK(output_of(*session).size() < 4096);
}

TEST_CASE("tls session: an open session takes less than 36 KiB, with what it came with") {
  const Site site;
  const auto context = context_for(site.trusting());
  constexpr std::size_t k_sessions = 100;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    std::vector<std::unique_ptr<Session>> sessions;
    sessions.reserve(k_sessions);
    for (std::size_t i = 0; i < k_sessions; ++i) {
      MemoryServer server(site.files, only(version));
      sessions.push_back(std::make_unique<Session>(context, Handshake{"api.example"}));
      exchange(*sessions.back(), server);
      sessions.back()->send(std::string(100'000, 'q'));
      exchange(*sessions.back(), server);
      server.send(std::string(10'000, 'a'));
      REQUIRE(exchange(*sessions.back(), server).size() == 10'000);
    }
    const std::size_t with = mallinfo2().uordblks;
    sessions.clear();
    const std::size_t without = mallinfo2().uordblks;
    // OpenSSL 3.0 takes 30 KiB, 3.5 of Debian 13 34.
    MESSAGE("bytes for each session: " << (with - without) / k_sessions);
    CHECK(with - without < k_sessions * 36 * 1024);
  }
}
