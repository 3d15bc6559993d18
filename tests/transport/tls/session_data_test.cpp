#include "transport/tls/site.hpp"

using namespace inferometer::transport::tls;
using State = Session::State;
using namespace std::string_literals;

namespace {

constexpr int k_versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

}  // namespace

TEST_CASE("tls session: all records that came together come out of one call") {
  const Site site;
  for (const int version : k_versions) {
    Pair pair(site, only(version));
    std::string expected;
    for (int i = 0; i < 39; ++i) {
      const std::string event = "data: " + std::to_string(i) + "\n\n";
      pair.server.send(event);
      expected += event;
    }
    std::string plain;
    int pieces = 0;
    pair.session->receive(pair.server.output(), [&](std::string_view piece) {
      plain.append(piece);
      ++pieces;
    });
    CHECK(plain == expected);
    CHECK(pieces == 39);
  }
}

TEST_CASE("tls session: a record comes out of the call that brings its last byte") {
  const Site site;
  for (const int version : k_versions) {
    Pair pair(site, only(version));
    pair.server.send("hello");
    pair.server.send("again");
    const std::string bytes = pair.server.output();
    const std::size_t record = bytes.size() / 2;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      CAPTURE(at);
      const std::string plain = deliver(*pair.session, std::string_view(bytes).substr(at, 1));
      CHECK(plain == (at == record - 1 ? "hello" : at == bytes.size() - 1 ? "again" : ""));
    }
  }
}

TEST_CASE("tls session: it tells that bytes came behind the last data") {
  const Site site;
  for (const int version : k_versions) {
    Pair pair(site, only(version));
    pair.server.send("hello");
    const std::string first = pair.server.output();
    pair.server.send("again");
    const std::string second = pair.server.output();
    for (std::size_t cut = 1; cut < second.size(); ++cut) {
      CAPTURE(cut);
      Session& session = *pair.session;
      if (cut == 1) {
        CHECK(deliver(session, first + second.substr(0, cut)) == "hello");
      } else {
        CHECK(deliver(session, second.substr(cut - 1, 1)).empty());
      }
      CHECK(session.has_rest());
    }
    CHECK(deliver(*pair.session, second.substr(second.size() - 1)) == "again");
    CHECK_FALSE(pair.session->has_rest());
  }
}

TEST_CASE("tls session: large data goes both ways whole") {
  const Site site;
  std::string large(300'000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<char>('a' + i % 23);
  }
  for (const int version : k_versions) {
    Pair pair(site, only(version));
    pair.session->send(large);
    CHECK(exchange(*pair.session, pair.server).empty());
    CHECK(pair.server.received() == large);
    pair.server.send(large);
    CHECK(exchange(*pair.session, pair.server) == large);
    CHECK(pair.session->state() == State::open);
  }
}

TEST_CASE("tls session: data may be sent from within receive") {
  const Site site;
  Pair pair(site);
  pair.server.send("ping");
  pair.server.send("ping");
  pair.session->receive(pair.server.output(),
                        [&pair](std::string_view) { pair.session->send("pong"); });
  exchange(*pair.session, pair.server);
  CHECK(pair.server.received() == "pongpong");
}

TEST_CASE("tls session: an end in order closes, and what follows it is ignored") {
  const Site site;
  for (const int version : k_versions) {
    Pair pair(site, only(version));
    pair.server.send("last");
    pair.server.close();
    const std::string bytes = pair.server.output();
    CHECK(deliver(*pair.session, bytes + "HTTP/1.1 200 OK\r\n\r\n") == "last");
    CHECK(pair.session->state() == State::closed);
    CHECK(pair.session->problem().empty());
    CHECK(deliver(*pair.session, bytes).empty());
    CHECK(pair.session->state() == State::closed);
    pair.session->close();
    pair.server.receive(output_of(*pair.session));
    CHECK(pair.server.closed());
  }
}

TEST_CASE("tls session: closing is said once and leaves the other direction open") {
  const Site site;
  for (const int version : k_versions) {
    Pair pair(site, only(version));
    pair.session->close();
    const std::string said = output_of(*pair.session);
    CHECK_FALSE(said.empty());
    pair.session->close();
    CHECK(output_of(*pair.session).empty());
    pair.server.receive(said);
    CHECK(pair.server.closed());
    CHECK(pair.session->state() == State::open);
    pair.server.send("rest");
    CHECK(deliver(*pair.session, pair.server.output()) == "rest");
  }
  const auto session = site.session();
  (void)output_of(*session);
  session->close();
  CHECK(output_of(*session).empty());
}

TEST_CASE("tls session: bytes that are cut off are no end in order") {
  const Site site;
  for (const int version : k_versions) {
    Pair pair(site, only(version));
    pair.server.send("hello");
    pair.server.close();
    const std::string bytes = pair.server.output();
    CHECK(deliver(*pair.session, std::string_view(bytes).substr(0, bytes.size() - 1)) == "hello");
    CHECK(pair.session->state() == State::open);
  }
}

TEST_CASE("tls session: an alert in the midst of the data is a failure with its name") {
  const Site site;
  Pair pair(site);
  pair.server.send("hello");
  // To a record that does not decrypt OpenSSL answers with bad_record_mac (RFC 8446, 5.2).
  pair.server.receive("\x17\x03\x03\x00\x20"s + std::string(32, 'x'));
  CHECK(deliver(*pair.session, pair.server.output()) == "hello");
  CHECK(pair.session->state() == State::failed);
  CAPTURE(pair.session->problem());
  CHECK(contains(pair.session->problem(), "bad record mac"));
}

TEST_CASE("tls session: a record that was changed on its way is a failure") {
  const Site site;
  for (const int version : k_versions) {
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; ++at) {
      Pair pair(site, only(version));
      pair.server.send("before");
      const std::string before = pair.server.output();
      pair.server.send("hello");
      std::string bytes = pair.server.output();
      size = bytes.size();
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
      CHECK(deliver(*pair.session, before + bytes) == "before");
      // A longer length is waited for.
      CHECK((pair.session->state() == State::failed || at == 3 || at == 4));
      CHECK((pair.session->state() == State::failed) == !pair.session->problem().empty());
    }
  }
}
