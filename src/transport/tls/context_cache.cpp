#include "transport/tls/context_cache.hpp"

#include "transport/tls/certificates.hpp"

#include <tuple>

namespace inferometer::transport::tls {

bool ContextCache::ByContent::operator()(const config::Tls& a, const config::Tls& b) const {
  return std::tie(a.ca_file, a.cert_file, a.key_file, a.insecure_skip_verify) <
         std::tie(b.ca_file, b.cert_file, b.key_file, b.insecure_skip_verify);
}

ContextCache::Entry ContextCache::get(const config::Tls& tls) {
  {
    const base::LockGuard lock(m_mutex);
    if (const auto found = m_loaded.find(tls); found != m_loaded.end()) {
      return found->second.entry;
    }
  }
  Loaded loaded = load(tls);
  const base::LockGuard lock(m_mutex);
  // Another thread may have been faster: then its context is the shared one.
  return m_loaded.try_emplace(tls, std::move(loaded)).first->second.entry;
}

std::shared_ptr<const Context> ContextCache::find(const config::Tls& tls) const {
  const base::LockGuard lock(m_mutex);
  const auto found = m_loaded.find(tls);
  return found != m_loaded.end() && found->second.entry ? *found->second.entry : nullptr;
}

void ContextCache::reload() {
  std::vector<config::Tls> again;
  bool system_changed = false;
  for (const auto& [tls, loaded] : snapshot()) {
    const bool other_system = loaded.system != system_stamps(tls);
    system_changed = system_changed || other_system;
    if (!loaded.entry || other_system || loaded.own != own_stamps(tls)) {
      again.push_back(tls);
    }
  }
  if (system_changed) {
    forget_system_authorities();
  }
  for (const config::Tls& tls : again) {
    Loaded loaded = load(tls);
    const base::LockGuard lock(m_mutex);
    m_loaded.insert_or_assign(tls, std::move(loaded));
  }
}

ContextCache::Map ContextCache::snapshot() const {
  const base::LockGuard lock(m_mutex);
  return m_loaded;
}

ContextCache::Loaded ContextCache::load(const config::Tls& tls) {
  // The stamps first: a file that changes while it is read is read once more at the next reload.
  Stamps own = own_stamps(tls);
  Stamps system = system_stamps(tls);
  return {std::move(own), std::move(system), load_context(tls)};
}

ContextCache::Stamps ContextCache::own_stamps(const config::Tls& tls) {
  return base::take_stamps({tls.ca_file, tls.cert_file, tls.key_file});
}

ContextCache::Stamps ContextCache::system_stamps(const config::Tls& tls) {
  const bool used = tls.ca_file.empty() && !tls.insecure_skip_verify;
  return used ? base::take_stamps(system_authority_paths()) : Stamps{};
}

}  // namespace inferometer::transport::tls
