#include "fakes/scripted_server.hpp"
#include "probe/transport/recording.hpp"
#include "probe/transport/transport.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>

#include <chrono>
#include <future>
#include <string_view>

using namespace inferometer::probe::transport;
using namespace inferometer::fakes::script;
using namespace std::chrono_literals;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

/// Held by a test while no name server answers; closed only for the name below.
std::promise<void>& name_server() {
  static std::promise<void> answer;
  return answer;
}

constexpr std::string_view k_slow_name = "slow.invalid";

}  // namespace

/// Takes the place of the C library's for the whole test program, libcurl included.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (node != nullptr && node == k_slow_name) {
    static const std::shared_future<void> answered = name_server().get_future().share();
    answered.wait();
    return EAI_AGAIN;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}

TEST_CASE("curl: a name server that does not answer holds up no one") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_curl_transport({});
  const auto stuck =
      start(*transport, make_request("http://slow.invalid/v1"), give_up_after(200ms));
  const auto cancelled = start(*transport, make_request("http://slow.invalid/v1"));
  REQUIRE(stuck->wait([](const Record& r) { return !r.calls.empty(); }));
  CHECK(run(*transport, make_request(server.url())).report->ending == Ending::complete);

  const Record record = stuck->finished();
  CHECK(record.report->ending == Ending::stopped);
  CHECK(record.report->ended < record.started + 200ms + 5s);
  CHECK_FALSE(record.report->name_resolved);
  CHECK(run(*transport, make_request(server.url())).report->ending == Ending::complete);
  transport->stop();
  CHECK(cancelled->finished().report->ending == Ending::cancelled);
  name_server().set_value();
}
