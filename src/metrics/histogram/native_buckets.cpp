#include "metrics/histogram/native_buckets.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace inferometer::metrics {
namespace {

constexpr int k_table_schema = 5;
constexpr std::size_t k_bounds = 1U << k_table_schema;

/// The lower bounds of the buckets of schema 5 within [0.5, 1). A coarser schema has every second
/// of them, every fourth, …
constexpr std::array k_fractions{0.5,
                                 0.5109485743270583,
                                 0.5221368912137069,
                                 0.5335702003384117,
                                 0.5452538663326288,
                                 0.5571933712979462,
                                 0.5693943173783458,
                                 0.5818624293887887,
                                 0.5946035575013605,
                                 0.6076236799902344,
                                 0.620928906036742,
                                 0.6345254785958666,
                                 0.6484197773255048,
                                 0.6626183215798706,
                                 0.6771277734684463,
                                 0.6919549409819159,
                                 0.7071067811865475,
                                 0.7225904034885232,
                                 0.7384130729697496,
                                 0.7545822137967112,
                                 0.7711054127039704,
                                 0.7879904225539431,
                                 0.805245165974627,
                                 0.8228777390769823,
                                 0.8408964152537144,
                                 0.8593096490612387,
                                 0.8781260801866495,
                                 0.8973545375015533,
                                 0.9170040432046711,
                                 0.9370838170551498,
                                 0.9576032806985735,
                                 0.9785720620876999,
                                 1.0};  // the end
static_assert(k_fractions.size() == k_bounds + 1);

/// [0.5, 1) in even steps, so short that none holds two bounds: how many bounds are below each
/// step.
constexpr std::size_t k_steps = 64;
constexpr auto k_bounds_below = [] {
  std::array<std::uint8_t, k_steps> below{};
  for (std::size_t step = 0; step < k_steps; ++step) {
    const double begin = 0.5 + static_cast<double>(step) / (2.0 * k_steps);
    while (k_fractions[below[step]] < begin) {
      ++below[step];
    }
  }
  return below;
}();

}  // namespace

std::int32_t native_index(double value, int schema) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // exact: value = fraction × 2^exponent
  const auto step = static_cast<std::size_t>((fraction - 0.5) * (2.0 * k_steps));
  const std::int32_t below = k_bounds_below[step];
  const std::int32_t place =
      below + (k_fractions[static_cast<std::size_t>(below)] < fraction ? 1 : 0);
  const std::int32_t fine_index = (exponent - 1) * static_cast<std::int32_t>(k_bounds) + place;
  // A coarser bucket ends where its last fine one does; the shift rounds towards −∞.
  const int shift = k_table_schema - schema;
  return (fine_index + (1 << shift) - 1) >> shift;
}

double native_upper_bound(std::int32_t index, int schema) {
  const std::int32_t fine_index = index * (1 << (k_table_schema - schema));
  const std::int32_t exponent = fine_index >> k_table_schema;
  const std::size_t place = static_cast<std::uint32_t>(fine_index) % k_bounds;
  return std::ldexp(k_fractions.at(place), exponent + 1);
}

}  // namespace inferometer::metrics
