#include "probe/auth/credential_cache.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::probe::auth {
namespace {

using base::LockGuard;
using base::MonotonicTime;
using namespace std::chrono_literals;

constexpr base::Duration k_renewal_margin = 5min;
constexpr base::Duration k_retry_delay = 5s;

}  // namespace

void CredentialCache::get(const config::Provider& provider, const CredentialFunction& done) {
  std::optional<CredentialResult> at_hand;
  std::optional<Fetch> due;
  {
    const LockGuard lock(m_mutex);
    Entry& entry = entry_of(provider);
    const MonotonicTime now = m_clock.now();
    due = fetch_if_due(provider.name, entry, now);
    if (entry.credential && now < entry.expires) {
      at_hand = *entry.credential;
    } else if (entry.fetch) {
      m_waiting[*entry.fetch].push_back(done);
    } else {  // no fetch is due although there is no credential: the last one failed just now
      at_hand = tl::make_unexpected(*entry.failure);
    }
  }
  if (at_hand) {
    done(std::move(at_hand));
  }
  if (due) {
    begin(*due);
  }
}

void CredentialCache::refresh(const config::Provider& provider) {
  std::optional<Fetch> due;
  {
    const LockGuard lock(m_mutex);
    due = fetch_if_due(provider.name, entry_of(provider), m_clock.now());
  }
  if (due) {
    begin(*due);
  }
}

void CredentialCache::keep(const std::vector<config::Provider>& providers) {
  std::map<std::string, CredentialSource> kept;
  for (const config::Provider& provider : providers) {
    kept.emplace(provider.name, source_of(provider));
  }
  const LockGuard lock(m_mutex);
  std::erase_if(m_entries, [&kept](const auto& entry) {
    const auto found = kept.find(entry.first);
    return found == kept.end() || found->second != entry.second.source;
  });
}

CredentialCache::Entry& CredentialCache::entry_of(const config::Provider& provider) {
  Entry& entry = m_entries[provider.name];
  CredentialSource source = source_of(provider);
  if (entry.source != source) {
    entry = Entry{};
    entry.source = std::move(source);
  }
  return entry;
}

/// Notes a fetch as under way if the entry needs one; the caller begins it without the lock.
std::optional<CredentialCache::Fetch> CredentialCache::fetch_if_due(const std::string& provider,
                                                                    Entry& entry,
                                                                    MonotonicTime now) {
  const bool is_fresh = entry.credential && now < entry.renew_at;
  const bool must_wait = entry.failure && now < entry.retry_at;
  if (entry.fetch || is_fresh || must_wait) {
    return std::nullopt;
  }
  entry.fetch = ++m_last_fetch;
  return Fetch{.number = m_last_fetch, .provider = provider, .source = entry.source, .begun = now};
}

void CredentialCache::begin(const Fetch& fetch) {
  base::Result<Step> step = first_step(fetch.source, m_clock.wall_now());
  if (step) {
    ask(fetch, *std::move(step));
    return;
  }
  end(fetch, tl::make_unexpected(
                 protocol::ApiError{measure::Outcome::internal_error, step.error().message, {}}));
}

void CredentialCache::ask(const Fetch& fetch, Step step) {
  transport::Request request = std::move(step.request);
  auto listener = make_step_listener(
      std::move(step), [self = shared_from_this(), fetch](std::optional<StepResult> result) {
        if (!result) {
          self->end(fetch, std::nullopt);
        } else if (!*result) {
          self->end(fetch, tl::make_unexpected(result->error()));
        } else if (auto* next = std::get_if<std::unique_ptr<Step>>(&**result)) {
          self->ask(fetch, std::move(**next));
        } else {
          self->end(fetch, std::get<Credential>(**result));
        }
      });
  m_transport.start(std::move(request), std::move(listener));
}

void CredentialCache::end(const Fetch& fetch, std::optional<CredentialResult> result) {
  std::vector<CredentialFunction> waiting;
  {
    const LockGuard lock(m_mutex);
    if (const auto found = m_waiting.find(fetch.number); found != m_waiting.end()) {
      waiting = std::move(found->second);
      m_waiting.erase(found);
    }
    const auto found = m_entries.find(fetch.provider);
    if (found != m_entries.end() && found->second.fetch == fetch.number) {
      Entry& entry = found->second;
      entry.fetch.reset();
      if (result && *result) {
        const base::Duration life = (*result)->life;
        entry.credential = **result;
        entry.expires = fetch.begun + life;
        entry.renew_at = entry.expires - std::min(k_renewal_margin, life / 2);
        entry.failure.reset();
      } else if (result) {
        entry.failure = result->error();
        entry.retry_at = m_clock.now() + k_retry_delay;
      }
    }
  }
  for (const CredentialFunction& done : waiting) {
    done(result);
  }
}

}  // namespace inferometer::probe::auth
