#include "transport/net/dialer.hpp"

#include "fakes/no_descriptors.hpp"
#include "fakes/process.hpp"
#include "transport/net/listeners.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

using namespace std::chrono_literals;
using namespace inferometer::transport::net;
using inferometer::base::Descriptor;
using inferometer::base::MonotonicTime;
using inferometer::fakes::NoDescriptors;
using inferometer::fakes::ReservedPort;
using State = Dialer::State;

namespace {

/// What `connect` does beside the usual: fails with that error, or returns when it is connected.
int forced_error = 0;
bool connects_at_once = false;
std::vector<std::string> attempted;  ///< what was to fail

class Force {
 public:
  explicit Force(int error) {
    forced_error = error;
    attempted.clear();
  }
  Force(const Force&) = delete;
  Force& operator=(const Force&) = delete;
  ~Force() { forced_error = 0; }
};

constexpr MonotonicTime k_start{1000s};

/// The user of a dialer: knows what is watched.
struct Watched {
  std::set<int> now;
  int begun = 0;

  Dialer::Watch function() {
    return [this](int descriptor, bool on) {
      if (on) {
        CHECK(now.insert(descriptor).second);
        ++begun;
      } else {
        CHECK(now.erase(descriptor) == 1);
        CHECK(fcntl(descriptor, F_GETFD) >= 0);  // it is still open
      }
    };
  }
  /// The only descriptor that is watched.
  [[nodiscard]] int only() const {
    REQUIRE(now.size() == 1);
    return *now.begin();
  }
  /// Waits until one is ready, and tells the dialer. Time stands still.
  void turn(Dialer& dialer) const {
    std::vector<pollfd> polled;
    for (const int descriptor : now) {
      polled.push_back({.fd = descriptor, .events = POLLOUT, .revents = 0});
    }
    REQUIRE(poll(polled.data(), polled.size(), 20'000) > 0);
    for (const pollfd& one : polled) {
      if (one.revents != 0) {
        dialer.on_ready(one.fd, k_start);
      }
    }
  }
  void run(Dialer& dialer) const {
    while (dialer.state() == State::dialling) {
      turn(dialer);
    }
  }
};

int option_of(const Descriptor& socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(getsockopt(socket.get(), level, name, &value, &size) == 0);
  return value;
}

std::string problem_for(const Address& address, const std::string& reason) {
  return "cannot connect to " + to_string(address) + ": " + reason;
}

}  // namespace

/// Takes the place of the C library's for the whole test program.
extern "C" int connect(int descriptor, const sockaddr* address, socklen_t length) {
  using Function = int (*)(int, const sockaddr*, socklen_t);
  static const auto k_real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "connect"));
  if (forced_error != 0) {
    Address copy{.length = length};
    std::memcpy(&copy.storage, address, length);
    attempted.push_back(to_string(copy));
    errno = forced_error;
    return -1;
  }
  if (!connects_at_once) {
    return k_real(descriptor, address, length);
  }
  const int flags = fcntl(descriptor, F_GETFL);
  fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
  const int result = k_real(descriptor, address, length);
  fcntl(descriptor, F_SETFL, flags);
  return result;
}

TEST_CASE("dialer: hands over a connection that is ready for use") {
  const Listener listener;
  Watched watched;
  Dialer dialer({listener.address()}, watched.function(), k_start);
  CHECK(dialer.state() == State::dialling);
  CHECK_FALSE(dialer.due());  // there is no other address
  watched.run(dialer);
  REQUIRE(dialer.state() == State::connected);
  CHECK(watched.now.empty());
  CHECK(dialer.problem().empty());
  CHECK(to_string(dialer.address()) == to_string(listener.address()));

  const Descriptor connection = dialer.take_connection();
  const Descriptor peer = listener.accept();
  char byte = 0;
  CHECK(recv(connection.get(), &byte, 1, 0) == -1);
  CHECK(errno == EAGAIN);
  CHECK(send(connection.get(), "x", 1, 0) == 1);
  CHECK(recv(peer.get(), &byte, 1, 0) == 1);
  CHECK(option_of(connection, IPPROTO_TCP, TCP_NODELAY) != 0);
  CHECK((fcntl(connection.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("dialer: a connection that is there at once needs no watching") {
  const Listener listener;
  Watched watched;
  connects_at_once = true;
  Dialer dialer({listener.address()}, watched.function(), k_start);
  connects_at_once = false;
  CHECK(dialer.state() == State::connected);
  CHECK(watched.begun == 0);
  CHECK(dialer.take_connection().valid());
}

TEST_CASE("dialer: after a refusal the next address is tried at once") {
  const ReservedPort nobody;
  const Listener listener;
  Watched watched;
  Dialer dialer({loopback(nobody.number()), listener.address()}, watched.function(), k_start);
  watched.run(dialer);
  CHECK(dialer.state() == State::connected);
  CHECK(watched.begun == 2);
  CHECK(to_string(dialer.address()) == to_string(listener.address()));
  CHECK(dialer.problem() == problem_for(loopback(nobody.number()), "Connection refused"));
}

TEST_CASE("dialer: an address that is silent is overtaken after 250 ms") {
  const SilentListener silent;
  const Listener listener;
  Watched watched;
  Dialer dialer({silent.address(), listener.address()}, watched.function(), k_start);
  CHECK(dialer.due() == k_start + 250ms);
  dialer.on_due(k_start + 249ms);
  CHECK(watched.begun == 1);
  dialer.on_due(k_start + 250ms);
  CHECK(watched.begun == 2);
  CHECK_FALSE(dialer.due());
  watched.run(dialer);
  CHECK(dialer.state() == State::connected);
  CHECK(to_string(dialer.address()) == to_string(listener.address()));
  CHECK(watched.now.empty());
}

TEST_CASE("dialer: the address that was overtaken may still win") {
  const SilentListener silent;
  const Listener listener;
  Watched watched;
  Dialer dialer({listener.address(), silent.address()}, watched.function(), k_start);
  dialer.on_due(k_start + 250ms);
  CHECK(watched.now.size() == 2);
  watched.run(dialer);
  CHECK(to_string(dialer.address()) == to_string(listener.address()));
  CHECK(watched.now.empty());
}

TEST_CASE("dialer: a failure does not end what else is under way") {
  const SilentListener silent;
  const ReservedPort nobody;
  const Listener listener;
  Watched watched;
  Dialer dialer({silent.address(), loopback(nobody.number()), listener.address()},
                watched.function(), k_start);
  dialer.on_due(k_start + 250ms);
  watched.turn(dialer);  // the refusal: the third address is under way
  CHECK(dialer.state() == State::dialling);
  CHECK(watched.begun == 3);
  watched.run(dialer);
  CHECK(to_string(dialer.address()) == to_string(listener.address()));
}

TEST_CASE("dialer: when all have failed, the last failure is told") {
  const ReservedPort first;
  const ReservedPort last;
  Watched watched;
  Dialer dialer({loopback(first.number()), loopback(last.number())}, watched.function(), k_start);
  watched.run(dialer);
  CHECK(dialer.state() == State::failed);
  CHECK(dialer.problem() == problem_for(loopback(last.number()), "Connection refused"));
  CHECK(to_string(dialer.address()) == to_string(loopback(last.number())));
  CHECK_FALSE(dialer.due());
  CHECK(watched.now.empty());
  dialer.on_due(k_start + 1h);
  CHECK(dialer.state() == State::failed);
}

TEST_CASE("dialer: failures that are known at once end it at once") {
  Watched watched;
  const Force unreachable(ENETUNREACH);
  const Dialer dialer({loopback(1), loopback(2)}, watched.function(), k_start);
  CHECK(dialer.state() == State::failed);
  CHECK(dialer.problem() == problem_for(loopback(2), "Network is unreachable"));
}

TEST_CASE("dialer: families alternate, beginning with the first address's") {
  const auto order_of = [](const std::vector<std::string>& hosts) {
    std::vector<Address> addresses;
    for (const std::string& host : hosts) {
      addresses.push_back(parse_address(host, 80).value());
    }
    Watched watched;
    const Force unreachable(ENETUNREACH);
    const Dialer dialer(addresses, watched.function(), k_start);
    return attempted;
  };
  CHECK(order_of({"10.0.0.1", "10.0.0.2", "10.0.0.3", "::1", "::2"}) ==
        std::vector<std::string>{"10.0.0.1:80", "[::1]:80", "10.0.0.2:80", "[::2]:80",
                                 "10.0.0.3:80"});
  CHECK(order_of({"::1", "::2", "::3", "10.0.0.1"}) ==
        std::vector<std::string>{"[::1]:80", "10.0.0.1:80", "[::2]:80", "[::3]:80"});
  CHECK(order_of({"::1", "10.0.0.1", "10.0.0.2", "10.0.0.3"}) ==
        std::vector<std::string>{"[::1]:80", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"});
}

TEST_CASE("dialer: a family that the machine lacks fails that address only") {
  Address strange;
  strange.storage.ss_family = AF_APPLETALK;
  strange.length = sizeof strange.storage;
  const Listener listener;
  Watched watched;
  Dialer dialer({strange, listener.address()}, watched.function(), k_start);
  watched.run(dialer);
  CHECK(dialer.state() == State::connected);
}

TEST_CASE("dialer: at most 16 addresses are tried") {
  const ReservedPort nobody;
  Watched watched;
  Dialer dialer(std::vector<Address>(40, loopback(nobody.number())), watched.function(), k_start);
  watched.run(dialer);
  CHECK(dialer.state() == State::failed);
  CHECK(watched.begun == 16);
}

TEST_CASE("dialer: at most four attempts are open, and the fifth begins when one has failed") {
  const SilentListener silent;
  Watched watched;
  Dialer dialer(std::vector<Address>(6, silent.address()), watched.function(), k_start);
  MonotonicTime now = k_start;
  while (dialer.due()) {
    now = *dialer.due();
    dialer.on_due(now);
  }
  CHECK(now == k_start + 750ms);
  CHECK(watched.now.size() == 4);
  dialer.on_due(now + 1h);
  CHECK(watched.begun == 4);
  const Force refused(ECONNREFUSED);
  dialer.on_ready(*watched.now.begin(), now);
  CHECK(attempted.size() == 3);  // the one that has failed, then the fifth and the sixth at once
  CHECK(watched.now.size() == 3);
  CHECK(dialer.state() == State::dialling);
}

TEST_CASE("dialer: what is reported of a descriptor that is not watched any more changes nothing") {
  const ReservedPort nobody;
  const SilentListener silent;
  Watched watched;
  Dialer dialer({loopback(nobody.number()), silent.address()}, watched.function(), k_start);
  const int refused = watched.only();
  watched.turn(dialer);
  // The next attempt has the same number: the old report must not count as its success.
  CHECK(watched.only() == refused);
  dialer.on_ready(refused, k_start);
  CHECK(dialer.state() == State::dialling);
  dialer.on_ready(refused + 1000, k_start);
  dialer.on_ready(-1, k_start);
  CHECK(dialer.state() == State::dialling);
  CHECK(watched.only() == refused);
}

TEST_CASE("dialer: a lack of descriptors is our own") {
  const Listener listener;
  Watched watched;
  {
    const NoDescriptors none;
    const Dialer dialer({listener.address(), listener.address()}, watched.function(), k_start);
    CHECK(dialer.state() == State::no_resources);
    CHECK(dialer.problem() == problem_for(listener.address(), "Too many open files"));
  }
  for (const int error : {ENOBUFS, ENOMEM, ENFILE}) {
    const Force lack(error);
    const Dialer dialer({listener.address(), listener.address()}, watched.function(), k_start);
    CHECK(dialer.state() == State::no_resources);
  }
}

TEST_CASE("dialer: the last descriptors are left to others") {
  const Listener listener;
  Watched watched;
  std::vector<Descriptor> others;
  while (others.size() < 24) {
    others.emplace_back(dup(STDERR_FILENO));
  }
  const Descriptor next(dup(STDERR_FILENO));
  const auto in_use = static_cast<rlim_t>(next.get()) + 1;
  const NoDescriptors scarce(in_use + 1);
  const Dialer dialer({listener.address()}, watched.function(), k_start);
  const Descriptor other(dup(STDERR_FILENO));
  CHECK(dialer.state() == State::no_resources);
  CHECK(other.valid());
}

TEST_CASE("dialer: a lack of descriptors for a later attempt ends them all") {
  const SilentListener silent;
  Watched watched;
  Dialer dialer({silent.address(), silent.address()}, watched.function(), k_start);
  {
    const NoDescriptors none;
    dialer.on_due(k_start + 250ms);
  }
  CHECK(dialer.state() == State::no_resources);
  CHECK(watched.now.empty());
  CHECK_FALSE(dialer.due());
}

TEST_CASE("dialer: a descriptor that cannot be watched is a lack of our own") {
  const Listener listener;
  const auto refuse = [](int, bool on) {
    REQUIRE(on);
    throw std::system_error(ENOSPC, std::generic_category(), "epoll_ctl");
  };
  const Dialer dialer({listener.address()}, refuse, k_start);
  CHECK(dialer.state() == State::no_resources);
  CHECK(dialer.problem() == problem_for(listener.address(), "No space left on device"));
}

TEST_CASE("dialer: at its end nothing is watched and everything is closed") {
  const SilentListener silent;
  Watched watched;
  std::set<int> open;
  {
    Dialer dialer({silent.address(), silent.address()}, watched.function(), k_start);
    dialer.on_due(k_start + 250ms);
    open = watched.now;
    CHECK(open.size() == 2);
  }
  CHECK(watched.now.empty());
  for (const int descriptor : open) {
    CHECK(fcntl(descriptor, F_GETFD) == -1);
  }
}
