#include "transport/tls/site.hpp"

#include <vector>

using namespace inferometer::transport::tls;
using State = Session::State;
using namespace std::string_literals;

namespace {

/// Where the bytes of a handshake are that a server vouches for: not the headers of the records,
/// nor the change of cipher that TLS 1.3 sends for appearance's sake (RFC 8446, appendix D.4).
std::vector<std::size_t> protected_bytes(std::string_view records) {
  std::vector<std::size_t> positions;
  for (std::size_t at = 0; at + 5 <= records.size();) {
    const auto byte = [&records](std::size_t i) { return static_cast<unsigned char>(records[i]); };
    const std::size_t end = at + 5 + byte(at + 3) * 256U + byte(at + 4);
    for (std::size_t i = at + 5; byte(at) != SSL3_RT_CHANGE_CIPHER_SPEC && i < end; ++i) {
      positions.push_back(i);
    }
    at = end;
  }
  return positions;
}

}  // namespace

TEST_CASE("tls session: a handshake is done however its bytes are cut") {
  const Site site;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    MemoryServer server(site.files, only(version));
    const auto session = site.session();
    for (int turn = 0; turn < 10 && session->state() == State::handshaking; ++turn) {
      server.receive(output_of(*session));
      for (const char byte : server.output()) {
        CHECK(deliver(*session, {&byte, 1}).empty());
      }
    }
    CHECK(exchange(*session, server).empty());
    CHECK(session->state() == State::open);
    CHECK(session->problem().empty());
    CHECK(server.open());
    CHECK(server.version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
    session->send("question");
    CHECK(exchange(*session, server).empty());
    CHECK(server.received() == "question");
    server.send("answer");
    CHECK(exchange(*session, server) == "answer");
  }
}

TEST_CASE("tls session: data that comes with the last bytes of the handshake is not lost") {
  const Site site;
  MemoryServer server(site.files, only(TLS1_2_VERSION));
  const auto session = site.session();
  server.receive(output_of(*session));
  deliver(*session, server.output());
  server.receive(output_of(*session));
  REQUIRE(server.open());
  server.send("hello");
  REQUIRE(session->state() == State::handshaking);
  CHECK(deliver(*session, server.output()) == "hello");
  CHECK(session->state() == State::open);
}

TEST_CASE("tls session: no handshake is resumed") {
  const Site site;
  const auto context = context_for(site.trusting());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (int i = 0; i < 3; ++i) {
      MemoryServer server(site.files, only(version));
      Session session(context, {"api.example"});
      exchange(session, server);
      REQUIRE(session.state() == State::open);
      CHECK_FALSE(server.resumed());
    }
  }
}

TEST_CASE("tls session: the protocol is the one that the server has chosen of those offered") {
  const Site site;
  struct Case {
    bool http2, http1;
    std::string chosen, expected;
  };
  for (const Case& c : {Case{true, true, "h2", "h2"}, Case{true, true, "http/1.1", "http/1.1"},
                        Case{false, true, "h2", ""}, Case{true, false, "http/1.1", ""},
                        Case{true, true, "", ""}, Case{false, false, "h2", ""}}) {
    CAPTURE(c.chosen);
    MemoryServer server(site.files, {.protocol = c.chosen});
    const auto session = site.session({"api.example", c.http2, c.http1});
    CHECK(session->protocol().empty());
    exchange(*session, server);
    CHECK(session->state() == State::open);
    CHECK(session->protocol() == c.expected);
  }
}

TEST_CASE("tls session: a protocol that was not offered is refused") {
  const Site site;
  for (const char* protocol : {"h2", "spdy/3"}) {
    MemoryServer server(site.files, {.protocol = protocol, .forces_protocol = true});
    const auto session = site.session();
    exchange(*session, server);
    CHECK(session->state() == State::failed);
    CHECK_FALSE(session->problem().empty());
    CHECK(session->protocol().empty());
  }
}

TEST_CASE("tls session: a server that speaks nothing newer than TLS 1.1 is refused") {
  const Site site;
  MemoryServer server(site.files, only(TLS1_1_VERSION));
  const auto session = site.session();
  exchange(*session, server);
  CHECK(session->state() == State::failed);
  CHECK(contains(session->problem(), "protocol version"));
  CHECK(contains(session->problem(), "1.2"));

  // RFC 4346, 7.4.1.3: a server that answers with 1.1 whatever it was offered.
  const std::string hello = "\x03\x02"s + std::string(32, 'r') + "\x00\xC0\x13\x00"s;
  const std::string record = "\x16\x03\x02\x00\x2A\x02\x00\x00\x26"s + hello;
  const auto old = site.session();
  deliver(*old, record);
  CHECK(old->state() == State::failed);
  CHECK(contains(old->problem(), "older TLS than 1.2"));
}

TEST_CASE("tls session: a server that speaks no TLS is told apart") {
  const Site site;
  for (const char* text :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail.example ESMTP\r\n", "CONNECT example:443 HTTP/1.1\r\n\r\n"}) {
    CAPTURE(text);
    const auto session = site.session();
    (void)output_of(*session);
    CHECK(deliver(*session, text).empty());
    CHECK(session->state() == State::failed);
    CAPTURE(session->problem());
    CHECK(contains(session->problem(), "does not speak TLS"));
    CHECK(contains(session->problem(), "http://"));
  }
}

TEST_CASE("tls session: an alert is told by its name and what can be done about it") {
  const Site site;
  struct Case {
    char alert;
    const char *name, *hint;
  };
  for (const Case& c :
       {Case{40, "handshake failure", "cipher"}, Case{112, "unrecognized name", "tls.server_name"},
        Case{116, "certificate required", "tls.cert_file"},
        Case{120, "no application protocol", "HTTP"}, Case{77, "77", ""}}) {
    const auto session = site.session();
    const std::string record = "\x15\x03\x03\x00\x02\x02"s + c.alert;
    CHECK(deliver(*session, record).empty());
    CHECK(session->state() == State::failed);
    CAPTURE(session->problem());
    CHECK(contains(session->problem(), c.name));
    CHECK(contains(session->problem(), c.hint));
    CHECK_FALSE(contains(session->problem(), "\n"));
  }
}

TEST_CASE("tls session: an end in order within the handshake is a failure") {
  const Site site;
  const auto session = site.session();
  deliver(*session, "\x15\x03\x03\x00\x02\x01\x00"s);
  CHECK(session->state() == State::failed);
  CHECK(contains(session->problem(), "handshake"));
}

TEST_CASE("tls session: what comes after a failure is ignored") {
  const Site site;
  MemoryServer server(site.files);
  const auto session = site.session();
  server.receive(output_of(*session));
  deliver(*session, "HTTP/1.1 400 Bad Request\r\n\r\n");
  REQUIRE(session->state() == State::failed);
  const std::string problem = session->problem();
  (void)output_of(*session);
  CHECK(deliver(*session, server.output()).empty());
  session->close();
  session->send("x");
  CHECK(session->state() == State::failed);
  CHECK(session->problem() == problem);
  CHECK(output_of(*session).empty());
}

TEST_CASE("tls session: no handshake is done in which a byte was changed") {
  const Site site;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; at += 3) {
      MemoryServer server(site.files, only(version));
      const auto session = site.session();
      server.receive(output_of(*session));
      std::string bytes = server.output();
      const std::vector<std::size_t> positions = protected_bytes(bytes);
      size = positions.size();
      if (at >= size) {
        break;
      }
      CAPTURE(positions[at]);
      bytes[positions[at]] = static_cast<char>(bytes[positions[at]] ^ 0x55);
      CHECK(deliver(*session, bytes).empty());
      CHECK(exchange(*session, server).empty());
      CHECK((session->state() == State::failed || session->state() == State::handshaking));
      CHECK((session->state() == State::failed) == !session->problem().empty());
    }
  }
}
