#include "exposition/openmetrics.hpp"

#include "exposition/escape.hpp"
#include "exposition/names.hpp"
#include "exposition/sample_lines.hpp"

namespace inferometer::exposition {
namespace {

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
