#pragma once

#include "metrics/snapshot.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inferometer::exposition {

/// io.prometheus.client.MetricFamily messages, each after its length: classic and native
/// histograms, exemplars, and since when a counter counts. Source: client_model's metrics.proto.
[[nodiscard]] std::string write_protobuf(const metrics::Families& families);

/// Native buckets as protobuf has them: runs of neighbours, and each count as the difference from
/// the one before it. Source: client_model's metrics.proto, Histogram.positive_span.
struct NativeSpans {
  struct Span {
    std::int32_t offset = 0;  ///< of the first span its index; then the empty buckets before it
    std::uint32_t length = 0;

    bool operator==(const Span&) const = default;
  };

  std::vector<Span> spans;  ///< never empty: it tells a native histogram from a classic one
  std::vector<std::int64_t> deltas;  ///< one for each bucket of the spans; of the first its count
};

/// REQUIRES: the indices ascend strictly.
[[nodiscard]] NativeSpans native_spans(std::span<const metrics::NativeBuckets::Count> counts);

}  // namespace inferometer::exposition
