#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "sim/model/latency.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>

/// A simulated provider: how fast it answers, how many requests it answers at once, and what an
/// account may still ask of it.
namespace inferometer::sim {

/// How fast a simulated provider is when it has nothing else to do.
struct Profile {
  std::string_view name;  ///< also the name of its only model, and the first part of its paths
  Distribution ttft;
  Distribution itl;  ///< between two consecutive content events of one stream
};

/// The profiles that ship with the simulator. Their figures are an article's, not
/// measurements of ours.
[[nodiscard]] std::span<const Profile> profiles();

/// Where in profiles() `profile`, which is one of them, is.
[[nodiscard]] std::size_t profile_index(const Profile& profile);

/// The profile of that name; the error lists the names there are.
[[nodiscard]] base::Result<const Profile*> find_profile(std::string_view name);

/// The places for generations of one provider, given out in the order of arrival. Not thread-safe.
class Slots {
 public:
  /// The generation that holds a place or waits for one.
  using Id = std::uint64_t;

  /// `limit` is the number of places, 0 for any number. `slowdown` is how much slower a generation
  /// is when all places are taken than when it is alone; without a limit it has no meaning.
  Slots(std::uint32_t limit, double slowdown) : m_limit(limit), m_slowdown(slowdown) {}

  /// True if `id` has a place now; otherwise it waits until release() names it.
  [[nodiscard]] bool acquire(Id id);

  /// Gives up a place. It passes to the one named in the answer, if there is one.
  [[nodiscard]] std::optional<Id> release();

  /// `id` does not wait any longer.
  void cancel(Id id);

  /// By how much all delays are multiplied now: 1 + slowdown * (running - 1) / limit.
  [[nodiscard]] double load() const;

  [[nodiscard]] std::size_t running() const { return m_running; }
  [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }

 private:
  std::uint32_t m_limit;
  double m_slowdown;
  std::size_t m_running = 0;
  std::deque<Id> m_waiting;
};

/// How much of something an account may have, and has left.
struct Limit {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;
  base::Duration reset = base::Duration::zero();  ///< until all of it is there again
};

struct Limits {
  Limit requests;
  Limit tokens;
};

/// What an account of a simulated provider may still ask for in the current minute. It only goes
/// down with each request, so that what a client reads does not depend on time; once used up, it
/// starts again in full. Not thread-safe.
class RateLimits {
 public:
  static constexpr std::uint64_t k_requests = 10'000;
  static constexpr std::uint64_t k_tokens = 2'000'000;

  /// What is left after a request with a prompt of that many tokens.
  [[nodiscard]] Limits spend(std::uint64_t prompt_tokens);

  /// What a client is told that has asked too often.
  [[nodiscard]] static Limits exhausted();

 private:
  std::uint64_t m_requests = k_requests;
  std::uint64_t m_tokens = k_tokens;
};

}  // namespace inferometer::sim
