#include "transport/connection/pool.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::transport {
namespace {

using base::Duration;
using base::MonotonicTime;

/// More than there are targets that ask for reuse; each holds a descriptor.
constexpr std::size_t k_most = 10'000;

/// Takes what waits on an idle connection, up to a bound that control messages do not reach;
/// whether it may still be used.
bool keeps_good(Connection& connection, std::span<char> scratch) {
  constexpr int k_looks = 4;
  connection.channel()
      .socket()
      .take_departures();  // a late one would wake the loop again and again
  for (int i = 0; i < k_looks; ++i) {
    const net::Socket::Result read = connection.channel().socket().receive(scratch);
    if (read.status == net::Socket::Status::not_now) {
      connection.flush();
      return connection.reusable();
    }
    if (read.status != net::Socket::Status::done) {
      return false;
    }
    connection.receive(std::string_view(scratch.data(), read.bytes));
    if (!connection.reusable()) {
      return false;
    }
  }
  return false;
}

}  // namespace

void ConnectionPool::put(std::unique_ptr<Connection> connection, Duration max_idle,
                         MonotonicTime now) {
  if (m_idle.size() >= k_most) {
    const auto oldest =
        std::ranges::min_element(m_idle, {}, [](const auto& entry) { return entry.second.since; });
    remove(oldest->first)->close();
  }
  connection->end_exchange();
  const int descriptor = connection->descriptor();
  m_watch(descriptor, true);
  m_by_key.emplace(connection->key(), descriptor);
  m_idle.emplace(descriptor, Idle{std::move(connection), now, max_idle});
}

std::unique_ptr<Connection> ConnectionPool::remove(int descriptor) {
  const auto found = m_idle.find(descriptor);
  std::unique_ptr<Connection> connection = std::move(found->second.connection);
  m_idle.erase(found);
  const auto [first, last] = m_by_key.equal_range(connection->key());
  m_by_key.erase(std::find_if(
      first, last, [descriptor](const auto& entry) { return entry.second == descriptor; }));
  m_watch(descriptor, false);
  return connection;
}

std::unique_ptr<Connection> ConnectionPool::take(const std::string& key, Duration max_idle,
                                                 MonotonicTime now, std::span<char> scratch) {
  std::vector<std::pair<MonotonicTime, int>> known;
  const auto [first, last] = m_by_key.equal_range(key);
  std::transform(first, last, std::back_inserter(known), [this](const auto& entry) {
    return std::pair(m_idle.at(entry.second).since, entry.second);
  });
  std::ranges::sort(known, std::greater());
  for (const auto& [since, descriptor] : known) {
    std::unique_ptr<Connection> connection = remove(descriptor);
    if (now - since <= max_idle && keeps_good(*connection, scratch)) {
      return connection;
    }
    connection->close();
  }
  return nullptr;
}

bool ConnectionPool::on_ready(int descriptor, std::span<char> scratch) {
  const auto found = m_idle.find(descriptor);
  if (found == m_idle.end()) {
    return false;
  }
  if (!keeps_good(*found->second.connection, scratch)) {
    remove(descriptor)->close();
  }
  return true;
}

void ConnectionPool::expire(MonotonicTime now) {
  std::vector<int> old;
  for (const auto& [descriptor, idle] : m_idle) {
    if (now - idle.since > idle.max_idle) {
      old.push_back(descriptor);
    }
  }
  for (const int descriptor : old) {
    remove(descriptor)->close();
  }
}

}  // namespace inferometer::transport
