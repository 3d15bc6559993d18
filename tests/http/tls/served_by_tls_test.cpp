#include "config/web/web_file.hpp"
#include "fakes/eventually.hpp"
#include "http/server.hpp"
#include "http/tls/tls_client.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace inferometer::http {
namespace {

using fakes::TemporaryFolder;
using test::Answer;
using test::ask_by_tls;
using test::TlsClient;
using transport::Authority;
using transport::CertificateFiles;
using namespace std::chrono_literals;

std::time_t in_a_day() {
  return std::time(nullptr) + 24L * 3600;
}

std::size_t page_size(const Request& request) {
  return request.path == "/large" ? std::size_t{20} << 20U : 100;
}

/// A server by TLS with a certificate of its own authority.
struct Site {
  TemporaryFolder folder;
  Authority authority{folder, "authority"};
  CertificateFiles files = authority.issue("localhost", in_a_day());
  std::atomic<int> failed_handshakes{0};
  std::shared_ptr<Door> door;
  std::unique_ptr<Server> server;

  /// `policy` are further lines of tls_server_config.
  explicit Site(const std::string& policy = "", const Limits& limits = {}) {
    door = std::make_shared<Door>(Access{.tls = load(policy)},
                                  [this](Refusal) { ++failed_handshakes; });
    const auto handler = [](const Request& request) {
      Response response;
      response.body.resize(page_size(request), 'x');
      return response;
    };
    const auto lane_of = [](std::string_view) { return Lane::page; };
    auto started = Server::start({"127.0.0.1:0"}, handler, lane_of, limits, door);
    REQUIRE(started);
    server = *std::move(started);
  }

  std::shared_ptr<const tls::Context> load(const std::string& policy) const {
    const auto loaded =
        config::load_web_text(fmt::format("tls_server_config:\n  cert_file: {}\n  key_file: {}\n{}",
                                          files.certificate, files.key, policy),
                              "web.yml");
    REQUIRE_MESSAGE(loaded, config::render("web.yml", loaded.error()));
    auto context = tls::load_context(*loaded->tls);
    REQUIRE_MESSAGE(context, (context ? "" : context.error().message));
    return *context;
  }

  [[nodiscard]] std::uint16_t port() const { return server->ports().front(); }
  [[nodiscard]] int status(const TlsClient::Options& options = TlsClient::Options()) const {
    return ask_by_tls(port(), "GET / HTTP/1.1", options).status;
  }
};

std::string client_policy(const std::string& type, const Authority& authority,
                          const std::string& more = "") {
  return fmt::format("  client_auth_type: {}\n  client_ca_file: {}\n{}", type, authority.file(),
                     more);
}

}  // namespace

TEST_CASE("pages are served by TLS, one after the other on a kept connection") {
  Site site;
  TlsClient client(site.port());
  REQUIRE(client.shake_hands());
  CHECK(std::string_view(SSL_get_version(client.ssl())) == "TLSv1.3");
  client.send(
      "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /large HTTP/1.1\r\nHost: x\r\n"
      "Connection: close\r\n\r\n");
  const std::string answers = client.read_all();
  CHECK(answers.size() > (std::size_t{20} << 20U) + 100);
  CHECK(answers.find("HTTP/1.1 200 OK", 10) != std::string::npos);
  CHECK(client.ended_in_order());
}

TEST_CASE("a version below the least is refused and one above it is not") {
  Site site;
  CHECK(site.status({.highest_version = TLS1_1_VERSION}) == 0);
  CHECK(site.status({.highest_version = TLS1_2_VERSION}) == 200);
  CHECK(fakes::eventually([&] { return site.failed_handshakes == 1; }));
  CHECK(Site("  min_version: TLS13\n").status({.highest_version = TLS1_2_VERSION}) == 0);
  CHECK(Site("  max_version: TLS12\n").status() == 200);
  CHECK(Site("  min_version: TLS10\n").status({.highest_version = TLS1_VERSION}) == 200);
}

TEST_CASE("only listed cipher suites and curves are taken, in the server's order") {
  Site site(
      "  max_version: TLS12\n"
      "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n"
      "  curve_preferences: [CurveP384]\n");
  CHECK(site.status({.ciphers = "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA"}) == 0);
  TlsClient client(site.port(), {.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:"
                                            "ECDHE-RSA-AES256-GCM-SHA384:"
                                            "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                            "ECDHE-RSA-AES128-GCM-SHA256"});
  REQUIRE(client.shake_hands());
  CHECK(std::string_view(SSL_get_cipher_name(client.ssl())).find("AES128") !=
        std::string_view::npos);
  TlsClient other(site.port());
  std::string curve = "X25519";
  REQUIRE(SSL_set1_groups_list(other.ssl(), curve.data()) == 1);
  CHECK(!other.shake_hands());
}

TEST_CASE("a client certificate is required where the policy says so") {
  const TemporaryFolder folder;
  const Authority clients(folder, "clients");
  const Authority others(folder, "others");
  const TlsClient::Options good{.own = clients.issue("good", in_a_day())};
  const TlsClient::Options foreign{.own = others.issue("foreign", in_a_day())};
  const TlsClient::Options expired{.own = clients.issue("old", std::time(nullptr) - 60)};
  const auto statuses = [&](const std::string& policy) {
    const Site site(policy);
    return std::vector<int>{site.status(), site.status(good), site.status(foreign),
                            site.status(expired)};
  };
  using Statuses = std::vector<int>;
  CHECK(statuses("") == Statuses{200, 200, 200, 200});
  CHECK(statuses("  client_auth_type: RequestClientCert\n") == Statuses{200, 200, 200, 200});
  CHECK(statuses("  client_auth_type: RequireAnyClientCert\n") == Statuses{0, 200, 200, 200});
  CHECK(statuses(client_policy("VerifyClientCertIfGiven", clients)) == Statuses{200, 200, 0, 0});
  CHECK(statuses(client_policy("RequireAndVerifyClientCert", clients)) == Statuses{0, 200, 0, 0});
}

TEST_CASE("a client certificate must have one of the allowed names") {
  const TemporaryFolder folder;
  const Authority clients(folder, "clients");
  Site site(client_policy("RequireAndVerifyClientCert", clients,
                          "  client_allowed_sans: [prometheus.example, 10.1.2.3]\n"));
  const auto status = [&](const std::string& name) {
    return site.status({.own = clients.issue(name, in_a_day())});
  };
  CHECK(status("prometheus.example") == 200);
  CHECK(status("IP:10.1.2.3") == 200);
  CHECK(status("grafana.example") == 0);
  CHECK(status("x.prometheus.example") == 0);
  CHECK(status("IP:10.1.2.30") == 0);
}

TEST_CASE("a new certificate serves the next connection, and an open one goes on") {
  Site site;
  TlsClient open(site.port());
  REQUIRE(open.shake_hands());
  site.files = site.authority.issue("renewed", in_a_day());
  site.door->set(Access{.tls = site.load("")});
  TlsClient fresh(site.port());
  REQUIRE(fresh.shake_hands());
  const base::openssl::Owned<X509> shown(SSL_get1_peer_certificate(fresh.ssl()));
  CHECK(X509_check_host(shown.get(), "renewed", 0, 0, nullptr) == 1);
  open.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(test::parse_answer(open.read_all()).status == 200);
}

TEST_CASE("a client that speaks clear text is told so") {
  Site site;
  test::Client client(site.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_all().find("https://") != std::string::npos);
}

TEST_CASE("a client that offers HTTP/2 alone is refused and one that offers both is served") {
  Site site;
  const auto offer = [&](const std::string& protocols) {
    TlsClient client(site.port());
    REQUIRE(SSL_set_alpn_protos(client.ssl(),
                                reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size())) == 0);
    return client.shake_hands();
  };
  CHECK(offer("\x02h2\x08http/1.1"));
  CHECK(!offer("\x02h2"));
}

TEST_CASE("a renegotiation is refused") {
  Site site;
  TlsClient client(site.port(), {.highest_version = TLS1_2_VERSION});
  REQUIRE(client.shake_hands());
  SSL_renegotiate(client.ssl());
  CHECK(SSL_do_handshake(client.ssl()) != 1);
}

TEST_CASE("a handshake, a head and an idle connection by TLS have the time that clear text has") {
  Limits limits;
  limits.head = 300ms;
  limits.linger = 100ms;
  Site site("", limits);
  test::Client silent(site.port());
  test::Client slow(site.port());
  TlsClient half(site.port());
  REQUIRE(half.shake_hands());
  half.send("GET / HTTP/1.1\r\nX: ");
  std::atomic<bool> over{false};
  // The first bytes of a ClientHello, one by one.
  std::thread trickle([&] {
    const std::string_view hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    for (std::size_t i = 0; i < 1000 && !over; ++i) {
      slow.send(hello.substr(std::min(i, hello.size() - 1), 1));
      std::this_thread::sleep_for(20ms);
    }
  });
  CHECK(silent.read_all().empty());
  CHECK(half.read_all().empty());
  CHECK(slow.read_all().size() < 100);
  over = true;
  trickle.join();
  CHECK(site.status() == 200);
}

TEST_CASE("an oversized head by TLS is a 431 and an unread body is cut off") {
  Limits limits;
  limits.linger = 100ms;
  Site site("", limits);
  CHECK(ask_by_tls(site.port(), "GET / HTTP/1.1\r\nX: " + std::string(20000, 'x')).status == 431);
  TlsClient client(site.port());
  REQUIRE(client.shake_hands());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
  CHECK(test::parse_answer(client.read_all()).status == 200);
  const std::string chunk(16384, 'x');
  int sent = 0;
  while (sent < 10'000 && client.send(chunk)) {
    ++sent;
  }
  CHECK(sent < 10'000);
}

TEST_CASE("a reply that a client by TLS does not read ends with its time") {
  Limits limits;
  limits.reply = 300ms;
  limits.linger = 100ms;
  Site site("", limits);
  TlsClient client(site.port(), {}, 4096);
  REQUIRE(client.shake_hands());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(site.status() == 200);  // nobody waits for it
  test::send_until_reset(client);
  CHECK(client.read_all().size() < (std::size_t{20} << 20U));
  CHECK(!client.ended_in_order());
}

TEST_CASE("more clients in the handshake than there may be connections keep nobody out") {
  Limits limits;
  limits.connections = 8;
  limits.busy_connections = 6;
  Site site("", limits);
  std::vector<test::Client> waiting;
  for (int i = 0; i < 50; ++i) {
    waiting.emplace_back(site.port());
  }
  CHECK(site.status() == 200);
}

TEST_CASE("a server stops while handshakes go on") {
  Site site;
  std::vector<std::unique_ptr<TlsClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<TlsClient>(site.port()));
    const int flags = ::fcntl(clients.back()->fd(), F_GETFL);
    REQUIRE(::fcntl(clients.back()->fd(), F_SETFL, flags | O_NONBLOCK) == 0);
    // Its first message is under way; a fast server may have answered already.
    static_cast<void>(clients.back()->shake_hands());
  }
  site.server->stop();
}

}  // namespace inferometer::http
