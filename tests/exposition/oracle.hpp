#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Other people's programs that judge what we write.
namespace inferometer::exposition {

/// What a program writes, to stderr as well, when it is given `input`. Throws std::runtime_error,
/// with its output, if it fails.
[[nodiscard]] std::string run_on(const std::vector<std::string>& argv, std::string_view input);

/// One sample as an independent reader understood it.
struct ReadSample {
  std::string series;  ///< `name{a="x",le="1.0"}`, with the labels in alphabetical order
  double value = 0;
  std::string exemplar;  ///< `{measurement_id="00000000000000ab"} 0.5 1700000000.5`, or empty

  bool operator==(const ReadSample&) const = default;
};

/// The samples of a page in text 0.0.4 or OpenMetrics, as Prometheus' Python client reads them, in
/// the order of the page. Throws as run_on does if it refuses the page.
[[nodiscard]] std::vector<ReadSample> read_text(std::string_view page);
[[nodiscard]] std::vector<ReadSample> read_openmetrics(std::string_view page);

/// Delimited protobuf as protoc decodes it by metrics.proto: one message `Page`, in protobuf's text
/// form. Throws as run_on does, or if the lengths do not add up.
[[nodiscard]] std::string decode_protobuf(std::string_view page);

/// The samples that the classic part of such a page stands for, bucket to +Inf included; without
/// exemplars.
[[nodiscard]] std::vector<ReadSample> read_protobuf(std::string_view page);

}  // namespace inferometer::exposition
