#include "daemon/config_watch.hpp"

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/thread/thread.hpp"
#include "config/read_file.hpp"

#include <sys/prctl.h>

#include <exception>
#include <utility>

namespace inferometer::daemon {
namespace {

/// More than any file of a configuration may hold.
constexpr std::size_t k_largest_file = std::size_t{4} * 1024 * 1024;

std::optional<std::uint64_t> hash_of(const std::string& path) {
  const auto content = config::read_file_within(config::k_read_limit, path, k_largest_file);
  return content ? std::optional(base::fnv1a(*content)) : std::nullopt;
}

}  // namespace

Fingerprints take_fingerprints(const std::string& file, const config::Config* config) {
  Fingerprints fingerprints{{file, hash_of(file)}};
  if (config == nullptr) {
    return fingerprints;
  }
  for (const config::Workload& workload : config->workloads) {
    for (const auto& prompt : {workload.prompt_file, workload.system_prompt_file}) {
      if (prompt && !fingerprints.contains(prompt->path)) {
        fingerprints.emplace(prompt->path, hash_of(prompt->path));
      }
    }
  }
  return fingerprints;
}

ConfigWatch::ConfigWatch(base::Duration interval, Fingerprints known, Take take,
                         std::function<void()> changed)
    : m_take(std::move(take)),
      m_changed(std::move(changed)),
      m_known(std::move(known)),
      m_thread([this, interval] { run(interval); }) {}

ConfigWatch::~ConfigWatch() {
  m_stop.stop();
  m_thread.join();
}

void ConfigWatch::run(base::Duration interval) {
  prctl(PR_SET_NAME, "config-watch");
  base::lower_thread_priority();
  while (m_stop.wait_until(std::chrono::steady_clock::now() + interval)) {
    try {
      if (look()) {
        m_changed();
      }
    } catch (const std::exception& exception) {
      base::log::error("could not look for a changed configuration", {{"error", exception.what()}});
    }
  }
}

/// Whether something has changed since the last look.
bool ConfigWatch::look() {
  bool changed = false;
  Fingerprints now = m_take();
  for (auto& [path, hash] : now) {
    const auto before = m_known.find(path);
    if (before == m_known.end() || !before->second) {
      continue;
    }
    if (!hash) {
      hash = before->second;
    }
    changed = changed || *hash != *before->second;
  }
  m_known = std::move(now);
  return changed;
}

}  // namespace inferometer::daemon
