#include "config/load.hpp"
#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace inferometer::config {
namespace {

LoadResult load(std::string_view text) {
  return load_text(text, "config.yml", sample::options());
}

}  // namespace

TEST_CASE("nothing is in force before the first load") {
  const Reloader reloader("config.yml", [] { return load(sample::full_text()); });
  CHECK(reloader.current() == nullptr);
}

TEST_CASE("a good text is in force once it is loaded") {
  Reloader reloader("config.yml", [] { return load(sample::full_text()); });
  REQUIRE(reloader.reload().has_value());
  REQUIRE(reloader.current() != nullptr);
  CHECK(*reloader.current() == *load(sample::full_text()));
}

TEST_CASE("a bad text changes nothing and each of its problems is in the error") {
  std::string text = sample::full_text();
  Reloader reloader("config.yml", [&text] { return load(text); });
  REQUIRE(reloader.reload().has_value());
  const std::shared_ptr<const Config> good = reloader.current();
  text = "a: 1\nproviders: []\n";
  const auto refused = reloader.reload();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == sample::load_bad(text));
  CHECK(reloader.current() == good);
}

TEST_CASE("a text that is good again takes over and who holds the old one keeps it") {
  std::string text = sample::full_text();
  Reloader reloader("config.yml", [&text] { return load(text); });
  REQUIRE(reloader.reload().has_value());
  const std::shared_ptr<const Config> old = reloader.current();
  text = "";
  REQUIRE_FALSE(reloader.reload().has_value());
  text = sample::text_with({});
  REQUIRE(reloader.reload().has_value());
  CHECK(reloader.current() != old);
  CHECK(reloader.current()->providers.size() == 1);
  CHECK(old->providers.size() == 13);
}

TEST_CASE("loads follow each other and readers never wait for them") {
  std::atomic<int> loading{0};
  std::atomic<bool> overlapped{false};
  std::atomic<bool> may_finish{false};
  const std::string text = sample::text_with({});
  Reloader reloader("config.yml", [&] {
    overlapped = overlapped || ++loading > 1;
    while (!may_finish) {
      std::this_thread::yield();
    }
    --loading;
    return load(text);
  });
  constexpr int k_threads = 4;
  std::vector<std::thread> threads;
  threads.reserve(k_threads);
  std::atomic<int> started{0};
  std::atomic<int> failures{0};
  for (int i = 0; i < k_threads; ++i) {
    threads.emplace_back([&] {
      ++started;
      failures += reloader.reload().has_value() ? 0 : 1;
    });
  }
  while (loading == 0 || started < k_threads) {
    std::this_thread::yield();
  }
  CHECK(reloader.current() == nullptr);
  may_finish = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(failures == 0);
  CHECK_FALSE(overlapped);
  CHECK(reloader.current() != nullptr);
}

TEST_CASE("readers have a whole configuration at any time while it is replaced") {
  const Config one = *load(sample::text_with({}));
  const Config two = *load(sample::full_text());
  std::atomic<unsigned> turn{0};
  Reloader reloader("config.yml", [&]() -> LoadResult { return turn++ % 2 == 0 ? one : two; });
  REQUIRE(reloader.reload().has_value());
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const std::shared_ptr<const Config> current = reloader.current();
        failures += *current == one || *current == two ? 0 : 1;
      }
    });
    threads.emplace_back([&] {
      for (int count = 0; count < 200; ++count) {
        failures += reloader.reload().has_value() ? 0 : 1;
      }
      done = true;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(failures == 0);
  CHECK(turn == 401);
}

}  // namespace inferometer::config
