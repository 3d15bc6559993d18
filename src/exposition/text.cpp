#include "exposition/text.hpp"

#include "exposition/sample.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace inferometer::exposition {
namespace {

/// Plain decimals from `plain_from` to below `plain_to`, and an exponent outside.
void append_double(std::string& out, double value, double plain_from, double plain_to) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  const double magnitude = std::abs(value);
  const bool plain = magnitude == 0 || (magnitude >= plain_from && magnitude < plain_to);
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  out.append(buffer.begin(), end.ptr);
}

using metrics::Bucket;
using metrics::Exemplar;
using metrics::Family;
using metrics::HistogramSample;
using metrics::Label;
using metrics::Sample;
using metrics::SummarySample;

enum class Exemplars { left_out, written };

enum class Quotes { kept, escaped };

/// Appends `text` with its backslashes and newlines escaped, and its double quotes where asked.
void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  const std::string_view special = quotes == Quotes::escaped ? "\\\n\"" : "\\\n";
  while (!text.empty()) {
    const std::string_view plain = text.substr(0, text.find_first_of(special));
    out += plain;
    text.remove_prefix(plain.size());
    if (!text.empty()) {
      out += '\\';
      out += text.front() == '\n' ? 'n' : text.front();
      text.remove_prefix(1);
    }
  }
}

/// The ends `le="0.1"} ` of a histogram's bucket lines up to the count, kept for the next
/// histogram: most of a family have the same bounds.
class LineEnds {
 public:
  const std::vector<std::string>& of(const std::vector<Bucket>& buckets) {
    if (!std::ranges::equal(m_bounds, buckets, {}, {}, &Bucket::upper_bound)) {
      m_bounds.clear();
      m_ends.clear();
      for (const Bucket& bucket : buckets) {
        add(bucket.upper_bound);
      }
    }
    return m_ends;
  }

 private:
  void add(double bound) {
    std::string end = "le=\"";
    append_bound(end, bound);
    end += "\"} ";
    m_bounds.push_back(bound);
    m_ends.push_back(std::move(end));
  }

  std::vector<double> m_bounds;
  std::vector<std::string> m_ends;
};

/// `provider="openai",model="gpt-4o"`, without braces.
std::string rendered_labels(const Sample& sample) {
  std::string text;
  for_each_label(sample, [&text](const Label& label) {
    text += text.empty() ? "" : ",";
    text += label.name;
    text += "=\"";
    append_escaped(text, label.value, Quotes::escaped);
    text += '"';
  });
  return text;
}

void append_exemplar(std::string& out, const Exemplar& exemplar) {
  const ExemplarId id = exemplar_id(exemplar.measurement);
  out.append(" # {").append(k_exemplar_label).append("=\"").append(id.data(), id.size());
  out += "\"} ";
  append_value(out, exemplar.value);
  out += ' ';
  append_time(out, exemplar.unix_seconds);
}

/// `name_sum{labels} `, up to the value.
void append_start(std::string& out, std::string_view name, std::string_view suffix,
                  std::string_view labels) {
  out.append(name).append(suffix);
  if (!labels.empty()) {
    out.append("{").append(labels).append("}");
  }
  out += ' ';
}

void append_buckets(std::string& out, const std::string& start, const HistogramSample& histogram,
                    std::span<const std::string> ends, Exemplars exemplars) {
  ExemplarCursor cursor(histogram.exemplars);
  for (std::size_t i = 0; i < histogram.buckets.size(); ++i) {
    const Bucket& bucket = histogram.buckets[i];
    out.append(start).append(ends[i]);
    append_count(out, bucket.cumulative_count);
    const Exemplar* const exemplar =
        exemplars == Exemplars::written ? cursor.take(bucket.upper_bound) : nullptr;
    if (exemplar != nullptr) {
      append_exemplar(out, *exemplar);
    }
    out += '\n';
  }
}

void append_sum_and_count(std::string& out, std::string_view name, std::string_view labels,
                          double sum, std::uint64_t count) {
  append_start(out, name, "_sum", labels);
  append_value(out, sum);
  out += '\n';
  append_start(out, name, "_count", labels);
  append_count(out, count);
  out += '\n';
}

std::size_t estimated_size(const Family& family, const Sample& sample, Exemplars exemplars) {
  constexpr std::size_t k_rest_of_line = 32;  // `_bucket{`, `le="0.0015"} ` and a count
  constexpr std::size_t k_exemplar = 72;
  std::size_t line = family.metric->name.size() + k_rest_of_line;
  for_each_label(sample, [&line](const Label& label) {
    line += label.name.size() + label.value.size() + std::string_view(R"(="",)").size();
  });
  const auto* const histogram = std::get_if<HistogramSample>(&sample.value);
  if (histogram == nullptr) {
    return std::holds_alternative<SummarySample>(sample.value) ? 2 * line : line;
  }
  const std::size_t examples = exemplars == Exemplars::written ? histogram->exemplars.size() : 0;
  return line * (histogram->buckets.size() + 2) + k_exemplar * examples;
}

/// Roughly how many bytes the lines of all these samples take: to grow a long page step by step
/// takes longer than to write it.
std::size_t estimated_size(const metrics::Families& families, Exemplars exemplars) {
  std::size_t size = 0;
  for (const Family& family : families) {
    for (const Sample& sample : family.samples) {
      size += estimated_size(family, sample, exemplars);
    }
  }
  return size;
}

/// The lines of a family's samples, which are the same in both formats but for the exemplars.
void append_samples(std::string& out, const Family& family, Exemplars exemplars) {
  const std::string_view name = family.metric->name;
  LineEnds line_ends;
  std::string bucket_start;
  for (const Sample& sample : family.samples) {
    const std::string labels = rendered_labels(sample);
    if (const auto* const summary = std::get_if<SummarySample>(&sample.value)) {
      append_sum_and_count(out, name, labels, summary->sum, summary->count);
      continue;
    }
    const auto* const histogram = std::get_if<HistogramSample>(&sample.value);
    if (histogram == nullptr) {
      append_start(out, name, "", labels);
      append_value(out, std::get<double>(sample.value));
      out += '\n';
      continue;
    }
    bucket_start.assign(name).append("_bucket{").append(labels).append(labels.empty() ? "" : ",");
    append_buckets(out, bucket_start, *histogram, line_ends.of(histogram->buckets), exemplars);
    append_sum_and_count(out, name, labels, histogram->sum, histogram->count);
  }
}

void append_metadata(std::string& out, const metrics::Metric& metric) {
  const std::string_view name = openmetrics_name(metric);
  out.append("# TYPE ").append(name).append(" ").append(type_name(metric.type)).append("\n");
  if (const std::string_view unit = unit_of(metric); !unit.empty()) {
    out.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
  }
  out.append("# HELP ").append(name).append(" ");
  append_escaped(out, metric.help, Quotes::escaped);
  out += '\n';
}

}  // namespace

void append_count(std::string& out, std::uint64_t count) {
  std::array<char, 20> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), count).ptr;
  out.append(buffer.begin(), end);
}

void append_value(std::string& out, double value) {
  append_double(out, value, 1e-6, 1e15);
}

void append_bound(std::string& out, double bound) {
  const std::size_t before = out.size();
  append_double(out, bound, 1e-4, 1e6);  // where Go's %v puts the exponents
  if (std::isfinite(bound) && out.find_first_of(".e", before) == std::string::npos) {
    out += ".0";
  }
}

void append_time(std::string& out, double unix_seconds) {
  std::array<char, 512> buffer{};  // any double
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), unix_seconds, std::chars_format::fixed, 3);
  out.append(buffer.begin(), end.ptr);
}

std::string write_text(const metrics::Families& families) {
  std::string out;
  out.reserve(estimated_size(families, Exemplars::left_out));
  for (const metrics::Family& family : families) {
    if (family.samples.empty()) {
      continue;
    }
    const metrics::Metric& metric = *family.metric;
    out.append("# HELP ").append(metric.name).append(" ");
    append_escaped(out, metric.help, Quotes::kept);
    out.append("\n# TYPE ").append(metric.name).append(" ").append(type_name(metric.type));
    out += '\n';
    append_samples(out, family, Exemplars::left_out);
  }
  return out;
}

std::string write_openmetrics(const metrics::Families& families) {
  std::string out;
  out.reserve(estimated_size(families, Exemplars::written));
  for (const metrics::Family& family : families) {
    if (!family.samples.empty()) {
      append_metadata(out, *family.metric);
      append_samples(out, family, Exemplars::written);
    }
  }
  out += "# EOF\n";
  return out;
}

}  // namespace inferometer::exposition
