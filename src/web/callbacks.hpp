#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"
#include "exposition/format.hpp"
#include "measure/measurement.hpp"
#include "web/page/measurement_list_page.hpp"
#include "web/status.hpp"

#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::web {

/// One attempt that a client of /probe asks for.
struct ProbeRequest {
  config::TargetKey target;
  bool debug = false;                                    ///< a report for people
  exposition::Format format = exposition::Format::text;  ///< of the metrics, without `debug`
  /// From now until the answer is due; without it the client waits as long as it takes.
  std::optional<base::Duration> timeout;
  /// Stop is requested when the client has left: the result is not needed then. Callbacks of it run
  /// on the thread that carries all clients' bytes, and must be quick.
  std::stop_token client_left;
};

/// Why an attempt that was asked for was not made, or came to nothing.
struct ProbeRefusal {
  int status = 503;  ///< 429: a rate limit or a hold forbids it now; 503: anything else
  std::string message;
};

using ProbeResult = tl::expected<std::string, ProbeRefusal>;

/// What the routes show and do. Each is called on threads of the server, several at once; an
/// exception from one becomes a 500 and a line in the log.
struct Callbacks {
  /// Which requests are allowed.
  std::function<std::shared_ptr<const config::Web>()> settings;
  /// The body of /metrics: the families that `names` selects, or all if it is empty.
  std::function<std::string(exposition::Format format, const std::vector<std::string>& names)>
      metrics;
  /// The targets that /probe can name.
  std::function<std::vector<config::TargetKey>()> targets;
  /// Runs one attempt now, which may take minutes, and returns its metrics alone, or the report.
  std::function<ProbeResult(const ProbeRequest& request)> probe;
  /// A measurement by its id of 16 hexadecimal digits; null if it is not known, or not any more.
  std::function<std::shared_ptr<const measure::Measurement>(std::string_view id)> measurement;
  /// All measurements that are kept, in any order.
  std::function<Measurements()> measurements;
  /// Which those can be.
  std::function<Retention()> retention;
  /// Success, or the error that names the thread that hangs: 503. Must never wait, not for a mutex
  /// either.
  std::function<base::Result<void>()> health;
  /// Ready, or why not: 503. Must never wait.
  std::function<base::Result<void>()> readiness;
  /// Reloads the configuration; the error, 500, lists all that is wrong with it.
  std::function<base::Result<void>()> reload;
  /// The configuration as YAML without secrets.
  std::function<std::string()> redacted_config;
  /// What the page at / and /api/v1/targets show.
  std::function<Status()> status;
};

}  // namespace inferometer::web
