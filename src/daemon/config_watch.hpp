#pragma once

#include "base/clock.hpp"
#include "base/thread/thread.hpp"
#include "config/config.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace inferometer::daemon {

/// Hashes of files by path; no value for one that cannot be read.
using Fingerprints = std::map<std::string, std::optional<std::uint64_t>>;

/// What the configuration is made of: `file`, and the prompt files that `config` names; null: only
/// the former. Symbolic links are followed, as Kubernetes swaps one when a ConfigMap changes.
[[nodiscard]] Fingerprints take_fingerprints(const std::string& file, const config::Config* config);

/// Looks now and then, on a thread of its own, whether files have changed, and says so once for
/// each change; what is not there for a moment has not changed.
class ConfigWatch {
 public:
  using Take = std::function<Fingerprints()>;

  /// Begins to look one `interval` from now. `known` is what was taken before the configuration was
  /// loaded: what has changed since is a change. Both functions are called on the watch's thread.
  ConfigWatch(base::Duration interval, Fingerprints known, Take take,
              std::function<void()> changed);
  ConfigWatch(const ConfigWatch&) = delete;
  ConfigWatch& operator=(const ConfigWatch&) = delete;
  /// Ends the watch; waits for a call that is under way.
  ~ConfigWatch();

 private:
  void run(base::Duration interval);
  [[nodiscard]] bool look();

  const Take m_take;
  const std::function<void()> m_changed;
  Fingerprints m_known;  ///< the thread's own
  base::StopSignal m_stop;
  std::thread m_thread;
};

}  // namespace inferometer::daemon
