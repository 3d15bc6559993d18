#pragma once

#include "base/file_stamp.hpp"
#include "base/thread/mutex.hpp"
#include "transport/tls/context.hpp"

#include <map>
#include <vector>

namespace inferometer::transport::tls {

/// The contexts of the configurations that were asked for, each loaded once and shared.
/// Thread-safe; no file is read while another thread is kept waiting.
class ContextCache {
 public:
  using Entry = base::Result<std::shared_ptr<const Context>>;

  /// The context for `tls`, or why there is none, which stays so until `reload`. The first call for
  /// a value reads files, as `load_context` does: that one must not be made on an event loop. Each
  /// later one is a lookup.
  [[nodiscard]] Entry get(const config::Tls& tls);

  /// What `get` has loaded; null where it was not called yet or had an error to tell. Never reads a
  /// file.
  [[nodiscard]] std::shared_ptr<const Context> find(const config::Tls& tls) const;

  /// Makes anew what failed and what was made from files (those of the system's authorities too)
  /// that have changed since. Reads files: not for an event loop. Contexts that are in use stay
  /// valid.
  void reload();

 private:
  using Stamps = std::vector<base::FileStamp>;
  struct Loaded {
    Stamps own;     ///< of the files that the configuration names
    Stamps system;  ///< of the system's authorities; empty where they are not used
    Entry entry;
  };
  /// By all that a context is made from, which `server_name` is not.
  struct ByContent {
    bool operator()(const config::Tls& a, const config::Tls& b) const;
  };

  using Map = std::map<config::Tls, Loaded, ByContent>;

  static Stamps own_stamps(const config::Tls& tls);
  static Stamps system_stamps(const config::Tls& tls);
  static Loaded load(const config::Tls& tls);
  [[nodiscard]] Map snapshot() const;

  mutable base::Mutex m_mutex;
  Map m_loaded GUARDED_BY(m_mutex);
};

}  // namespace inferometer::transport::tls
