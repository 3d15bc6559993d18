#pragma once

#include "base/clock.hpp"
#include "measure/measurement.hpp"
#include "metrics/snapshot.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace inferometer::metrics {

/// Why web clients are not let in, as the label `reason` has it.
inline constexpr std::array<std::string_view, 4> k_web_refusals{"unauthorized", "busy",
                                                                "rate_limited", "handshake"};

/// The daemon's metrics about itself: what runs, its configuration, its own delays, its process.
/// Thread-safe.
class SelfMetrics {
 public:
  /// `root` is where the files of the control groups are found (metrics/cgroup.hpp).
  explicit SelfMetrics(std::filesystem::path root = "/");
  SelfMetrics(const SelfMetrics&) = delete;
  SelfMetrics& operator=(const SelfMetrics&) = delete;
  ~SelfMetrics();

  /// The configuration was loaded at `when`, or could not be; the start-up counts as well.
  void set_config_reload(bool ok, base::WallTime when);

  /// The part of the configuration that is probed from now on.
  struct ShardState {
    std::uint32_t index = 0;
    std::uint32_t count = 1;
    std::size_t targets = 0;
  };
  void set_shard(const ShardState& state);

  /// A hash of the whole configuration, the same on all shards.
  void set_config_hash(std::uint64_t hash);

  /// The web configuration in force: whether its last change could be loaded, and when the web
  /// server's certificate ends, if it has one.
  void set_web_config(bool ok, std::optional<std::chrono::sys_seconds> certificate_expiry);

  /// A web client was not let in. REQUIRES: `reason` is one of k_web_refusals.
  void count_web_refusal(std::string_view reason);

  /// An attempt ended: how long after its scheduled time it was started, how exact its time to
  /// first token is, and whose its stamps are.
  void observe(const measure::Measurement& measurement);

  /// The event loop of the probes was that late.
  void observe_event_loop_lag(base::Duration lag);

  /// A stamp of ours was off by that much.
  void observe_error(base::Duration error);

  /// The families that are asked for, in the order of the catalogue; those of the process and its
  /// control group as the kernel shows them now.
  [[nodiscard]] Families collect(const Selection& selection = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::metrics
