#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "transport/integration/certificates.hpp"
#include "transport/integration/nghttpx.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <fstream>

namespace inferometer::transport::proxy_test {
using namespace inferometer::fakes::script;
using namespace std::chrono_literals;
using inferometer::base::Secret;
using inferometer::config::ConnectionPolicy;
using inferometer::fakes::Process;
using inferometer::fakes::ReservedPort;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

const Script k_answer{ReadRequest{}, Send{response("hello")}};

/// tinyproxy, a forward proxy of the distribution, on a loopback port.
class Tinyproxy {
 public:
  explicit Tinyproxy(const std::string& more_configuration = "")
      : m_process({"tinyproxy", "-d", "-c", write_configuration(more_configuration)}) {
    m_process.wait_until_listening(m_port.number());
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(m_port.number());
  }
  [[nodiscard]] std::string log() const { return m_process.output(); }

 private:
  std::string write_configuration(const std::string& more) const {
    std::string path = m_folder.path("tinyproxy.conf");
    std::ofstream(path) << "Port " << m_port.number() << "\nListen 127.0.0.1\nTimeout 60\n"
                        << "MaxClients 20\nLogLevel Info\n"
                        << more << '\n';
    return path;
  }

  TemporaryFolder m_folder;
  ReservedPort m_port;
  Process m_process;
};

Request through(const std::string& proxy, std::string url) {
  Request request = make_request(std::move(url));
  request.proxy.url = proxy;
  return request;
}

/// A TLS site with its authority, to be reached through CONNECT.
struct Site {
  TemporaryFolder folder;
  Authority authority{folder, "authority"};
  ScriptedServer origin{k_answer};
  Nghttpx front{origin, authority.issue("IP:127.0.0.1", std::time(nullptr) + 3600)};

  [[nodiscard]] Request request(const std::string& proxy) const {
    Request result = through(proxy, front.url("https://127.0.0.1"));
    result.tls.ca_file = authority.file();
    return result;
  }
};

bool passed_through(const Tinyproxy& proxy, std::string_view what) {
  return proxy.log().find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("proxy: plain http is handed on") {
  const Tinyproxy proxy;
  ScriptedServer server(k_answer);
  const auto transport = make_transport({});
  const Record record = run(*transport, through(proxy.url(), server.url()));
  CAPTURE(record.report->message);
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.head.status == 200);
  CHECK(record.body == "hello");
  CHECK(passed_through(proxy, "Request (file descriptor"));
  CHECK(record.report->connection.remote_address == proxy.url().substr(7));
}

TEST_CASE("proxy: https goes through a tunnel and its marks are those of the site") {
  const Tinyproxy proxy;
  const Site site;
  const auto transport = make_transport({});
  const Record record = run(*transport, site.request(proxy.url()));
  CAPTURE(record.report->message);
  REQUIRE(record.report->ending == Ending::complete);
  CHECK(record.head.status == 200);
  CHECK(record.head.header("content-type") == "text/event-stream");
  CHECK(record.body == "hello");
  CHECK(record.report->connection.http_version == "2");
  CHECK(record.report->connection.certificate_expiry);
  CHECK(passed_through(proxy, "CONNECT 127.0.0.1:" + std::to_string(site.front.port())));
  REQUIRE(record.report->tls_done);
  CHECK(record.request_begins.size() == 1);
  CHECK(*record.report->tls_done <= record.request_begins[0]);
  CHECK(std::count(record.calls.begin(), record.calls.end(), Call::head) == 1);
}

TEST_CASE("proxy: a tunnel is reused where that is asked for") {
  const Tinyproxy proxy;
  const Site site;
  const auto transport = make_transport({});
  Request request = site.request(proxy.url());
  request.connection = ConnectionPolicy::reuse;
  CHECK_FALSE(run(*transport, request).report->connection.reused);
  CHECK(run(*transport, request).report->connection.reused);
}

TEST_CASE("proxy: one that is not there is a connect error") {
  const ReservedPort nobody;
  ScriptedServer server(k_answer);
  const auto transport = make_transport({});
  const std::string url = "http://127.0.0.1:" + std::to_string(nobody.number());
  const Record record = run(*transport, through(url, server.url()));
  CHECK(record.report->ending == Ending::connect_error);
  CHECK(record.request_begins.empty());
  CHECK(server.accepted() == 0);
}

TEST_CASE("proxy: one whose name does not resolve is a dns error") {
  const auto transport = make_transport({});
  const Record record =
      run(*transport, through("http://nosuchproxy.invalid:3128", "http://127.0.0.1:1/"));
  CHECK(record.report->ending == Ending::dns_error);
}

TEST_CASE("proxy: a tunnel that the proxy cannot or will not open is a connect error") {
  const ReservedPort nobody;
  const Tinyproxy proxy;
  const Tinyproxy strict("ConnectPort 443");
  const auto transport = make_transport({});
  const std::string url = "https://127.0.0.1:" + std::to_string(nobody.number()) + "/v1";
  for (const Tinyproxy* one : {&proxy, &strict}) {
    const Record record = run(*transport, through(one->url(), url));
    CAPTURE(record.report->message);
    CHECK(record.report->ending == Ending::connect_error);
    CHECK(record.request_begins.empty());
    CHECK(record.head.status == 0);
  }
}

TEST_CASE("proxy: a proxy that speaks nonsense or hangs up is a connect error") {
  for (const Script& script : {Script{ReadRequest{}}, Script{ReadRequest{}, Reset{}},
                               Script{ReadRequest{}, Send{"SSH-2.0-x\r\n"}},
                               Script{ReadRequest{}, Send{"HTTP/1.1 200 OK\r\nX-Unf"}}}) {
    ScriptedServer proxy(script);
    const auto transport = make_transport({});
    const Record record =
        run(*transport,
            through("http://127.0.0.1:" + std::to_string(proxy.port()), "https://127.0.0.1:1/v1"));
    CAPTURE(record.report->message);
    CHECK(record.report->ending == Ending::connect_error);
    CHECK(record.request_begins.empty());
  }
}

TEST_CASE("proxy: a tunnel that is not answered ends at the deadline") {
  ScriptedServer proxy(Script{ReadRequest{}, Await{"never"}});
  const auto transport = make_transport({});
  const Record record =
      run(*transport,
          through("http://127.0.0.1:" + std::to_string(proxy.port()), "https://127.0.0.1:1/v1"),
          give_up_after(100ms));
  CHECK(record.report->ending == Ending::stopped);
  CHECK(record.request_begins.empty());
}

TEST_CASE("proxy: user and password are sent to the proxy and never to the site") {
  const Tinyproxy proxy("BasicAuth someone pass-word");
  const Site site;
  ScriptedServer plain(k_answer);
  const auto transport = make_transport({});

  // Plain http: the proxy's answer is the response.
  CHECK(run(*transport, through(proxy.url(), plain.url())).head.status == 407);
  CHECK(run(*transport, site.request(proxy.url())).report->ending == Ending::connect_error);

  for (Request request : {through(proxy.url(), plain.url()), site.request(proxy.url())}) {
    request.proxy.username = "someone";
    request.proxy_password = Secret("wrong");
    const Record wrong = run(*transport, request);
    CHECK((wrong.head.status == 401 || wrong.report->ending == Ending::connect_error));
    request.proxy_password = Secret("pass-word");
    const Record right = run(*transport, request);
    CAPTURE(right.report->message);
    CHECK(right.report->ending == Ending::complete);
    CHECK(right.head.status == 200);
    CHECK(right.body == "hello");
  }
  for (const std::vector<std::string>& requests : {plain.requests(), site.origin.requests()}) {
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].find("Proxy-Authorization") == std::string::npos);
  }
}

TEST_CASE("proxy: hosts that are excepted are reached directly") {
  const ReservedPort nobody;
  ScriptedServer server(k_answer);
  const auto transport = make_transport({});
  Request request = through("http://127.0.0.1:" + std::to_string(nobody.number()), server.url());
  for (const char* excepted : {"127.0.0.1", "example.com,127.0.0.1", "*"}) {
    request.proxy.no_proxy = excepted;
    CHECK(run(*transport, request).report->ending == Ending::complete);
  }
  request.proxy.no_proxy = "example.com";
  CHECK(run(*transport, request).report->ending == Ending::connect_error);
}

}  // namespace inferometer::transport::proxy_test
