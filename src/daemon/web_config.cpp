#include "daemon/web_config.hpp"

#include "base/log.hpp"
#include "config/web/web_file.hpp"
#include "http/tls/context.hpp"

#include <sys/prctl.h>

#include <exception>
#include <utility>

namespace inferometer::daemon {
namespace {

constexpr base::Duration k_look_interval = std::chrono::milliseconds(500);

using config::Problem;

std::optional<std::chrono::sys_seconds> expiry_of(const http::Access& access) {
  return access.tls ? access.tls->expiry() : std::nullopt;
}

/// What of `fresh` would let in who was kept out by `old`.
std::optional<Problem> refuse_opening(const http::Access& old, const http::Access& fresh) {
  if ((old.tls == nullptr) != (fresh.tls == nullptr)) {
    return Problem{0, 0, "tls_server_config was added or removed",
                   "restart the daemon to apply it"};
  }
  if (!old.users.empty() && fresh.users.empty()) {
    return Problem{0, 0, "basic_auth_users was removed", "restart the daemon to apply it"};
  }
  return std::nullopt;
}

}  // namespace

LoadedWebConfig load_web_config(const std::string& file) {
  LoadedWebConfig result{.files = {file}, .stamps = base::take_stamps({file}), .access = {}};
  config::WebFileResult loaded = config::load_web_file(file);
  if (!loaded) {
    result.access = tl::make_unexpected(std::move(loaded.error()));
    return result;
  }
  http::Access access{.tls = nullptr,
                      .users = std::move(loaded->users),
                      .headers = std::move(loaded->headers),
                      .rate_limit = loaded->rate_limit};
  if (loaded->tls) {
    for (const config::PemSource* const source :
         {&loaded->tls->certificate, &loaded->tls->key, &loaded->tls->client_authorities}) {
      if (!source->file.empty()) {
        result.files.push_back(source->file);
        result.stamps.push_back(base::take_stamps({source->file}).front());
      }
    }
    auto context = http::tls::load_context(*loaded->tls);
    if (!context) {
      result.access = tl::make_unexpected(std::vector<Problem>{std::move(context.error())});
      return result;
    }
    access.tls = *std::move(context);
  }
  result.access = std::move(access);
  return result;
}

WebConfig::WebConfig(std::string file, LoadedWebConfig loaded, std::shared_ptr<http::Door> door,
                     Report report)
    : m_file(std::move(file)),
      m_door(std::move(door)),
      m_report(std::move(report)),
      m_files(std::move(loaded.files)),
      m_loaded(std::move(loaded.stamps)) {
  m_report(true, expiry_of(*loaded.access));
}

base::Result<void> WebConfig::reload() {
  const base::LockGuard lock(m_mutex);
  return load();
}

void WebConfig::look(std::chrono::system_clock::time_point now) {
  const base::LockGuard lock(m_mutex);
  std::vector<base::FileStamp> stamps = base::take_stamps(m_files);
  const bool still = stamps == m_seen;
  m_seen = std::move(stamps);
  if (still && m_seen != m_loaded) {
    // What it came to is in the log and in a metric; the old one stays in force if it failed.
    static_cast<void>(load());
  }
  note_expiry(now);
}

base::Result<void> WebConfig::load() {
  LoadedWebConfig loaded = load_web_config(m_file);
  const bool changed = loaded.stamps != m_loaded || loaded.files != m_files;
  m_files = std::move(loaded.files);
  m_loaded = std::move(loaded.stamps);
  const std::shared_ptr<const http::Access> old = m_door->access();
  if (loaded.access) {
    if (auto opening = refuse_opening(*old, *loaded.access)) {
      loaded.access = tl::make_unexpected(std::vector<Problem>{*std::move(opening)});
    }
  }
  if (!loaded.access) {
    std::string problem = config::render(m_file, loaded.access.error());
    if (changed || problem != m_problem) {
      base::log::error("web configuration not reloaded; the old one stays in force",
                       {{"error", problem}});
    }
    m_problem = problem;
    m_report(false, expiry_of(*old));
    return base::fail(std::move(problem));
  }
  m_problem.clear();
  m_expiry_noted = false;
  m_report(true, expiry_of(*loaded.access));
  m_door->set(*std::move(loaded.access));
  if (changed) {
    base::log::info("web configuration loaded", {{"file", m_file}});
  }
  return {};
}

void WebConfig::note_expiry(std::chrono::system_clock::time_point now) {
  const auto expiry = expiry_of(*m_door->access());
  if (m_expiry_noted || !expiry || *expiry > std::chrono::floor<std::chrono::seconds>(now)) {
    return;
  }
  m_expiry_noted = true;
  base::log::warn("the web server's certificate has expired",
                  {{"file", m_file}, {"expiry", expiry->time_since_epoch().count()}});
}

WebConfigWatch::WebConfigWatch(WebConfig& config) : m_thread([this, &config] { run(config); }) {}

WebConfigWatch::~WebConfigWatch() {
  m_stop.stop();
  m_thread.join();
}

void WebConfigWatch::run(WebConfig& config) {
  prctl(PR_SET_NAME, "web-config");
  base::lower_thread_priority();
  do {
    try {
      config.look(std::chrono::system_clock::now());
    } catch (const std::exception& exception) {
      base::log::error("could not look for a changed web configuration",
                       {{"error", exception.what()}});
    }
  } while (m_stop.wait_until(std::chrono::steady_clock::now() + k_look_interval));
}

}  // namespace inferometer::daemon
