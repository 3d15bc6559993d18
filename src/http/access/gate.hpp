#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/thread/mutex.hpp"
#include "base/thread/worker_pool.hpp"
#include "http/access/credentials.hpp"
#include "http/access/door.hpp"
#include "http/access/token_bucket.hpp"
#include "http/access/verdict_cache.hpp"
#include "http/codec.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace inferometer::http {

/// Decides which requests are let in, by the rate limit and the passwords of a door. Urgent ones
/// always are. Passwords are checked on one thread of its own, at a lower priority than the
/// probes', and only a few wait for it: beyond, requests are refused. Belongs to one thread, except
/// where it says otherwise.
class Gate {
 public:
  using ClientId = std::uint64_t;

  /// Passwords, each for any number of clients, that are or wait to be checked; beyond: 503.
  static constexpr std::size_t k_most_checks = 8;

  /// A request whose head is complete.
  struct Asked {
    ClientId client = 0;
    Lane lane = Lane::page;
    std::string head;
  };
  /// The same with what was decided.
  struct Decided {
    Asked request;
    std::optional<Reply> refusal;  ///< none: it is let in
  };

  /// `wake` is called on the thread that checks when there is something to take. Throws if there is
  /// no randomness or no thread to be had.
  Gate(std::shared_ptr<Door> door, std::function<void()> wake);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  /// Decides at once, or keeps the request until its password was checked: then there is no value,
  /// and the decision comes out of `take_decided`.
  [[nodiscard]] std::optional<Decided> ask(Asked request, base::MonotonicTime now);

  /// Forgets the request of a client that has left, if it is kept.
  void abandon(ClientId client);
  void abandon_all();

  [[nodiscard]] std::vector<Decided> take_decided() EXCLUDES(m_mutex);

  /// Waits for a check that has begun, and drops the others. Idempotent.
  void stop();

 private:
  using Digest = std::string;
  struct Check;
  struct Result {
    Digest digest;
    std::optional<bool> good;  // no value: nobody waited for it any more
  };

  [[nodiscard]] bool over_rate(const Access& access, base::MonotonicTime now);
  [[nodiscard]] Decided refuse(Asked request, Refusal why, const Access& access,
                               base::MonotonicTime now);
  [[nodiscard]] std::optional<Decided> ask_for_password(Asked request, const Access& access,
                                                        base::MonotonicTime now);
  void begin(const Digest& digest, const std::shared_ptr<Check>& check);
  void finish(Result result) EXCLUDES(m_mutex);

  // Constant after construction.
  const std::shared_ptr<Door> m_door;
  const std::function<void()> m_wake;
  const base::Secret m_key;  ///< of the digests: of this process alone

  base::Mutex m_mutex;
  std::vector<Result> m_results GUARDED_BY(m_mutex);

  // Of the owner's thread.
  std::optional<config::RequestRate> m_rate;  ///< what the bucket was made for
  std::optional<TokenBucket> m_bucket;
  VerdictCache m_verdicts;
  std::map<Digest, std::shared_ptr<Check>> m_checks;

  base::WorkerPool m_worker{"web-password", 1};  // last, as its thread uses the above
};

}  // namespace inferometer::http
