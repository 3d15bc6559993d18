#include "transport/tls/site.hpp"

#include <fstream>

using namespace inferometer::transport::tls;
using inferometer::transport::Authority;
using inferometer::transport::CertificateFiles;
using inferometer::transport::TemporaryFolder;
using State = Session::State;
using std::chrono::sys_seconds;

namespace {

/// The session after a handshake with a server that has `files`.
std::unique_ptr<Session> shake(const CertificateFiles& files, inferometer::config::Tls tls,
                               const std::string& name, int version = TLS1_3_VERSION) {
  MemoryServer server(files, only(version));
  auto session = std::make_unique<Session>(context_for(tls), Handshake{name});
  exchange(*session, server);
  CHECK(server.open() == (session->state() == State::open));
  return session;
}

void check_refused(const Session& session, std::initializer_list<const char*> said) {
  CHECK(session.state() == State::failed);
  CAPTURE(session.problem());
  CHECK_FALSE(contains(session.problem(), "\n"));
  for (const char* part : said) {
    CHECK_MESSAGE(contains(session.problem(), part), part);
  }
}

}  // namespace

TEST_CASE("tls session: a host name is sent and verified, without its trailing dot") {
  const Site site;
  for (const char* name : {"api.example", "API.Example", "api.example."}) {
    MemoryServer server(site.files);
    const auto session = site.session({name});
    exchange(*session, server);
    CHECK_MESSAGE(session->state() == State::open, session->problem());
    CHECK(contains("api.example API.Example", server.asked_name()));
    CHECK_FALSE(server.asked_name().empty());
  }
}

TEST_CASE("tls session: an address is verified and not sent as a name") {
  for (const char* address : {"127.0.0.1", "::1"}) {
    const Site site("IP:" + std::string(address));
    MemoryServer server(site.files);
    const auto session = site.session({address});
    exchange(*session, server);
    CHECK_MESSAGE(session->state() == State::open, session->problem());
    CHECK(server.asked_name().empty());
    check_refused(*shake(site.files, site.trusting(), "127.0.0.2"),
                  {"127.0.0.2", "tls.server_name"});
    check_refused(*shake(site.files, site.trusting(), "localhost"), {"localhost"});
  }
  // An address that stands among the names is none of the certificate's addresses.
  const Site named("127.0.0.1");
  check_refused(*shake(named.files, named.trusting(), "127.0.0.1"), {"127.0.0.1"});
}

TEST_CASE("tls session: a certificate for another name is refused") {
  const Site site;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    check_refused(*shake(site.files, site.trusting(), "other.example", version),
                  {"other.example", "mismatch", "tls.server_name"});
  }
  check_refused(*shake(site.files, site.trusting(), "example"), {"example"});
}

TEST_CASE("tls session: a wildcard stands for one whole label") {
  const Site whole("*.site.example");
  CHECK(shake(whole.files, whole.trusting(), "api.site.example")->state() == State::open);
  check_refused(*shake(whole.files, whole.trusting(), "a.b.site.example"), {"a.b.site.example"});
  const Site part("a*.site.example");
  check_refused(*shake(part.files, part.trusting(), "api.site.example"), {"api.site.example"});
}

TEST_CASE("tls session: a name that cannot be verified fails before a byte is sent") {
  const Site site;
  for (const std::string& name :
       {std::string(), std::string("."), std::string("api.example\0x", 13),
        std::string("127.0.0.1\0x", 11), std::string(300, 'x')}) {
    const auto session = site.session({name});
    check_refused(*session, {"tls.server_name"});
    CHECK(output_of(*session).empty());
  }
}

TEST_CASE("tls session: a certificate of an unknown authority is refused") {
  const Site site;
  const Authority other(site.folder, "other");
  check_refused(*shake(site.files, {.ca_file = other.file()}, "api.example"),
                {"api.example", "issuer", "tls.ca_file", "other.pem"});
  check_refused(*shake(site.files, {}, "api.example"), {"system's authorities", "tls.ca_file"});
  // One with the right name and another key.
  const TemporaryFolder folder;
  const Authority namesake(folder, "authority");
  check_refused(*shake(site.files, {.ca_file = namesake.file()}, "api.example"), {"api.example"});
}

TEST_CASE("tls session: a self-signed certificate is refused unless it is trusted itself") {
  const Site site;
  const CertificateFiles self = site.authority.issue_self_signed("api.example", in_a_year());
  check_refused(*shake(self, site.trusting(), "api.example"), {"self", "signed", "tls.ca_file"});
  CHECK(shake(self, {.ca_file = self.certificate}, "api.example")->state() == State::open);
}

TEST_CASE("tls session: an expired certificate is refused and its expiry is told") {
  const std::time_t yesterday = std::time(nullptr) - k_day / 2;
  const Site site("api.example", yesterday);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto session = shake(site.files, site.trusting(), "api.example", version);
    check_refused(*session, {"api.example", "expired", "renewed"});
    REQUIRE(session->certificate_expiry());
    CHECK(*session->certificate_expiry() == sys_seconds(std::chrono::seconds(yesterday)));
  }
}

TEST_CASE("tls session: verification is skipped only where that is asked for") {
  const Site site("other.example", std::time(nullptr) - 60);
  const auto session = shake(site.files, {.insecure_skip_verify = true}, "api.example");
  CHECK_MESSAGE(session->state() == State::open, session->problem());
  CHECK(session->certificate_expiry());
  CHECK(shake(site.files, site.trusting(), "api.example")->state() == State::failed);
}

TEST_CASE("tls session: a chain leads to its root, or to what else is trusted") {
  const TemporaryFolder folder;
  const Authority root(folder, "root");
  const Authority middle(folder, "middle", root);
  const CertificateFiles files = middle.issue("api.example", in_a_year());
  CHECK(shake(files, {.ca_file = root.file()}, "api.example")->state() == State::open);
  CHECK(shake(files, {.ca_file = middle.file()}, "api.example")->state() == State::open);
  CHECK(shake(files, {.ca_file = files.certificate}, "api.example")->state() == State::open);
  const Authority other(folder, "other");
  check_refused(*shake(files, {.ca_file = other.file()}, "api.example"), {"api.example"});
}

TEST_CASE("tls session: the earliest expiry of the chain counts") {
  const TemporaryFolder folder;
  const Authority root(folder, "root");
  const Authority middle(folder, "middle", root);
  const CertificateFiles early = middle.issue("api.example", in_a_year());
  const CertificateFiles late = middle.issue("api.example", middle.not_after() + 100 * k_day);
  const auto expiry_of = [&](const CertificateFiles& files) {
    const auto session = shake(files, {.ca_file = root.file()}, "api.example");
    REQUIRE(session->certificate_expiry());
    return session->certificate_expiry()->time_since_epoch().count();
  };
  CHECK(expiry_of(early) <= in_a_year());
  CHECK(expiry_of(early) > in_a_year() - 100);
  CHECK(expiry_of(late) == middle.not_after());
}

TEST_CASE("tls session: a certificate for ever ends in the year 9999") {
  constexpr std::time_t k_for_ever = 253402300799;  // 99991231235959Z
  const Site site("api.example", k_for_ever);
  MemoryServer server(site.files);
  const auto session = site.session();
  CHECK_FALSE(session->certificate_expiry());
  exchange(*session, server);
  REQUIRE(session->certificate_expiry());
  CHECK(session->certificate_expiry()->time_since_epoch().count() == k_for_ever);
}

TEST_CASE("tls session: a client certificate is sent with its chain where one is asked for") {
  const Site site;
  const Authority clients(site.folder, "clients");
  const Authority branch(site.folder, "branch", clients);
  const CertificateFiles files = branch.issue("client.example", in_a_year());
  inferometer::config::Tls tls = site.trusting();
  tls.cert_file = files.certificate;
  tls.key_file = files.key;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    MemoryServer::Options options = only(version);
    options.client_authority = clients.file();
    MemoryServer server(site.files, options);
    Session session(context_for(tls), {"api.example"});
    exchange(session, server);
    CHECK_MESSAGE(session.state() == State::open, session.problem());
    CHECK(contains(server.client_name(), "client.example"));
  }
  MemoryServer indifferent(site.files);
  Session session(context_for(tls), {"api.example"});
  exchange(session, indifferent);
  CHECK(session.state() == State::open);
  CHECK(indifferent.client_name().empty());
}

TEST_CASE("tls session: a server that misses the client's certificate says so") {
  const Site site;
  const Authority clients(site.folder, "clients");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    MemoryServer::Options options = only(version);
    options.client_authority = clients.file();
    MemoryServer server(site.files, options);
    const auto session = site.session();
    exchange(*session, server);
    check_refused(*session, {"alert", "certificate"});
  }
}
