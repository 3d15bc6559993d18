#include "transport/net/resolver.hpp"

#include "base/thread/mutex.hpp"
#include "fakes/eventually.hpp"
#include "transport/net/name_library.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

using namespace inferometer::transport::net;
using inferometer::base::LockGuard;
using inferometer::fakes::eventually;

namespace {

/// The answers that came, by the number of the ask.
class Answers {
 public:
  Resolver::Callback callback(int number) {
    return [this, number](const Addresses& answer) {
      const LockGuard lock(m_mutex);
      m_order.push_back(number);
      m_answers.emplace_back(answer);
      m_changed.notify_all();
    };
  }
  Addresses wait_for_one() EXCLUDES(m_mutex) {
    wait_for(1);
    const LockGuard lock(m_mutex);
    return m_answers.front();
  }
  void wait_for(std::size_t count) EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    while (m_answers.size() < count) {
      m_changed.wait(m_mutex);
    }
  }
  [[nodiscard]] std::vector<int> order() EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    return m_order;
  }

 private:
  inferometer::base::Mutex m_mutex;
  inferometer::base::CondVar m_changed;
  std::vector<int> m_order GUARDED_BY(m_mutex);
  std::vector<Addresses> m_answers GUARDED_BY(m_mutex);
};

std::string hung_name(std::size_t number) {
  return "hung-" + std::to_string(number) + ".test";
}

/// As many names that hang as there are threads.
void occupy_all_threads(Resolver& resolver, Answers& answers) {
  for (std::size_t i = 0; i < Resolver::k_max_threads; ++i) {
    name_library().hang(hung_name(i));
    resolver.resolve(hung_name(i), 80, answers.callback(-1));
    name_library().wait_until_asked(hung_name(i));
  }
}

}  // namespace

TEST_CASE("resolver: a name is answered from another thread, with what the lookup gives") {
  const NameLibraryCleanup cleanup;
  for (const std::string name : {"name.test", "unknown.test"}) {
    Answers answers;
    Resolver resolver;
    resolver.resolve(name, 8000, answers.callback(0));
    const Addresses answer = answers.wait_for_one();
    const Addresses expected = look_up(name, 8000);
    REQUIRE(answer.has_value() == expected.has_value());
    if (answer) {
      CHECK(to_string(answer->at(1)) == to_string(expected->at(1)));
    } else {
      CHECK(answer.error().message == expected.error().message);
    }
  }
}

TEST_CASE("resolver: an address is answered within the call, on the caller's thread") {
  Resolver resolver;
  std::vector<std::string> texts;
  std::thread::id thread;
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const auto ticket = resolver.resolve(host, 80, [&](const Addresses& answer) {
      texts.push_back(to_string(answer->front()));
      thread = std::this_thread::get_id();
    });
    resolver.forget(ticket);  // changes nothing
  }
  CHECK(texts == std::vector<std::string>{"127.0.0.1:80", "[::1]:80"});
  CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("resolver: a thousand asks for one name are one lookup") {
  const NameLibraryCleanup cleanup;
  constexpr int k_asks = 1000;
  name_library().hang("name.test");
  Answers answers;
  Resolver resolver;
  for (int i = 0; i < k_asks; ++i) {
    resolver.resolve("name.test", 80, answers.callback(i));
  }
  resolver.resolve("name.test", 81, answers.callback(k_asks));  // another port, another lookup
  name_library().wait_until_asked("name.test");
  name_library().let_go("name.test");
  answers.wait_for(k_asks + 1);
  CHECK(name_library().asked("name.test") == 2);
  resolver.resolve("name.test", 80, answers.callback(0));  // later, it is looked up anew
  answers.wait_for(k_asks + 2);
  CHECK(name_library().asked("name.test") == 3);
}

TEST_CASE("resolver: while every thread hangs, a name waits and an address does not") {
  const NameLibraryCleanup cleanup;
  Answers answers;
  Answers hung;
  Resolver resolver;
  occupy_all_threads(resolver, hung);
  resolver.resolve("name.test", 80, answers.callback(1));
  resolver.resolve("127.0.0.1", 80, answers.callback(2));
  CHECK(answers.order() == std::vector{2});
  CHECK(name_library().asked("name.test") == 0);
  name_library().let_go(hung_name(7));
  answers.wait_for(2);
  CHECK(answers.order() == std::vector{2, 1});
  CHECK(hung.order() == std::vector{-1});
}

TEST_CASE("resolver: names that wait are looked up in the order of the first asks") {
  const NameLibraryCleanup cleanup;
  Answers hung;
  Answers answers;
  Resolver resolver;
  occupy_all_threads(resolver, hung);
  for (int i = 0; i < 20; ++i) {
    resolver.resolve("z" + std::to_string(20 - i) + ".test", 80, answers.callback(i));
  }
  resolver.resolve("z20.test", 80, answers.callback(20));
  name_library().let_go(hung_name(0));
  answers.wait_for(21);
  std::vector<int> expected{0, 20};
  for (int i = 1; i < 20; ++i) {
    expected.push_back(i);
  }
  CHECK(answers.order() == expected);
}

TEST_CASE("resolver: who has forgotten a hung lookup hears no more of it") {
  const NameLibraryCleanup cleanup;
  name_library().hang("name.test");
  Answers answers;
  Resolver resolver;
  const auto first = resolver.resolve("name.test", 80, answers.callback(1));
  resolver.resolve("name.test", 80, answers.callback(2));
  name_library().wait_until_asked("name.test");
  resolver.forget(first);
  resolver.forget(first);
  name_library().let_go("name.test");
  answers.wait_for(1);
  resolver.resolve("127.0.0.1", 80, answers.callback(3));
  CHECK(answers.order() == std::vector{2, 3});
}

TEST_CASE("resolver: a hung lookup that was forgotten is shared by the next request") {
  const NameLibraryCleanup cleanup;
  name_library().hang("name.test");
  Answers answers;
  Resolver resolver;
  const auto first = resolver.resolve("name.test", 80, answers.callback(1));
  name_library().wait_until_asked("name.test");
  resolver.forget(first);
  resolver.resolve("name.test", 80, answers.callback(2));
  name_library().let_go("name.test");
  answers.wait_for(1);
  CHECK(answers.order() == std::vector{2});
  CHECK(name_library().asked("name.test") == 1);
}

TEST_CASE("resolver: a name that no one waits for any more is not looked up") {
  const NameLibraryCleanup cleanup;
  Answers answers;
  Resolver resolver;
  occupy_all_threads(resolver, answers);
  const auto first = resolver.resolve("forgotten.test", 80, answers.callback(1));
  const auto second = resolver.resolve("forgotten.test", 80, answers.callback(2));
  resolver.resolve("name.test", 80, answers.callback(3));
  resolver.forget(first);
  resolver.forget(second);
  name_library().let_go(hung_name(0));
  answers.wait_for(2);
  CHECK(answers.order() == std::vector{-1, 3});
  CHECK(name_library().asked("forgotten.test") == 0);
}

TEST_CASE("resolver: the names that wait are bounded, and one too many is our own error") {
  const NameLibraryCleanup cleanup;
  Answers hung;
  Resolver resolver;
  occupy_all_threads(resolver, hung);
  Resolver::Ticket ticket = 0;
  for (std::size_t i = 0; i < Resolver::k_max_waiting; ++i) {
    ticket = resolver.resolve("w" + std::to_string(i) + ".test", 80, hung.callback(-1));
  }
  Answers answers;
  resolver.resolve("one-too-many.test", 80, answers.callback(1));
  const Addresses refused = answers.wait_for_one();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause == ResolveError::Cause::resources);
  CHECK(refused.error().message.find("one-too-many.test") != std::string::npos);

  resolver.resolve("w5.test", 80, answers.callback(2));  // waits already
  resolver.forget(ticket);                               // makes room
  resolver.resolve("another.test", 80, answers.callback(3));
  CHECK(answers.order() == std::vector{1});
}

TEST_CASE("resolver: its end waits for no lookup, and calls no one any more") {
  const NameLibraryCleanup cleanup;
  Answers answers;
  {
    Resolver resolver;
    occupy_all_threads(resolver, answers);
    resolver.resolve("waiting.test", 80, answers.callback(1));
  }
  name_library().let_all_go();
  CHECK(answers.order().empty());
  CHECK(name_library().asked("waiting.test") == 0);
}

TEST_CASE("resolver: what a callback holds may call the resolver when it goes") {
  const NameLibraryCleanup cleanup;
  Answers answers;
  std::atomic<int> gone = 0;
  {
    Resolver resolver;
    const auto make = [&](const std::string& name) {
      const std::shared_ptr<Resolver> holder(&resolver, [&gone](Resolver* r) {
        r->forget(1);
        ++gone;
      });
      return resolver.resolve(name, 80, [holder](const Addresses&) {});
    };
    make("name.test");
    REQUIRE(eventually([&] { return gone == 1; }));
    name_library().hang("hung.test");
    resolver.forget(make("hung.test"));
    CHECK(gone == 2);
    make("hung.test");
  }
  CHECK(gone == 3);
}

TEST_CASE("resolver: asking and forgetting from several threads") {
  const NameLibraryCleanup cleanup;
  constexpr int k_rounds = 2000;
  Resolver resolver;
  std::atomic<int> calls = 0;
  std::atomic<int> forgotten = 0;
  const auto ask_and_forget = [&](unsigned seed) {
    std::minstd_rand random(seed);
    for (int i = 0; i < k_rounds; ++i) {
      // On the stack: a callback after `forget` would be seen by the sanitizers.
      int called = 0;
      const std::string name = "n" + std::to_string(random() % 40) + ".test";
      const auto ticket = resolver.resolve(name, 80, [&](const Addresses& answer) {
        called += answer.has_value() ? 1 : 100;
        ++calls;
      });
      if (random() % 4 == 0) {
        std::this_thread::yield();
      }
      resolver.forget(ticket);
      CHECK(called <= 1);
      forgotten += called == 0 ? 1 : 0;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    threads.emplace_back(ask_and_forget, seed);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(calls + forgotten == 4 * k_rounds);
}

TEST_CASE("resolver: ends while others are being answered") {
  const NameLibraryCleanup cleanup;
  for (int round = 0; round < 50; ++round) {
    std::vector<int> called(100, 0);
    {
      Resolver resolver;
      for (std::size_t i = 0; i < called.size(); ++i) {
        resolver.resolve("n" + std::to_string(i % 7) + ".test", 80,
                         [&called, i](const Addresses&) { ++called[i]; });
      }
    }
    CHECK(std::all_of(called.begin(), called.end(), [](int count) { return count <= 1; }));
  }
}
