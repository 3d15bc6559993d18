#include "exposition/text.hpp"

#include "exposition/escape.hpp"
#include "exposition/names.hpp"
#include "exposition/sample_lines.hpp"

namespace inferometer::exposition {

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

}  // namespace inferometer::exposition
