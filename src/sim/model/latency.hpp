#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Random numbers, and the delays that are drawn with them.
namespace inferometer::sim {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers from the same seed on every host,
/// in eight bytes of state, so that each stream can have its own. Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : m_state(seed) {}

  /// 64 uniform bits.
  [[nodiscard]] std::uint64_t next() {
    m_state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = m_state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// Uniform in the open interval (0, 1), whose ends have no normal quantile.
  [[nodiscard]] double uniform() { return (static_cast<double>(next() >> 12U) + 0.5) * 0x1p-52; }

 private:
  std::uint64_t m_state;
};

using base::Duration;

/// The standard normal quantile function Φ⁻¹(u) for u in (0, 1), to about 1e-15.
/// Source: M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988), 477–484.
[[nodiscard]] double normal_quantile(double u);

/// Where the simulator takes a delay from. No delay is longer than a day.
/// Copies share the position of a replay; all functions are thread-safe.
class Distribution {
 public:
  enum class Order { random, replay };

  /// Always `value`, which is not negative.
  [[nodiscard]] static Distribution constant(Duration value);

  /// A log-normal-like distribution that has exactly these quantiles: ln x is piecewise linear in
  /// z = Φ⁻¹(u) through the three points; the first slope continues below the median, the last one
  /// above p99. Refuses what is not 0 < p50 <= p95 <= p99 <= 1 day.
  [[nodiscard]] static base::Result<Distribution> fitted(Duration p50, Duration p95, Duration p99);

  /// The samples themselves, at random or in their order and then from the start again.
  [[nodiscard]] static base::Result<Distribution> recorded(std::vector<Duration> samples,
                                                           Order order);

  /// The configured truth: the delay that a share `u`, in (0, 1), of all samples does not exceed;
  /// of a recording, the nearest rank.
  [[nodiscard]] Duration quantile(double u) const;

  /// The next delay; draws from `random` unless the distribution is constant or a replay.
  [[nodiscard]] Duration sample(Random& random) const;

 private:
  struct Fitted {
    double log_median;
    double slope;       ///< of ln x over z up to the 95th percentile
    double tail_slope;  ///< beyond it
  };
  struct Recording;
  using Kind = std::variant<Duration, Fitted, std::shared_ptr<Recording>>;

  explicit Distribution(Kind kind) : m_kind(std::move(kind)) {}

  Kind m_kind;
};

/// Reads `20ms` as constant and `48ms/72ms/95ms` as fitted to p50, p95 and p99.
[[nodiscard]] base::Result<Distribution> parse_distribution(std::string_view text);

/// Reads a recording: one delay a line, as a duration (`12.5ms`) or in seconds (`0.0125`); blank
/// lines are skipped. At most a million samples.
[[nodiscard]] base::Result<Distribution> load_recording(const std::string& path,
                                                        Distribution::Order order);

}  // namespace inferometer::sim
