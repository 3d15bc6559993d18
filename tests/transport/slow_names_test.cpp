#include "base/thread/mutex.hpp"
#include "fakes/scripted_server.hpp"
#include "transport/recording.hpp"
#include "transport/transport.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>

#include <chrono>
#include <string_view>

using namespace inferometer::transport;
using namespace inferometer::fakes::script;
using namespace std::chrono_literals;
using inferometer::base::LockGuard;
using inferometer::fakes::Script;
using inferometer::fakes::ScriptedServer;

namespace {

constexpr std::string_view k_slow_name = "slow.invalid";

/// A name server that is asked for the name above and does not answer before it is told to.
class SlowNameServer {
 public:
  void ask() EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    ++m_asking;
    while (!m_answering) {
      m_changed.wait(m_mutex);
    }
    --m_asking;
    m_changed.notify_all();
  }
  /// Returns when no one is asking any more.
  void answer() EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    m_answering = true;
    m_changed.notify_all();
    while (m_asking > 0) {
      m_changed.wait(m_mutex);
    }
  }

 private:
  inferometer::base::Mutex m_mutex;
  inferometer::base::CondVar m_changed;
  bool m_answering GUARDED_BY(m_mutex) = false;
  int m_asking GUARDED_BY(m_mutex) = 0;
};

SlowNameServer& slow_name_server() {
  static SlowNameServer server;
  return server;
}

}  // namespace

/// Takes the place of the C library's for the whole test program, the resolver included.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (node != nullptr && node == k_slow_name) {
    slow_name_server().ask();
    return EAI_AGAIN;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto k_real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return k_real(node, service, hints, result);
}

TEST_CASE("transport: a name server that does not answer holds up no one") {
  ScriptedServer server(Script{ReadRequest{}, Send{response("x")}});
  const auto transport = make_transport({});
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
  slow_name_server().answer();
}
