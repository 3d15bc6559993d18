#include "probe/auth/credential_cache.hpp"

#include "fakes/fake_clock.hpp"
#include "fakes/temporary_folder.hpp"
#include "probe/auth/held_transport.hpp"
#include "probe/auth/secret_file.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace inferometer::probe::auth {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct Cache {
  fakes::TemporaryFolder folder;
  HeldTransport endpoint;
  fakes::FakeClock clock;
  std::shared_ptr<CredentialCache> tokens = std::make_shared<CredentialCache>(endpoint, clock);
  config::Provider provider = make_provider("p");
  Texts got;  ///< what was handed over, in this order

  [[nodiscard]] config::Provider make_provider(const std::string& name) const {
    config::Provider made;
    made.name = name;
    made.auth = config::OAuth2Auth{.token_url = "https://login.example/" + name,
                                   .client_id = "id",
                                   .client_secret = secret_file(folder, "secret", "client-secret"),
                                   .scope = {}};
    return made;
  }

  void get() { get(provider); }

  void get(const config::Provider& from) {
    tokens->get(from, [this](std::optional<CredentialResult> result) {
      got.push_back(!result   ? "cancelled"
                    : *result ? std::get<base::Secret>((*result)->value).reveal()
                              : std::string(measure::to_string(result->error().outcome)));
    });
  }

  [[nodiscard]] std::size_t fetches() const { return endpoint.requests.size(); }
};

}  // namespace

TEST_CASE("credential cache: a token is fetched once and then at hand") {
  Cache cache;
  cache.get();
  CHECK(cache.got.empty());
  cache.endpoint.grant("a", 3600);
  CHECK(cache.got == Texts{"a"});
  cache.get();
  CHECK(cache.got == Texts{"a", "a"});
  CHECK(cache.fetches() == 1);
}

TEST_CASE("credential cache: all who wait share one fetch") {
  Cache cache;
  cache.get();
  cache.get();
  cache.tokens->refresh(cache.provider);
  cache.get();
  CHECK(cache.fetches() == 1);
  cache.endpoint.grant("a", 3600);
  CHECK(cache.got == Texts{"a", "a", "a"});
}

TEST_CASE("credential cache: providers have tokens of their own") {
  Cache cache;
  const config::Provider other = cache.make_provider("q");
  cache.get();
  cache.get(other);
  REQUIRE(cache.fetches() == 2);
  CHECK(cache.endpoint.requests[1].url == "https://login.example/q");
  cache.endpoint.grant("a", 3600);
  cache.endpoint.grant("b", 3600);
  cache.get(other);
  cache.get();
  CHECK(cache.got == Texts{"a", "b", "b", "a"});
}

TEST_CASE(
    "credential cache: five minutes before it expires the old one serves while a new one comes") {
  Cache cache;
  cache.get();
  cache.endpoint.grant("a", 3600);
  cache.clock.advance(55min - 1s);
  cache.get();
  CHECK(cache.fetches() == 1);
  cache.clock.advance(1s);
  cache.get();
  CHECK(cache.fetches() == 2);
  cache.get();
  CHECK(cache.fetches() == 2);
  CHECK(cache.got == Texts{"a", "a", "a", "a"});
  cache.endpoint.grant("b", 3600);
  cache.get();
  CHECK(cache.got.back() == "b");
}

TEST_CASE("credential cache: a short life is renewed at its half") {
  Cache cache;
  cache.get();
  cache.endpoint.grant("a", 60);
  cache.clock.advance(30s - 1ns);
  cache.get();
  CHECK(cache.fetches() == 1);
  cache.clock.advance(1ns);
  cache.get();
  CHECK(cache.fetches() == 2);
  CHECK(cache.got.back() == "a");
}

TEST_CASE("credential cache: an expired token is not used") {
  Cache cache;
  cache.get();
  cache.endpoint.grant("a", 3600);
  cache.clock.advance(1h - 1ns);
  cache.get();
  CHECK(cache.got == Texts{"a", "a"});
  cache.clock.advance(1ns);
  cache.get();
  CHECK(cache.got.size() == 2);
  cache.endpoint.grant("b", 3600);
  CHECK(cache.got == Texts{"a", "a", "b"});
}

TEST_CASE("credential cache: a life begins when the token is asked for") {
  Cache cache;
  cache.get();
  cache.clock.advance(20s);
  cache.endpoint.grant("a", 60);
  cache.clock.advance(40s);
  cache.get();
  CHECK(cache.got == Texts{"a"});
}

TEST_CASE("credential cache: refresh fetches ahead and only what is due") {
  Cache cache;
  cache.tokens->refresh(cache.provider);
  CHECK(cache.fetches() == 1);
  cache.endpoint.grant("a", 3600);
  cache.tokens->refresh(cache.provider);
  CHECK(cache.fetches() == 1);
  cache.get();
  CHECK(cache.got == Texts{"a"});
  cache.clock.advance(55min);
  cache.tokens->refresh(cache.provider);
  CHECK(cache.fetches() == 2);
}

TEST_CASE("credential cache: a refusal goes to all who wait and is not repeated for five seconds") {
  Cache cache;
  cache.get();
  cache.get();
  cache.endpoint.answer(401, "{}");
  CHECK(cache.got == Texts{"auth_error", "auth_error"});
  cache.clock.advance(5s - 1ns);
  cache.get();
  cache.tokens->refresh(cache.provider);
  CHECK(cache.got == Texts(3, "auth_error"));
  CHECK(cache.fetches() == 1);
  cache.clock.advance(1ns);
  cache.get();
  CHECK(cache.fetches() == 2);
  cache.endpoint.grant("a", 3600);
  CHECK(cache.got.back() == "a");
}

TEST_CASE("credential cache: a renewal that fails leaves the old token in use") {
  Cache cache;
  cache.get();
  cache.endpoint.grant("a", 3600);
  cache.clock.advance(56min);
  cache.get();
  cache.endpoint.answer(500, "");
  cache.get();
  CHECK(cache.fetches() == 2);
  cache.clock.advance(5s);
  cache.get();
  CHECK(cache.fetches() == 3);
  CHECK(cache.got == Texts(4, "a"));
  cache.clock.advance(4min);
  cache.endpoint.answer(500, "");
  cache.get();
  CHECK(cache.got.back() == "server_error");
}

TEST_CASE("credential cache: a request that cannot be made is our own error and nothing is sent") {
  Cache cache;
  std::get<config::OAuth2Auth>(cache.provider.auth).client_secret = missing_secret();
  cache.get();
  cache.get();
  CHECK(cache.got == Texts(2, "internal_error"));
  CHECK(cache.fetches() == 0);
}

TEST_CASE("credential cache: a shutdown cuts the waiting and is no failure") {
  Cache cache;
  cache.get();
  cache.endpoint.stop();
  CHECK(cache.got == Texts{"cancelled"});
  cache.get();
  CHECK(cache.got == Texts{"cancelled", "cancelled"});
  CHECK(cache.fetches() == 2);
}

TEST_CASE("credential cache: a token whose source has changed is forgotten") {
  Cache cache;
  cache.get();
  cache.endpoint.grant("a", 3600);
  std::get<config::OAuth2Auth>(cache.provider.auth).client_id = "other";
  cache.get();
  CHECK(cache.fetches() == 2);
  cache.endpoint.grant("b", 3600);
  CHECK(cache.got == Texts{"a", "b"});
}

TEST_CASE("credential cache: a change during a fetch leaves each with the token it asked for") {
  Cache cache;
  const config::Provider before = cache.provider;
  cache.get();
  std::get<config::OAuth2Auth>(cache.provider.auth).client_id = "other";
  cache.get();
  REQUIRE(cache.fetches() == 2);
  cache.endpoint.grant("old", 3600);
  CHECK(cache.got == Texts{"old"});
  cache.get();
  CHECK(cache.got == Texts{"old"});
  cache.endpoint.grant("new", 3600);
  CHECK(cache.got == Texts{"old", "new", "new"});
}

TEST_CASE("credential cache: keep forgets who is gone or changed and no one else") {
  Cache cache;
  const config::Provider other = cache.make_provider("q");
  cache.get();
  cache.endpoint.grant("a", 3600);
  cache.get(other);
  cache.endpoint.grant("b", 3600);
  config::Provider same = other;
  same.models.push_back({.name = "m", .context_window = {}});
  cache.tokens->keep({same});
  cache.get(other);
  CHECK(cache.fetches() == 2);
  cache.get();
  CHECK(cache.fetches() == 3);
  cache.endpoint.grant("c", 3600);
  config::Provider changed = cache.provider;
  changed.tls.ca_file = "/ca.pem";
  cache.tokens->keep({changed});
  cache.get();
  CHECK(cache.fetches() == 4);
}

TEST_CASE("credential cache: who waits gets the token although its provider is gone") {
  Cache cache;
  cache.get();
  cache.tokens->keep({});
  cache.endpoint.grant("a", 3600);
  CHECK(cache.got == Texts{"a"});
  cache.get();
  CHECK(cache.fetches() == 2);
}

TEST_CASE("credential cache: a token may be asked for while one is handed over") {
  Cache cache;
  cache.tokens->get(cache.provider, [&cache](const std::optional<CredentialResult>& result) {
    CHECK(result.has_value());
    cache.get();
    cache.tokens->keep({});
  });
  cache.endpoint.grant("a", 3600);
  CHECK(cache.got == Texts{"a"});
}

TEST_CASE("credential cache: fetches outlive the cache") {
  Cache cache;
  cache.get();
  cache.tokens.reset();
  cache.endpoint.grant("a", 3600);
  CHECK(cache.got == Texts{"a"});
}

TEST_CASE("credential cache: many threads may ask at once") {
  Cache cache;
  cache.get();
  cache.endpoint.grant("a", 3600);
  constexpr int k_threads = 4;
  constexpr int k_rounds = 200;
  std::vector<std::thread> threads;
  threads.reserve(k_threads);
  std::atomic<int> handed_over{0};
  for (int i = 0; i < k_threads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < k_rounds; ++j) {
        cache.tokens->get(cache.provider, [&](const std::optional<CredentialResult>& result) {
          handed_over += result && *result ? 1 : 0;
        });
        cache.tokens->keep({cache.provider});
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(handed_over == k_threads * k_rounds);
  CHECK(cache.fetches() == 1);
}

}  // namespace inferometer::probe::auth
