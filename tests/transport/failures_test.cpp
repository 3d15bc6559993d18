#include "fakes/no_descriptors.hpp"
#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

using namespace inferometer::transport;
using namespace inferometer::fakes::script;
using namespace std::chrono_literals;
using inferometer::fakes::NoDescriptors;
using inferometer::fakes::ReservedPort;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

std::string loopback(std::string_view scheme, std::uint16_t port) {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(port) + "/v1";
}

/// The environment as curl's users set it; put back at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : m_name(name) {
    const char* before = std::getenv(name);
    m_before = before != nullptr ? before : "";
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (m_before.empty()) {
      unsetenv(m_name);
    } else {
      setenv(m_name, m_before.c_str(), 1);
    }
  }

 private:
  const char* m_name;
  std::string m_before;
};

void check_never_connected(const Record& record) {
  CHECK_FALSE(record.report->connected);
  CHECK_FALSE(record.report->tls_done);
  CHECK_FALSE(record.report->request_sent);
  CHECK(record.request_begins.empty());
  CHECK(record.calls == std::vector{Call::started, Call::end});
  CHECK_FALSE(record.report->message.empty());
  CHECK(record.report->connection.http_version.empty());
}

}  // namespace

TEST_CASE("transport: a port where nothing listens is a connect error") {
  const ReservedPort port;
  const auto transport = make_transport({});
  const Record record = run(*transport, make_request(loopback("http", port.number())));
  CHECK(record.report->ending == Ending::connect_error);
  CHECK(record.report->name_resolved);
  check_never_connected(record);
}

TEST_CASE("transport: a failure at once ends at once") {
  const ReservedPort port;
  const auto transport = make_transport({});
  for (const std::string& url : {loopback("http", port.number()), std::string("http://")}) {
    Duration best = 1h;
    for (int i = 0; i < 20; ++i) {
      const Record record = run(*transport, make_request(url));
      best = std::min(best, record.report->ended - record.report->started);
    }
    CHECK(best < 15ms);  // the loop's heartbeat, which would hide a missed wake-up, takes 20 ms
  }
}

TEST_CASE("transport: a name that does not resolve is a dns error") {
  const auto transport = make_transport({});
  const Record record = run(*transport, make_request("http://nosuchhost.invalid/v1"));
  CHECK(record.report->ending == Ending::dns_error);
  CHECK_FALSE(record.report->name_resolved);
  check_never_connected(record);
}

TEST_CASE("transport: https to a server of plain http is a tls error") {
  ScriptedServer server(Script{Send{response("hello")}, AwaitClose{}});
  const auto transport = make_transport({});
  const Record record = run(*transport, make_request(loopback("https", server.port())));
  CHECK(record.report->ending == Ending::tls_error);
  CHECK(record.report->name_resolved);
  CHECK_FALSE(record.report->tls_done);
  CHECK(record.request_begins.empty());
}

TEST_CASE("transport: https to a server that says nothing ends at the deadline") {
  ScriptedServer server(Script{Await{"never"}});
  const auto transport = make_transport({});
  const Record record =
      run(*transport, make_request(loopback("https", server.port())), give_up_after(100ms));
  CHECK(record.report->ending == Ending::stopped);
  CHECK(record.deadline_told);
  CHECK(record.request_begins.empty());
  CHECK_FALSE(record.report->tls_done);
  CHECK_FALSE(record.report->request_sent);
}

TEST_CASE(
    "transport: https to a server that closes or resets during the handshake is a failure to "
    "connect") {
  for (const bool reset : {false, true}) {
    ScriptedServer server(reset ? Script{Reset{}} : Script{});
    const auto transport = make_transport({});
    const Record record = run(*transport, make_request(loopback("https", server.port())));
    const Ending ending = record.report->ending;
    CHECK((ending == Ending::tls_error || ending == Ending::connect_error));
    CHECK(record.request_begins.empty());
  }
}

TEST_CASE("transport: a request that cannot be made is our own error") {
  const auto transport = make_transport({});
  for (const std::string url : {"", "http://", "http://[::1", "http://127.0.0.1:99999/"}) {
    CAPTURE(url);
    const Record record = run(*transport, make_request(url));
    CHECK(record.report->ending == Ending::internal_error);
    check_never_connected(record);
  }
  Request request = make_request("https://127.0.0.1:1/");
  request.tls.server_name = "not a name";
  CHECK(run(*transport, std::move(request)).report->ending == Ending::internal_error);
}

TEST_CASE("transport: nothing but http and https is ever asked") {
  const auto transport = make_transport({});
  for (const std::string url : {"ftp://127.0.0.1/", "file:///etc/passwd", "dict://127.0.0.1/"}) {
    CAPTURE(url);
    const Record record = run(*transport, make_request(url));
    CHECK(record.report->ending != Ending::complete);
    check_never_connected(record);
  }
}

TEST_CASE("transport: a lack of descriptors is our own error and no one else's") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
  CHECK(run(*transport, make_request(server.url())).report->ending == Ending::complete);
  Record record;
  {
    const NoDescriptors none;
    record = run(*transport, make_request(server.url()));
  }
  CHECK(record.report->ending == Ending::internal_error);
  CHECK(record.report->message.find("Too many open files") != std::string::npos);
  CHECK(run(*transport, make_request(server.url())).report->ending == Ending::complete);
}

TEST_CASE("transport: the proxy variables of the environment are ignored") {
  const ReservedPort dead;
  std::vector<std::unique_ptr<Variable>> variables;
  for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"}) {
    variables.push_back(std::make_unique<Variable>(name, loopback("http", dead.number())));
  }
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
  CHECK(run(*transport, make_request(server.url())).report->ending == Ending::complete);
}

TEST_CASE("transport: the environment does not talk a configured proxy away") {
  const Variable lower("no_proxy", "*");
  const Variable upper("NO_PROXY", "*");
  ScriptedServer proxy(Script{ReadRequest{}, Send{response("proxied")}});
  const auto transport = make_transport({});
  Request request = make_request("http://api.invalid/v1");
  request.proxy.url = loopback("http", proxy.port());
  const Record record = run(*transport, std::move(request));
  CHECK(record.report->ending == Ending::complete);
  CHECK(record.body == "proxied");
  CHECK(proxy.requests().at(0).starts_with("POST http://api.invalid/v1 HTTP/1.1\r\n"));
}

TEST_CASE("transport: the listener may stop an exchange at its head or its body") {
  for (const Call last : {Call::head, Call::body}) {
    ScriptedServer server(
        Script{ReadRequest{}, Send{k_chunked_head + chunk("hello")}, AwaitClose{}});
    const auto transport = make_transport({});
    const Record record =
        run(*transport, make_request(server.url()), {.on = [last](Call call, const Record&) {
          return call == last ? Flow::stop : Flow::go_on;
        }});
    CHECK(record.report->ending == Ending::stopped);
    CHECK(record.calls.at(record.calls.size() - 2) == last);
    REQUIRE(server.wait_for_closed(1));
  }
}

TEST_CASE("transport: an exception in the listener is our own error and ends the exchange") {
  for (const Call thrower : {Call::started, Call::request_begin, Call::head, Call::body}) {
    CAPTURE(static_cast<int>(thrower));
    ScriptedServer server(
        Script{ReadRequest{}, Send{k_chunked_head + chunk("hello")}, AwaitClose{}});
    const auto transport = make_transport({});
    const Record record =
        run(*transport, make_request(server.url()), {.on = [thrower](Call call, const Record&) {
          if (call == thrower) {
            throw std::runtime_error("the listener failed");
          }
          return Flow::go_on;
        }});
    CHECK(record.report->ending == Ending::internal_error);
    CHECK(record.report->message == "the listener failed");
    CHECK(record.calls.at(record.calls.size() - 2) == thrower);
    CHECK(record.report->ended - record.report->started < k_patience);
  }
}

TEST_CASE("transport: an exception at the deadline or the end leaves the transport as it was") {
  for (const Call thrower : {Call::deadline, Call::end}) {
    CAPTURE(static_cast<int>(thrower));
    ScriptedServer server({Script{Await{"never"}}, Script{ReadRequest{}, Send{response("x")}}});
    const auto transport = make_transport({});
    Behaviour behaviour = give_up_after(20ms);
    behaviour.on = [thrower](Call call, const Record&) {
      if (call == thrower) {
        throw std::runtime_error("the listener failed");
      }
      return Flow::go_on;
    };
    const Record record = run(*transport, make_request(server.url()), behaviour);
    CHECK(record.report->ending ==
          (thrower == Call::deadline ? Ending::internal_error : Ending::stopped));
    CHECK(run(*transport, make_request(server.url())).report->ending == Ending::complete);
    transport->stop();
    CHECK(transport->open() == 0);
  }
}

TEST_CASE("transport: a listener whose deadline throws ends its exchange") {
  ScriptedServer server(Script{Await{"never"}});
  const auto transport = make_transport({});
  int asked = 0;
  const Record record = run(*transport, make_request(server.url()),
                            {.on = {}, .deadline = [&asked](const Record& so_far) -> MonotonicTime {
                               if (++asked > 2) {
                                 throw std::runtime_error("no idea");
                               }
                               return so_far.started + 20ms;
                             }});
  CHECK(record.report->ending == Ending::internal_error);
  CHECK(record.report->message == "no idea");
}
