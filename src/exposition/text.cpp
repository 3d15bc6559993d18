#include "exposition/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace inferometer::exposition {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Summary:
      return "summary";
    case MetricType::Untyped:
      return "untyped";
    case MetricType::Histogram:
      return "histogram";
  }
  return "untyped";
}

void append(std::string& out, std::uint64_t value) {
  std::array<char, 20> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value).ptr;
  out.append(buffer.begin(), end);
}

void append(std::string& out, std::int64_t value) {
  std::array<char, 20> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value).ptr;
  out.append(buffer.begin(), end);
}

/// The fewest digits that read back exactly; plain decimals where people expect them, as to_chars
/// alone would write 1e-04 and 1e+05.
void append(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  const double magnitude = std::abs(value);
  const bool plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e15);
  std::array<char, 32> buffer{};
  const auto end =
      plain ? std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::fixed)
            : std::to_chars(buffer.begin(), buffer.end(), value);
  out.append(buffer.begin(), end.ptr);
}

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quoted) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

/// `provider="openai",model="gpt-4o"`, without braces.
std::string rendered_labels(const ClientMetric& metric) {
  std::string labels;
  for (const ClientMetric::Label& label : metric.label) {
    labels += labels.empty() ? "" : ",";
    labels += label.name;
    labels += "=\"";
    append_escaped(labels, label.value, true);
    labels += '"';
  }
  return labels;
}

/// Writes the samples of one ClientMetric; all but their names, values and last labels is the same.
class SampleWriter {
 public:
  SampleWriter(std::string& out, const MetricFamily& family, const ClientMetric& metric)
      : m_out(out),
        m_name(family.name),
        m_labels(rendered_labels(metric)),
        m_timestamp_ms(metric.timestamp_ms) {}

  template <typename Value>
  void write(std::string_view suffix, Value value) {
    m_out.append(m_name).append(suffix);
    if (!m_labels.empty()) {
      m_out.append("{").append(m_labels).append("}");
    }
    finish(value);
  }

  template <typename Value>
  void write(std::string_view suffix, std::string_view label, double bound, Value value) {
    m_out.append(m_name).append(suffix).append("{").append(m_labels);
    m_out.append(m_labels.empty() ? "" : ",").append(label).append("=\"");
    append(m_out, bound);
    m_out.append("\"}");
    finish(value);
  }

 private:
  template <typename Value>
  void finish(Value value) {
    m_out += ' ';
    append(m_out, value);
    if (m_timestamp_ms != 0) {
      m_out += ' ';
      append(m_out, m_timestamp_ms);
    }
    m_out += '\n';
  }

  std::string& m_out;
  std::string_view m_name;
  std::string m_labels;
  std::int64_t m_timestamp_ms;
};

void write_histogram(SampleWriter& writer, const ClientMetric::Histogram& histogram) {
  constexpr double k_infinity = std::numeric_limits<double>::infinity();
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    writer.write("_bucket", "le", bucket.upper_bound, bucket.cumulative_count);
  }
  if (histogram.bucket.empty() || histogram.bucket.back().upper_bound != k_infinity) {
    writer.write("_bucket", "le", k_infinity, histogram.sample_count);
  }
  writer.write("_sum", histogram.sample_sum);
  writer.write("_count", histogram.sample_count);
}

void write_summary(SampleWriter& writer, const ClientMetric::Summary& summary) {
  for (const ClientMetric::Quantile& quantile : summary.quantile) {
    writer.write("", "quantile", quantile.quantile, quantile.value);
  }
  writer.write("_sum", summary.sample_sum);
  writer.write("_count", summary.sample_count);
}

void write_metric(std::string& out, const MetricFamily& family, const ClientMetric& metric) {
  SampleWriter writer(out, family, metric);
  switch (family.type) {
    case MetricType::Counter:
      writer.write("", metric.counter.value);
      return;
    case MetricType::Gauge:
      writer.write("", metric.gauge.value);
      return;
    case MetricType::Summary:
      write_summary(writer, metric.summary);
      return;
    case MetricType::Untyped:
      writer.write("", metric.untyped.value);
      return;
    case MetricType::Histogram:
      write_histogram(writer, metric.histogram);
      return;
  }
}

}  // namespace

std::string write_text(const std::vector<MetricFamily>& families) {
  std::string out;
  for (const MetricFamily& family : families) {
    if (family.metric.empty()) {
      continue;
    }
    if (!family.help.empty()) {
      out.append("# HELP ").append(family.name).append(" ");
      append_escaped(out, family.help, false);
      out += '\n';
    }
    out.append("# TYPE ").append(family.name).append(" ");
    out.append(type_name(family.type)).append("\n");
    for (const ClientMetric& metric : family.metric) {
      write_metric(out, family, metric);
    }
  }
  return out;
}

}  // namespace inferometer::exposition
