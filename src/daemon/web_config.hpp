#pragma once

#include "base/error.hpp"
#include "base/file_stamp.hpp"
#include "base/thread/mutex.hpp"
#include "base/thread/thread.hpp"
#include "config/problem.hpp"
#include "http/access/door.hpp"

#include <tl/expected.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace inferometer::daemon {

/// What a web configuration file came to.
struct LoadedWebConfig {
  std::vector<std::string> files;       ///< it and those that it names, as far as it could be read
  std::vector<base::FileStamp> stamps;  ///< theirs, of before they were read
  tl::expected<http::Access, std::vector<config::Problem>> access;
};

/// Reads the web configuration and all that it names. Waits for none of the files longer than
/// config::k_read_limit.
[[nodiscard]] LoadedWebConfig load_web_config(const std::string& file);

/// Keeps a door as the web configuration file has it: the last good one holds until a changed one
/// is good. What would open the door, TLS or all users taken away, is refused, as a file is empty
/// while it is written. Thread-safe.
class WebConfig {
 public:
  /// How it is now; called with each load and on the caller's thread.
  using Report =
      std::function<void(bool ok, std::optional<std::chrono::sys_seconds> certificate_expiry)>;

  /// REQUIRES: `loaded.access` holds a value, which is the door's own.
  WebConfig(std::string file, LoadedWebConfig loaded, std::shared_ptr<http::Door> door,
            Report report);

  /// Loads what has changed; the error lists what is wrong, a line each.
  [[nodiscard]] base::Result<void> reload() EXCLUDES(m_mutex);

  /// The same if something has changed, but was the same at the last look: nobody writes it any
  /// more. Says in the log when the certificate has ended. For a thread that looks now and then.
  void look(std::chrono::system_clock::time_point now) EXCLUDES(m_mutex);

 private:
  [[nodiscard]] base::Result<void> load() REQUIRES(m_mutex);
  void note_expiry(std::chrono::system_clock::time_point now) REQUIRES(m_mutex);

  const std::string m_file;
  const std::shared_ptr<http::Door> m_door;
  const Report m_report;

  base::Mutex m_mutex;  ///< held while loading: an older file must not replace a newer one
  std::vector<std::string> m_files GUARDED_BY(m_mutex);
  std::vector<base::FileStamp> m_loaded GUARDED_BY(m_mutex);  ///< of the last load
  std::vector<base::FileStamp> m_seen GUARDED_BY(m_mutex);    ///< at the last look
  std::string m_problem GUARDED_BY(m_mutex);                  ///< of the last load; empty: none
  bool m_expiry_noted GUARDED_BY(m_mutex) = false;
};

/// Has a WebConfig look twice a second, on a thread of its own.
class WebConfigWatch {
 public:
  /// `config` must outlive it.
  explicit WebConfigWatch(WebConfig& config);
  WebConfigWatch(const WebConfigWatch&) = delete;
  WebConfigWatch& operator=(const WebConfigWatch&) = delete;
  /// Ends the watch; waits for a look that is under way.
  ~WebConfigWatch();

 private:
  void run(WebConfig& config);

  base::StopSignal m_stop;
  std::thread m_thread;
};

}  // namespace inferometer::daemon
