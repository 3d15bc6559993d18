#include "exposition/protobuf.hpp"

#include "exposition/sample.hpp"

#include <protozero/pbf_builder.hpp>
#include <protozero/varint.hpp>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <variant>

namespace inferometer::exposition {
namespace {

using metrics::Bucket;
using metrics::Exemplar;
using metrics::Family;
using metrics::HistogramSample;
using metrics::Label;
using metrics::MetricType;
using metrics::Sample;
using metrics::SummarySample;
using protozero::pbf_builder;
using protozero::pbf_tag_type;

/// So few empty buckets cost less than another span would: as client_golang does.
constexpr std::int32_t k_longest_inline_gap = 2;

enum class FamilyField : pbf_tag_type { name = 1, help = 2, type = 3, metric = 4, unit = 5 };
enum class MetricField : pbf_tag_type {
  label = 1,
  gauge = 2,
  counter = 3,
  summary = 4,
  histogram = 7
};
enum class LabelField : pbf_tag_type { name = 1, value = 2 };
enum class GaugeField : pbf_tag_type { value = 1 };
enum class CounterField : pbf_tag_type { value = 1, created_timestamp = 3 };
enum class SummaryField : pbf_tag_type { sample_count = 1, sample_sum = 2 };
enum class HistogramField : pbf_tag_type {
  sample_count = 1,
  sample_sum = 2,
  bucket = 3,
  schema = 5,
  zero_threshold = 6,
  zero_count = 7,
  positive_span = 12,
  positive_delta = 13,
  created_timestamp = 15,
  exemplars = 16,
};
enum class BucketField : pbf_tag_type { cumulative_count = 1, upper_bound = 2, exemplar = 3 };
enum class SpanField : pbf_tag_type { offset = 1, length = 2 };
enum class ExemplarField : pbf_tag_type { label = 1, value = 2, timestamp = 3 };
enum class TimestampField : pbf_tag_type { seconds = 1, nanos = 2 };

std::int32_t type_number(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return 0;
    case MetricType::gauge:
      return 1;
    case MetricType::summary:
      return 2;
    case MetricType::histogram:
      return 4;
  }
  return 3;  // untyped
}

template <typename Parent>
void add_label(pbf_builder<Parent>& parent, Parent field, std::string_view name,
               std::string_view value) {
  pbf_builder<LabelField> label(parent, field);
  label.add_string(LabelField::name, name.data(), name.size());
  label.add_string(LabelField::value, value.data(), value.size());
}

/// To the millisecond, as in OpenMetrics.
template <typename Parent>
void add_time(pbf_builder<Parent>& parent, Parent field, double unix_seconds) {
  const double seconds = std::floor(unix_seconds);
  const auto ms = static_cast<std::int32_t>(std::lround((unix_seconds - seconds) * 1000));
  pbf_builder<TimestampField> timestamp(parent, field);
  timestamp.add_int64(TimestampField::seconds, static_cast<std::int64_t>(seconds) + ms / 1000);
  timestamp.add_int32(TimestampField::nanos, ms % 1000 * 1'000'000);
}

template <typename Parent>
void add_exemplar(pbf_builder<Parent>& parent, Parent field, const Exemplar& exemplar) {
  const ExemplarId id = exemplar_id(exemplar.measurement);
  pbf_builder<ExemplarField> message(parent, field);
  add_label(message, ExemplarField::label, k_exemplar_label, {id.data(), id.size()});
  message.add_double(ExemplarField::value, exemplar.value);
  add_time(message, ExemplarField::timestamp, exemplar.unix_seconds);
}

/// Without the bucket to +Inf, which readers add; unless there is an exemplar in it.
void add_classic(pbf_builder<HistogramField>& histogram, const HistogramSample& sample) {
  ExemplarCursor cursor(sample.exemplars);
  for (const Bucket& bucket : sample.buckets) {
    const Exemplar* const exemplar = cursor.take(bucket.upper_bound);
    if (std::isinf(bucket.upper_bound) && exemplar == nullptr) {
      continue;
    }
    pbf_builder<BucketField> message(histogram, HistogramField::bucket);
    message.add_uint64(BucketField::cumulative_count, bucket.cumulative_count);
    message.add_double(BucketField::upper_bound, bucket.upper_bound);
    if (exemplar != nullptr) {
      add_exemplar(message, BucketField::exemplar, *exemplar);
    }
  }
}

void add_native(pbf_builder<HistogramField>& histogram, const metrics::NativeBuckets& buckets) {
  histogram.add_sint32(HistogramField::schema, buckets.schema);
  histogram.add_double(HistogramField::zero_threshold, buckets.zero_threshold);
  histogram.add_uint64(HistogramField::zero_count, buckets.zero_count);
  const NativeSpans native = native_spans(buckets.counts);
  for (const NativeSpans::Span& span : native.spans) {
    pbf_builder<SpanField> message(histogram, HistogramField::positive_span);
    message.add_sint32(SpanField::offset, span.offset);
    message.add_uint32(SpanField::length, span.length);
  }
  histogram.add_packed_sint64(HistogramField::positive_delta, native.deltas.begin(),
                              native.deltas.end());
}

void add_histogram(pbf_builder<MetricField>& metric, const HistogramSample& sample,
                   std::optional<double> created) {
  pbf_builder<HistogramField> histogram(metric, MetricField::histogram);
  histogram.add_uint64(HistogramField::sample_count, sample.count);
  histogram.add_double(HistogramField::sample_sum, sample.sum);
  const bool native_only = sample.native && sample.buckets.size() <= 1;
  if (!native_only) {
    add_classic(histogram, sample);
  }
  if (sample.native) {
    add_native(histogram, *sample.native);
  }
  if (created) {
    add_time(histogram, HistogramField::created_timestamp, *created);
  }
  if (native_only) {
    for (const Exemplar& exemplar : sample.exemplars) {
      add_exemplar(histogram, HistogramField::exemplars, exemplar);
    }
  }
}

void add_sample(pbf_builder<FamilyField>& family, MetricType type, const Sample& sample) {
  pbf_builder<MetricField> metric(family, FamilyField::metric);
  for_each_label(sample, [&metric](const Label& label) {
    add_label(metric, MetricField::label, label.name, label.value);
  });
  if (const auto* const histogram = std::get_if<HistogramSample>(&sample.value)) {
    add_histogram(metric, *histogram, sample.created);
    return;
  }
  if (const auto* const summary = std::get_if<SummarySample>(&sample.value)) {
    pbf_builder<SummaryField> message(metric, MetricField::summary);
    message.add_uint64(SummaryField::sample_count, summary->count);
    message.add_double(SummaryField::sample_sum, summary->sum);
    return;
  }
  const double value = std::get<double>(sample.value);
  if (type == MetricType::gauge) {
    pbf_builder<GaugeField> gauge(metric, MetricField::gauge);
    gauge.add_double(GaugeField::value, value);
    return;
  }
  pbf_builder<CounterField> counter(metric, MetricField::counter);
  counter.add_double(CounterField::value, value);
  if (sample.created) {
    add_time(counter, CounterField::created_timestamp, *sample.created);
  }
}

void write_family(std::string& out, const Family& family) {
  const metrics::Metric& metric = *family.metric;
  pbf_builder<FamilyField> message(out);
  message.add_string(FamilyField::name, metric.name.data(), metric.name.size());
  message.add_string(FamilyField::help, metric.help.data(), metric.help.size());
  message.add_enum(FamilyField::type, type_number(metric.type));
  for (const Sample& sample : family.samples) {
    add_sample(message, metric.type, sample);
  }
  if (const std::string_view unit = unit_of(metric); !unit.empty()) {
    message.add_string(FamilyField::unit, unit.data(), unit.size());
  }
}

}  // namespace

NativeSpans native_spans(std::span<const metrics::NativeBuckets::Count> counts) {
  if (counts.empty()) {
    return {.spans = {{}}, .deltas = {}};
  }
  NativeSpans native{.spans = {{.offset = counts.front().index}}, .deltas = {}};
  std::int32_t next_index = counts.front().index;
  std::uint64_t last_count = 0;
  const auto add = [&](std::uint64_t count) {
    native.deltas.push_back(static_cast<std::int64_t>(count - last_count));
    ++native.spans.back().length;
    ++next_index;
    last_count = count;
  };
  for (const auto& [index, count] : counts) {
    if (const std::int32_t gap = index - next_index; gap > k_longest_inline_gap) {
      native.spans.push_back({.offset = gap});
      next_index = index;
    }
    while (next_index < index) {
      add(0);
    }
    add(count);
  }
  return native;
}

std::string write_protobuf(const metrics::Families& families) {
  std::string out;
  std::string message;
  for (const Family& family : families) {
    if (!family.samples.empty()) {
      message.clear();
      write_family(message, family);
      protozero::write_varint(std::back_inserter(out), message.size());
      out += message;
    }
  }
  return out;
}

}  // namespace inferometer::exposition
