#pragma once

#include "measure/measurement.hpp"
#include "metrics/snapshot.hpp"

#include <atomic>
#include <cstdint>
#include <optional>

namespace inferometer::metrics {

/// The measurement that a value came from, for an exemplar.
struct ExemplarSource {
  std::uint64_t measurement = 0;  ///< the id
  double unix_seconds = 0;        ///< when the attempt ended
};

/// No value if the id is none of ours: then there is nothing that an exemplar could point to.
[[nodiscard]] std::optional<ExemplarSource> exemplar_source(
    const measure::Measurement& measurement);

/// The exemplar of one bucket: a sequence lock whose writers never wait. Thread-safe.
class ExemplarSlot {
 public:
  /// Replaces the exemplar, unless another thread is just doing that.
  void store(const Exemplar& exemplar) {
    std::uint64_t version = m_version.load(std::memory_order_relaxed);
    if (version % 2 != 0 || !m_version.compare_exchange_strong(version, version + 1)) {
      return;
    }
    // Released one by one, so that a reader of one of them sees the odd version as well.
    m_measurement.store(exemplar.measurement, std::memory_order_release);
    m_value.store(exemplar.value, std::memory_order_release);
    m_unix_seconds.store(exemplar.unix_seconds, std::memory_order_release);
    m_version.store(version + 2, std::memory_order_release);
  }

  /// The exemplar, whole; no value if there is none yet, or if it changes faster than it can be
  /// read.
  [[nodiscard]] std::optional<Exemplar> load() const {
    constexpr int k_tries = 8;
    for (int i = 0; i < k_tries; ++i) {
      const std::uint64_t before = m_version.load(std::memory_order_acquire);
      const Exemplar exemplar{.measurement = m_measurement.load(std::memory_order_acquire),
                              .value = m_value.load(std::memory_order_acquire),
                              .unix_seconds = m_unix_seconds.load(std::memory_order_acquire)};
      const std::uint64_t after = m_version.load(std::memory_order_relaxed);
      if (before == after && before % 2 == 0) {
        return before == 0 ? std::nullopt : std::optional(exemplar);
      }
    }
    return std::nullopt;
  }

 private:
  std::atomic<std::uint64_t> m_version{0};  // odd while it is written, 0 before the first
  std::atomic<std::uint64_t> m_measurement{0};
  std::atomic<double> m_value{0};
  std::atomic<double> m_unix_seconds{0};
};

}  // namespace inferometer::metrics
