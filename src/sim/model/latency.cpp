#include "sim/model/latency.hpp"

#include "base/ascii.hpp"
#include "base/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <fstream>
#include <span>

namespace inferometer::sim {
namespace {

constexpr Duration k_longest_delay = std::chrono::hours(24);
constexpr std::size_t k_most_samples = 1'000'000;

/// The coefficients from the constant term upwards.
double polynomial(std::span<const double> coefficients, double x) {
  double value = 0;
  for (std::size_t i = coefficients.size(); i > 0; --i) {
    value = value * x + coefficients[i - 1];
  }
  return value;
}

Duration to_delay(double nanoseconds) {
  const auto longest = static_cast<double>(k_longest_delay.count());
  return Duration(std::llround(std::min(nanoseconds, longest)));
}

}  // namespace

double normal_quantile(double u) {
  static constexpr std::array k_a{3.3871328727963666080e0, 1.3314166789178437745e2,
                                  1.9715909503065514427e3, 1.3731693765509461125e4,
                                  4.5921953931549871457e4, 6.7265770927008700853e4,
                                  3.3430575583588128105e4, 2.5090809287301226727e3};
  static constexpr std::array k_b{1.0,
                                  4.2313330701600911252e1,
                                  6.8718700749205790830e2,
                                  5.3941960214247511077e3,
                                  2.1213794301586595867e4,
                                  3.9307895800092710610e4,
                                  2.8729085735721942674e4,
                                  5.2264952788528545610e3};
  static constexpr std::array k_c{1.42343711074968357734e0,  4.63033784615654529590e0,
                                  5.76949722146069140550e0,  3.64784832476320460504e0,
                                  1.27045825245236838258e0,  2.41780725177450611770e-1,
                                  2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr std::array k_d{1.0,
                                  2.05319162663775882187e0,
                                  1.67638483018380384940e0,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
  static constexpr std::array k_e{6.65790464350110377720e0,  5.46378491116411436990e0,
                                  1.78482653991729133580e0,  2.96560571828504891230e-1,
                                  2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                  2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr std::array k_f{1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
  const double q = u - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(k_a, r) / polynomial(k_b, r);
  }
  const double r = std::sqrt(-std::log(q < 0 ? u : 1 - u));
  const double z = r <= 5 ? polynomial(k_c, r - 1.6) / polynomial(k_d, r - 1.6)
                          : polynomial(k_e, r - 5) / polynomial(k_f, r - 5);
  return q < 0 ? -z : z;
}

struct Distribution::Recording {
  std::vector<Duration> samples;
  std::vector<Duration> sorted;
  Order order;
  std::atomic<std::size_t> position{0};
};

Distribution Distribution::constant(Duration value) {
  return Distribution(value);
}

base::Result<Distribution> Distribution::fitted(Duration p50, Duration p95, Duration p99) {
  if (p50 <= Duration::zero() || p95 < p50 || p99 < p95 || p99 > k_longest_delay) {
    return base::fail(fmt::format(
        "cannot fit delays to p50 {}, p95 {}, p99 {}: give three durations that do not descend, "
        "the first above 0 and the last at most 1d",
        base::format_duration(p50), base::format_duration(p95), base::format_duration(p99)));
  }
  const double log_50 = std::log(static_cast<double>(p50.count()));
  const double log_95 = std::log(static_cast<double>(p95.count()));
  const double log_99 = std::log(static_cast<double>(p99.count()));
  const double z_95 = normal_quantile(0.95);
  const double z_99 = normal_quantile(0.99);
  return Distribution(Fitted{.log_median = log_50,
                             .slope = (log_95 - log_50) / z_95,
                             .tail_slope = (log_99 - log_95) / (z_99 - z_95)});
}

base::Result<Distribution> Distribution::recorded(std::vector<Duration> samples, Order order) {
  if (samples.empty()) {
    return base::fail("a recording of delays is empty: give at least one delay");
  }
  const auto bad = std::find_if(samples.begin(), samples.end(), [](Duration sample) {
    return sample < Duration::zero() || sample > k_longest_delay;
  });
  if (bad != samples.end()) {
    return base::fail(
        fmt::format("delay {} of a recording is not between 0 and 1d", bad - samples.begin() + 1));
  }
  auto recording = std::make_shared<Recording>();
  recording->sorted = samples;
  std::sort(recording->sorted.begin(), recording->sorted.end());
  recording->samples = std::move(samples);
  recording->order = order;
  return Distribution(std::move(recording));
}

Duration Distribution::quantile(double u) const {
  if (const auto* value = std::get_if<Duration>(&m_kind)) {
    return *value;
  }
  if (const auto* fitted = std::get_if<Fitted>(&m_kind)) {
    const double z = normal_quantile(u);
    const double z_95 = normal_quantile(0.95);
    return to_delay(std::exp(fitted->log_median + fitted->slope * std::min(z, z_95) +
                             fitted->tail_slope * std::max(z - z_95, 0.0)));
  }
  const std::vector<Duration>& sorted = std::get<std::shared_ptr<Recording>>(m_kind)->sorted;
  const auto rank = static_cast<std::size_t>(std::ceil(u * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

Duration Distribution::sample(Random& random) const {
  if (const auto* value = std::get_if<Duration>(&m_kind)) {
    return *value;
  }
  if (const auto* shared = std::get_if<std::shared_ptr<Recording>>(&m_kind)) {
    Recording& recording = **shared;
    if (recording.order == Order::replay) {
      return recording.samples[recording.position++ % recording.samples.size()];
    }
  }
  return quantile(random.uniform());
}

base::Result<Distribution> parse_distribution(std::string_view text) {
  std::vector<Duration> values;
  for (std::string_view rest = text;;) {
    const std::size_t slash = rest.find('/');
    const base::Result<Duration> value = base::parse_duration(rest.substr(0, slash));
    if (!value) {
      return base::fail(value.error().message);
    }
    values.push_back(*value);
    if (slash == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(slash + 1);
  }
  if (values.size() == 3) {
    return Distribution::fitted(values[0], values[1], values[2]);
  }
  if (values.size() != 1 || values[0] > k_longest_delay) {
    return base::fail(fmt::format(
        "'{}' is not a delay: write one duration of at most 1d, such as 20ms, or p50/p95/p99, such "
        "as 48ms/72ms/95ms",
        text));
  }
  return Distribution::constant(values[0]);
}

namespace {

base::Result<Duration> parse_sample(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    return base::parse_duration(text);
  }
  if (!(seconds >= 0 && seconds <= base::seconds(k_longest_delay))) {
    return base::fail(fmt::format("{} seconds is not between 0 and 1d", text));
  }
  return Duration(std::llround(seconds * 1e9));
}

}  // namespace

base::Result<Distribution> load_recording(const std::string& path, Distribution::Order order) {
  std::ifstream file(path);
  if (!file) {
    return base::fail(fmt::format("cannot read the recording {}", path));
  }
  std::vector<Duration> samples;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const std::string_view text = base::trimmed(line, " \t\r");
    if (text.empty()) {
      continue;
    }
    const base::Result<Duration> sample = parse_sample(text);
    if (!sample) {
      return base::fail(fmt::format("{}:{}: {}", path, number, sample.error().message));
    }
    if (samples.size() == k_most_samples) {
      return base::fail(fmt::format("{}:{}: more than {} delays", path, number, k_most_samples));
    }
    samples.push_back(*sample);
  }
  if (file.bad()) {
    return base::fail(fmt::format("cannot read the recording {} to its end", path));
  }
  return Distribution::recorded(std::move(samples), order)
      .map_error([&path](const base::Error& error) {
        return base::Error{fmt::format("{}: {}", path, error.message)};
      });
}

}  // namespace inferometer::sim
