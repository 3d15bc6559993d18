#include "http/access/gate.hpp"

#include "http/head.hpp"
#include "wire/digest.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace inferometer::http {
namespace {

constexpr std::size_t k_key_bytes = 32;

base::Secret make_key() {
  std::array<unsigned char, k_key_bytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("the system gives no random bytes");
  }
  return base::Secret(std::string(bytes.begin(), bytes.end()));
}

/// What the password of `user` is compared with. That of an unknown user takes as long as that of
/// some known one, always the same, so that the time tells nothing.
base::Secret hash_for(const std::string& user, const config::PasswordHashes& users,
                      const base::Secret& key) {
  if (const auto known = users.find(user); known != users.end()) {
    return known->second;
  }
  const std::string digest = wire::hmac_sha256(key.reveal(), user);
  const auto place = static_cast<unsigned char>(digest.front()) % users.size();
  return hash_of_nothing(std::next(users.begin(), static_cast<std::ptrdiff_t>(place))->second);
}

/// Of all that decides whether they are good: a changed hash makes other digests.
std::string digest_of(const Credentials& credentials, const base::Secret& hash,
                      const base::Secret& key) {
  const base::Secret text(fmt::format("{}:{}:{}:{}", credentials.user.size(), credentials.user,
                                      hash.reveal(), credentials.password.reveal()));
  return wire::hmac_sha256(key.reveal(), text.reveal());
}

std::string header_lines(const Access& access) {
  std::string lines;
  for (const auto& [name, value] : access.headers) {
    lines += fmt::format("{}: {}\r\n", name, value);
  }
  return lines;
}

std::string retry_after(base::Duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return fmt::format("Retry-After: {}\r\n", std::max<std::int64_t>(seconds, 1));
}

}  // namespace

/// What one password is compared with, and who waits for the result. The clients belong to the
/// gate's thread; the rest is constant but for what is atomic.
struct Gate::Check {
  base::Secret password;
  base::Secret hash;
  std::atomic<bool> wanted{true};
  std::vector<Asked> clients;
};

Gate::Gate(std::shared_ptr<Door> door, std::function<void()> wake)
    : m_door(std::move(door)), m_wake(std::move(wake)), m_key(make_key()) {}

Gate::~Gate() {
  stop();
}

void Gate::stop() {
  abandon_all();
  m_worker.stop();
}

bool Gate::over_rate(const Access& access, base::MonotonicTime now) {
  if (access.rate_limit != m_rate) {
    m_rate = access.rate_limit;
    m_bucket.reset();
    if (m_rate) {
      m_bucket.emplace(m_rate->interval, m_rate->burst);
    }
  }
  return m_bucket && !m_bucket->take(now);
}

Gate::Decided Gate::refuse(Asked request, Refusal why, const Access& access,
                           base::MonotonicTime now) {
  m_door->report(why);
  const std::string fields = header_lines(access);
  Reply reply;
  switch (why) {
    case Refusal::rate_limited:
      reply = refusal("429 Too Many Requests", "too many requests: try again later",
                      fields + retry_after(m_bucket->wait(now)));
      break;
    case Refusal::busy:
      reply = refusal("503 Service Unavailable",
                      "too many passwords are being checked: try again later",
                      fields + retry_after(std::chrono::seconds(1)));
      break;
    case Refusal::unauthorized:
    case Refusal::handshake:
      reply =
          refusal("401 Unauthorized", "a user name and the password of it are needed",
                  fields + "WWW-Authenticate: Basic realm=\"inferometer\", charset=\"UTF-8\"\r\n");
      break;
  }
  return {.request = std::move(request), .refusal = std::move(reply)};
}

std::optional<Gate::Decided> Gate::ask(Asked request, base::MonotonicTime now) {
  if (request.lane == Lane::urgent) {
    return Decided{.request = std::move(request), .refusal = {}};
  }
  const std::shared_ptr<const Access> access = m_door->access();
  if (over_rate(*access, now)) {
    return refuse(std::move(request), Refusal::rate_limited, *access, now);
  }
  if (access->users.empty()) {
    return Decided{.request = std::move(request), .refusal = {}};
  }
  return ask_for_password(std::move(request), *access, now);
}

std::optional<Gate::Decided> Gate::ask_for_password(Asked request, const Access& access,
                                                    base::MonotonicTime now) {
  const base::Result<Head> head = read_head(request.head);
  if (!head) {  // no handler sees it: it is answered by a 400
    return Decided{.request = std::move(request), .refusal = {}};
  }
  auto credentials = read_credentials(head->value_of("Authorization"));
  if (!credentials) {
    return refuse(std::move(request), Refusal::unauthorized, access, now);
  }
  base::Secret hash = hash_for(credentials->user, access.users, m_key);
  const Digest digest = digest_of(*credentials, hash, m_key);
  if (const std::optional<bool> good = m_verdicts.find(digest)) {
    return *good ? Decided{.request = std::move(request), .refusal = {}}
                 : refuse(std::move(request), Refusal::unauthorized, access, now);
  }
  if (const auto found = m_checks.find(digest); found != m_checks.end()) {
    found->second->clients.push_back(std::move(request));
    found->second->wanted = true;
    return std::nullopt;
  }
  if (m_checks.size() >= k_most_checks) {
    return refuse(std::move(request), Refusal::busy, access, now);
  }
  auto check = std::make_shared<Check>();
  check->password = std::move(credentials->password);
  check->hash = std::move(hash);
  check->clients.push_back(std::move(request));
  m_checks.emplace(digest, check);
  begin(digest, check);
  return std::nullopt;
}

void Gate::begin(const Digest& digest, const std::shared_ptr<Check>& check) {
  m_worker.run([this, digest, check] {
    Result result{.digest = digest, .good = std::nullopt};
    if (check->wanted) {
      result.good = matches_hash(check->password, check->hash);
    }
    finish(std::move(result));
  });
}

void Gate::finish(Result result) {
  {
    const base::LockGuard lock(m_mutex);
    m_results.push_back(std::move(result));
  }
  m_wake();
}

std::vector<Gate::Decided> Gate::take_decided() {
  std::vector<Result> results;
  {
    const base::LockGuard lock(m_mutex);
    results.swap(m_results);
  }
  std::vector<Decided> decided;
  const std::shared_ptr<const Access> access = results.empty() ? nullptr : m_door->access();
  for (const Result& result : results) {
    const auto found = m_checks.find(result.digest);
    const std::shared_ptr<Check> check = found->second;
    if (!result.good && !check->clients.empty()) {
      begin(result.digest, check);  // somebody came in the very moment that it was given up
      continue;
    }
    m_checks.erase(found);
    if (result.good) {
      m_verdicts.set(result.digest, *result.good);
    }
    for (Asked& request : check->clients) {
      decided.push_back(*result.good
                            ? Decided{.request = std::move(request), .refusal = {}}
                            : refuse(std::move(request), Refusal::unauthorized, *access, {}));
    }
  }
  return decided;
}

void Gate::abandon(ClientId client) {
  for (const auto& [digest, check] : m_checks) {
    std::erase_if(check->clients, [client](const Asked& each) { return each.client == client; });
    if (check->clients.empty()) {
      check->wanted = false;
    }
  }
}

void Gate::abandon_all() {
  for (const auto& [digest, check] : m_checks) {
    check->clients.clear();
    check->wanted = false;
  }
}

}  // namespace inferometer::http
