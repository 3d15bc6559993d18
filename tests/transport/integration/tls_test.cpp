#include "fakes/scripted_server.hpp"
#include "transport/integration/certificates.hpp"
#include "transport/integration/nghttpx.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <fstream>

namespace inferometer::transport::tls_test {
using namespace inferometer::fakes::script;
using inferometer::base::unix_seconds;
using inferometer::config::HttpVersion;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

const Script k_answer{ReadRequest{}, Send{response("hello")}, ReadRequest{},
                      Send{response("again")}};

const std::string k_loopback = "https://127.0.0.1";

/// A year from now and an odd second.
std::time_t in_a_year() {
  return std::time(nullptr) + 365L * 24 * 3600 + 17;
}

/// An origin behind TLS, with a certificate for the loopback address from its own authority.
struct Site {
  TemporaryFolder folder;
  Authority authority{folder, "authority"};
  std::time_t expiry = in_a_year();
  CertificateFiles files;
  ScriptedServer origin{k_answer};
  Nghttpx front;

  explicit Site(const std::string& name = "IP:127.0.0.1", const std::vector<std::string>& more = {})
      : files(authority.issue(name, expiry)), front(origin, files, more) {}

  [[nodiscard]] Request request() const {
    Request result = make_request(front.url(k_loopback));
    result.tls.ca_file = authority.file();
    return result;
  }
};

void check_tls_error(const Record& record) {
  CHECK(record.report->ending == Ending::tls_error);
  CHECK_FALSE(record.report->message.empty());
  CHECK_FALSE(record.report->tls_done);
  CHECK(record.request_begins.empty());
}

}  // namespace

TEST_CASE("tls: a certificate of a known authority is trusted and its expiry is told") {
  const Site site;
  const auto transport = make_transport({});
  const Record record = run(*transport, site.request());
  const Report& report = *record.report;
  CAPTURE(report.message);
  REQUIRE(report.ending == Ending::complete);
  CHECK(record.body == "hello");
  CHECK(report.connection.http_version == "2");
  REQUIRE(report.connection.certificate_expiry);
  CHECK(unix_seconds(*report.connection.certificate_expiry) == static_cast<double>(site.expiry));
  REQUIRE(report.tls_done);
  REQUIRE(report.connected);
  CHECK(*report.connected < *report.tls_done);
  CHECK(*report.tls_done <= record.request_begins.at(0));
  REQUIRE(report.request_sent);
  CHECK(record.request_begins[0] <= *report.request_sent);
  CHECK(*report.request_sent <= record.head_stamp);
}

TEST_CASE("tls: the earliest expiry of the chain counts") {
  TemporaryFolder folder;
  const Authority authority(folder, "authority");
  const CertificateFiles files =
      authority.issue("IP:127.0.0.1", authority.not_after() + 1000L * 24 * 3600);
  // The server sends its authority's certificate along, which ends first.
  const std::string chain = folder.path("chain.pem");
  std::ofstream(chain) << std::ifstream(files.certificate).rdbuf()
                       << std::ifstream(authority.file()).rdbuf();
  ScriptedServer origin(k_answer);
  const Nghttpx front(origin, {chain, files.key});
  const auto transport = make_transport({});
  Request request = make_request(front.url(k_loopback));
  request.tls.ca_file = authority.file();
  const Record record = run(*transport, std::move(request));
  REQUIRE(record.report->connection.certificate_expiry);
  CHECK(unix_seconds(*record.report->connection.certificate_expiry) ==
        static_cast<double>(authority.not_after()));
}

TEST_CASE("tls: a certificate of an unknown authority is refused") {
  const Site site;
  const Authority other(site.folder, "other");
  const auto transport = make_transport({});
  Request request = site.request();
  request.tls.ca_file.clear();  // the system's authorities
  check_tls_error(run(*transport, request));
  request.tls.ca_file = other.file();
  check_tls_error(run(*transport, request));
}

TEST_CASE("tls: a file of authorities that cannot be read is our own error") {
  const Site site;
  const auto transport = make_transport({});
  Request request = site.request();
  request.tls.ca_file = site.folder.path("missing.pem");
  const Record record = run(*transport, std::move(request));
  CHECK(record.report->ending == Ending::internal_error);
  CHECK(record.report->message.find("missing.pem") != std::string::npos);
}

TEST_CASE("tls: an expired certificate is refused") {
  TemporaryFolder folder;
  const Authority authority(folder, "authority");
  ScriptedServer origin(k_answer);
  const Nghttpx front(origin, authority.issue("IP:127.0.0.1", std::time(nullptr) - 60));
  const auto transport = make_transport({});
  Request request = make_request(front.url(k_loopback));
  request.tls.ca_file = authority.file();
  check_tls_error(run(*transport, std::move(request)));
}

TEST_CASE("tls: a certificate for another name is refused unless that name is asked for") {
  Site site("api.example");
  const auto transport = make_transport({});
  Request request = site.request();
  check_tls_error(run(*transport, request));

  request.tls.server_name = "other.example";
  check_tls_error(run(*transport, request));

  request.tls.server_name = "api.example";
  const Record record = run(*transport, request);
  CAPTURE(record.report->message);
  REQUIRE(record.report->ending == Ending::complete);
  CHECK(record.report->connection.remote_address ==
        "127.0.0.1:" + std::to_string(site.front.port()));
  // The server is still asked for what the URL says.
  CHECK(site.origin.requests().at(0).find("127.0.0.1:" + std::to_string(site.front.port())) !=
        std::string::npos);
  CHECK(site.origin.requests().at(0).find("api.example") == std::string::npos);
}

TEST_CASE("tls: verification is skipped only where that is asked for") {
  const Site site("api.example");
  const auto transport = make_transport({});
  Request request = make_request(site.front.url(k_loopback));
  check_tls_error(run(*transport, request));
  request.tls.insecure_skip_verify = true;
  const Record record = run(*transport, request);
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.report->connection.certificate_expiry);
  request.tls.insecure_skip_verify = false;
  check_tls_error(run(*transport, request));
}

TEST_CASE("tls: a client certificate is sent where one is given") {
  TemporaryFolder folder;
  const Authority clients(folder, "clients");
  const Site site("IP:127.0.0.1", {"--verify-client", "--verify-client-cacert=" + clients.file()});
  const auto transport = make_transport({});
  const Record refused = run(*transport, site.request());
  // With TLS 1.3 the server refuses after the handshake, which is done then for the client: whether
  // it meets the alert or a closed connection first, and in which step, is a matter of chance.
  const Ending ending = refused.report->ending;
  CAPTURE(ending);
  CHECK((ending == Ending::tls_error || ending == Ending::lost || ending == Ending::connect_error));
  CHECK_FALSE(refused.report->message.empty());
  CHECK(site.origin.requests().empty());

  const CertificateFiles files = clients.issue("client.example", in_a_year());
  Request request = site.request();
  request.tls.cert_file = files.certificate;
  request.tls.key_file = files.key;
  const Record accepted = run(*transport, request);
  CAPTURE(accepted.report->message);
  CHECK(accepted.report->ending == Ending::complete);

  request.tls.key_file = folder.path("missing.key");
  CHECK(run(*transport, request).report->ending == Ending::internal_error);
}

TEST_CASE("tls: a connection of one identity is not reused for another") {
  const Site site;
  const auto transport = make_transport({});
  Request request = site.request();
  request.connection = inferometer::config::ConnectionPolicy::reuse;
  CHECK(run(*transport, request).report->ending == Ending::complete);
  Request insecure = request;
  insecure.tls.insecure_skip_verify = true;
  insecure.tls.ca_file.clear();
  CHECK_FALSE(run(*transport, insecure).report->connection.reused);
  request.tls.ca_file.clear();
  check_tls_error(run(*transport, request));
}

TEST_CASE("tls: a connection that is lost in mid-stream is lost and no failure of tls") {
  ScriptedServer origin(
      Script{ReadRequest{}, Send{k_chunked_head + chunk("hello")}, Await{"kill"}});
  TemporaryFolder folder;
  const Authority authority(folder, "authority");
  auto front = std::make_unique<Nghttpx>(origin, authority.issue("IP:127.0.0.1", in_a_year()));
  const auto transport = make_transport({});
  Request request = make_request(front->url(k_loopback));
  request.tls.ca_file = authority.file();
  request.http_version = HttpVersion::http_1_1;
  const auto recording = start(*transport, std::move(request));
  REQUIRE(recording->wait([](const Record& r) { return r.body == "hello"; }));
  front.reset();
  CHECK(recording->finished().report->ending == Ending::lost);
}

}  // namespace inferometer::transport::tls_test
