#include "http/access/gate.hpp"

#include "fakes/instants.hpp"
#include "wire/base64.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <semaphore>
#include <string>
#include <vector>

namespace inferometer::http {
namespace {

using fakes::at;
using namespace std::chrono_literals;

// Of "secret", with the least cost.
constexpr const char* k_secret_hash =
    "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

/// A gate of alice's, whose password is "secret".
struct Entrance {
  std::vector<Refusal> refusals;
  std::counting_semaphore<> woken{0};
  std::shared_ptr<Door> door;
  Gate gate;

  explicit Entrance(Access access)
      : door(std::make_shared<Door>(std::move(access),
                                    [this](Refusal why) { refusals.push_back(why); })),
        gate(door, [this] { woken.release(); }) {}
  Entrance() : Entrance(Access{.users = {{"alice", base::Secret(k_secret_hash)}}}) {}

  std::optional<Gate::Decided> ask(Gate::ClientId client, const std::string& user,
                                   const std::string& password) {
    return gate.ask({.client = client,
                     .lane = Lane::page,
                     .head = fmt::format("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {}"
                                         "\r\n\r\n",
                                         wire::base64_encode(user + ":" + password))},
                    at(0s));
  }

  /// What was decided once `count` checks have come to their end.
  std::vector<Gate::Decided> wait(int count) {
    for (int i = 0; i < count; ++i) {
      REQUIRE(woken.try_acquire_for(20s));
    }
    return gate.take_decided();
  }
};

bool is_refused(const Gate::Decided& decided, std::string_view status) {
  return decided.refusal && decided.refusal->head.starts_with(fmt::format("HTTP/1.1 {} ", status));
}

}  // namespace

TEST_CASE("a right password is let in and known the next time") {
  Entrance site;
  CHECK(!site.ask(1, "alice", "secret"));
  const auto decided = site.wait(1);
  REQUIRE(decided.size() == 1);
  CHECK(decided.front().request.client == 1);
  CHECK(!decided.front().refusal);
  CHECK(decided.front().request.head.starts_with("GET / "));
  const auto known = site.ask(2, "alice", "secret");
  REQUIRE(known);
  CHECK(!known->refusal);
  CHECK(site.refusals.empty());
}

TEST_CASE("wrong passwords and unknown users and no password at all are a 401") {
  Entrance site;
  CHECK(!site.ask(1, "alice", "Secret"));
  CHECK(!site.ask(2, "bob", "secret"));
  CHECK(!site.ask(3, "", ""));
  const auto decided = site.wait(3);
  REQUIRE(decided.size() == 3);
  for (const Gate::Decided& each : decided) {
    CHECK(is_refused(each, "401"));
    CHECK(each.refusal->head.find("\r\nWWW-Authenticate: Basic realm=\"inferometer\"") !=
          std::string::npos);
  }
  CHECK(is_refused(*site.ask(4, "alice", "Secret"), "401"));  // known to be wrong
  const auto without = site.gate.ask(
      {.client = 5, .lane = Lane::page, .head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}, at(0s));
  CHECK(is_refused(*without, "401"));
  CHECK(site.refusals == std::vector<Refusal>(5, Refusal::unauthorized));
}

TEST_CASE("health needs no password and is not limited") {
  Entrance site(Access{.users = {{"alice", base::Secret(k_secret_hash)}},
                       .rate_limit = config::RequestRate{.interval = 1h, .burst = 0}});
  const auto decided = site.gate.ask(
      {.client = 1, .lane = Lane::urgent, .head = "GET /-/healthy HTTP/1.1\r\n\r\n"}, at(0s));
  REQUIRE(decided);
  CHECK(!decided->refusal);
}

TEST_CASE("one password of many clients is checked once") {
  Entrance site;
  for (Gate::ClientId client = 0; client < 100; ++client) {
    CHECK(!site.ask(client, "alice", "secret"));
  }
  const auto decided = site.wait(1);
  CHECK(decided.size() == 100);
  CHECK(!site.woken.try_acquire());
}

TEST_CASE("too many passwords at once are refused and not queued") {
  Entrance site;
  for (std::size_t i = 0; i < Gate::k_most_checks; ++i) {
    CHECK(!site.ask(i, "alice", "wrong" + std::to_string(i)));
  }
  for (int i = 0; i < 1000; ++i) {
    const auto decided = site.ask(100, "alice", "more" + std::to_string(i));
    REQUIRE(decided);
    CHECK(is_refused(*decided, "503"));
    CHECK(decided->refusal->head.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  }
  CHECK(site.wait(Gate::k_most_checks).size() == Gate::k_most_checks);
  CHECK(!site.ask(1, "alice", "secret"));
  CHECK(!site.wait(1).front().refusal);
}

TEST_CASE("a client that has left is told nothing and its check makes room") {
  Entrance site;
  for (std::size_t i = 0; i < Gate::k_most_checks; ++i) {
    CHECK(!site.ask(i, "alice", "wrong" + std::to_string(i)));
    site.gate.abandon(i);
  }
  CHECK(site.wait(Gate::k_most_checks).empty());
  CHECK(!site.ask(1, "alice", "secret"));
  CHECK(site.wait(1).size() == 1);
}

TEST_CASE("a changed hash ends what was known of the old one") {
  Entrance site;
  CHECK(!site.ask(1, "alice", "secret"));
  CHECK(!site.wait(1).front().refusal);
  site.door->set(Access{.users = {{"alice", hash_of_nothing(base::Secret(k_secret_hash))}}});
  CHECK(!site.ask(2, "alice", "secret"));
  CHECK(is_refused(site.wait(1).front(), "401"));
  site.door->set(Access{.users = {{"bob", base::Secret(k_secret_hash)}}});
  CHECK(is_refused(*site.ask(3, "alice", "secret"), "401"));
}

TEST_CASE("requests beyond the rate limit are a 429 whoever asks") {
  Entrance site(Access{.headers = {{"X-Frame-Options", "deny"}},
                       .rate_limit = config::RequestRate{.interval = 10s, .burst = 2}});
  const auto ask = [&](base::MonotonicTime now) {
    return *site.gate.ask(
        {.client = 1, .lane = Lane::page, .head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}, now);
  };
  CHECK(!ask(at(0s)).refusal);
  CHECK(!ask(at(0s)).refusal);
  const Gate::Decided refused = ask(at(1s));
  CHECK(is_refused(refused, "429"));
  CHECK(refused.refusal->head.find("\r\nRetry-After: 9\r\n") != std::string::npos);
  CHECK(refused.refusal->head.find("\r\nX-Frame-Options: deny\r\n") != std::string::npos);
  CHECK(!ask(at(11s)).refusal);
  CHECK(site.refusals == std::vector<Refusal>{Refusal::rate_limited});
}

}  // namespace inferometer::http
