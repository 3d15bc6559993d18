#include "config/reloader.hpp"

#include <utility>

namespace inferometer::config {

Reloader::Reloader(std::string name, std::function<LoadResult()> load)
    : m_name(std::move(name)), m_load(std::move(load)) {}

base::Result<void> Reloader::reload() {
  const base::LockGuard loading(m_loading);
  LoadResult loaded = m_load();
  if (!loaded) {
    return base::fail(render(m_name, loaded.error()));
  }
  auto config = std::make_shared<const Config>(*std::move(loaded));
  const base::LockGuard lock(m_mutex);
  m_current.swap(config);  // the old one, if nobody holds it, goes after the lock
  return {};
}

std::shared_ptr<const Config> Reloader::current() const {
  const base::LockGuard lock(m_mutex);
  return m_current;
}

}  // namespace inferometer::config
