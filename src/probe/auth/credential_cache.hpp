#pragma once

#include "base/clock.hpp"
#include "base/thread/mutex.hpp"
#include "config/config.hpp"
#include "probe/auth/source.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace inferometer::probe::auth {

/// The tokens and keys of all providers. Each is fetched once for all callers that wait for it, and
/// renewed five minutes before it expires, or at half of a life under ten minutes; until then, and
/// while the renewal is under way or fails, the old one serves. After a failure nothing is asked
/// for five seconds. Thread-safe; calls no one while it holds its lock.
class CredentialCache : public std::enable_shared_from_this<CredentialCache> {
 public:
  CredentialCache(transport::Transport& transport, const base::Clock& clock)
      : m_transport(transport), m_clock(clock) {}
  CredentialCache(const CredentialCache&) = delete;
  CredentialCache& operator=(const CredentialCache&) = delete;
  ~CredentialCache() = default;

  /// Calls `done` once: before it returns where a credential or a recent failure is known, else on
  /// the transport's thread, or on this one if no request can be made. REQUIRES: the provider's
  /// auth is_fetched().
  void get(const config::Provider& provider, const CredentialFunction& done) EXCLUDES(m_mutex);

  /// Fetches the provider's credential if it is due.
  void refresh(const config::Provider& provider) EXCLUDES(m_mutex);

  /// Forgets the credentials of all other providers, and of those whose credentials are got in
  /// another way now. Callers that wait for one still get it.
  void keep(const std::vector<config::Provider>& providers) EXCLUDES(m_mutex);

 private:
  using FetchNumber = std::uint64_t;

  struct Fetch {
    FetchNumber number = 0;
    std::string provider;
    CredentialSource source;
    base::MonotonicTime begun{};
  };

  struct Entry {
    CredentialSource source;
    std::optional<Credential> credential;
    base::MonotonicTime expires{};  ///< of the credential, like the next
    base::MonotonicTime renew_at{};
    std::optional<protocol::ApiError> failure;  ///< of the last fetch
    base::MonotonicTime retry_at{};             ///< after the failure
    std::optional<FetchNumber> fetch;           ///< under way
  };

  Entry& entry_of(const config::Provider& provider) REQUIRES(m_mutex);
  std::optional<Fetch> fetch_if_due(const std::string& provider, Entry& entry,
                                    base::MonotonicTime now) REQUIRES(m_mutex);
  void begin(const Fetch& fetch) EXCLUDES(m_mutex);
  void ask(const Fetch& fetch, Step step) EXCLUDES(m_mutex);
  void end(const Fetch& fetch, std::optional<CredentialResult> result) EXCLUDES(m_mutex);

  transport::Transport& m_transport;
  const base::Clock& m_clock;

  base::Mutex m_mutex;
  std::map<std::string, Entry> m_entries GUARDED_BY(m_mutex);  ///< by the provider's name
  std::map<FetchNumber, std::vector<CredentialFunction>> m_waiting GUARDED_BY(m_mutex);
  FetchNumber m_last_fetch GUARDED_BY(m_mutex) = 0;
};

}  // namespace inferometer::probe::auth
