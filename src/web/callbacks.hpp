#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "web/status_page.hpp"

#include <functional>
#include <string>
#include <vector>

namespace inferometer::web {

/// What the server shows and does. Each is called on threads of the server, several at once; an
/// exception from one becomes a 500 and a line in the log.
struct Callbacks {
  /// The body of /metrics, in the text format 0.0.4.
  std::function<std::string()> metrics;
  /// The targets that /probe can name.
  std::function<std::vector<config::TargetKey>()> targets;
  /// Runs one attempt now, which may take minutes, and returns its metrics alone, or with `debug` a
  /// report for people. An error means that it could not be run: 503.
  std::function<base::Result<std::string>(const config::TargetKey& target, bool debug)> probe;
  /// Ready, or why not: 503.
  std::function<base::Result<void>()> readiness;
  /// Reloads the configuration; the error, 500, lists all that is wrong with it.
  std::function<base::Result<void>()> reload;
  /// The configuration as YAML without secrets.
  std::function<std::string()> redacted_config;
  /// What the page at / shows.
  std::function<Status()> status;
};

}  // namespace inferometer::web
