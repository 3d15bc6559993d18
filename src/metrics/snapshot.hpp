#pragma once

#include "metrics/catalogue.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// What a scrape sees: every metric at one moment, as plain values that exposition writes in each
/// of its formats.
namespace inferometer::metrics {

struct Label {
  std::string_view name;  ///< of static storage, as the catalogue's are, or the labels' holder's
  std::string value;      ///< UTF-8

  bool operator==(const Label&) const = default;
};
using Labels = std::vector<Label>;

/// `labels`, and then what the configuration adds, whose names live as long as the result.
[[nodiscard]] std::shared_ptr<const Labels> make_labels(
    Labels labels, const std::map<std::string, std::string>& added);

/// One observation that stands for its bucket, and the measurement that it came from.
struct Exemplar {
  std::uint64_t measurement = 0;  ///< the id, in hexadecimal digits to people
  double value = 0;
  double unix_seconds = 0;

  bool operator==(const Exemplar&) const = default;
};

struct Bucket {
  double upper_bound = 0;  ///< inclusive, as Prometheus' `le`
  std::uint64_t cumulative_count = 0;

  bool operator==(const Bucket&) const = default;
};

/// Prometheus' native buckets: the one of index i holds (2^((i−1)/2^schema), 2^(i/2^schema)].
struct NativeBuckets {
  struct Count {
    std::int32_t index = 0;
    std::uint64_t count = 0;

    bool operator==(const Count&) const = default;
  };

  std::int32_t schema = 0;
  double zero_threshold = 0;
  std::uint64_t zero_count = 0;  ///< values up to the threshold
  std::vector<Count> counts;     ///< ascending by index; none is 0

  bool operator==(const NativeBuckets&) const = default;
};

/// A histogram at one moment: `count` is the sum of the buckets in either form. Either all of a
/// family have native buckets or none: Prometheus 2.42 takes the first for all.
struct HistogramSample {
  std::uint64_t count = 0;
  double sum = 0;
  std::vector<Bucket> buckets;          ///< ascending, the last of them +Inf
  std::optional<NativeBuckets> native;  ///< none: the histogram is exposed in classic form only
  std::vector<Exemplar> exemplars;      ///< ascending by value, at most one for a bucket

  bool operator==(const HistogramSample&) const = default;
};

/// How often something was observed, and the sum of it: a summary of Prometheus' without quantiles.
struct SummarySample {
  std::uint64_t count = 0;
  double sum = 0;

  bool operator==(const SummarySample&) const = default;
};

/// One child of a family.
struct Sample {
  std::shared_ptr<const Labels> labels;  ///< that it shares with others; null: none
  std::optional<Label> last_label;       ///< one more, of its own
  std::variant<double, HistogramSample, SummarySample> value;
  std::optional<double> created;  ///< Unix time when it began at 0; counters and histograms
};

struct Family {
  const Metric* metric = nullptr;  ///< of static storage, never null
  std::vector<Sample> samples;
};
using Families = std::vector<Family>;

/// Which families a scrape asks for, and in which form.
struct Selection {
  std::vector<std::string> names;  ///< of families or of their samples; empty: all
  bool classic = true;             ///< buckets other than +Inf
  bool native = true;

  [[nodiscard]] bool includes(const Metric& metric) const;
};

/// The families of those rows that `selection` asks for, in the order of the rows; one without any
/// sample is left out. A row has a `metric`, and `append(row, samples)` adds what it shows.
template <typename Rows, typename Append>
[[nodiscard]] Families collect_rows(const Rows& rows, const Selection& selection,
                                    const Append& append) {
  Families families;
  for (const auto& row : rows) {
    if (!selection.includes(row.metric)) {
      continue;
    }
    Family family{.metric = &row.metric, .samples = {}};
    append(row, family.samples);
    if (!family.samples.empty()) {
      families.push_back(std::move(family));
    }
  }
  return families;
}

}  // namespace inferometer::metrics
