#include "exposition/exemplars.hpp"

namespace inferometer::exposition {

ExemplarId exemplar_id(std::uint64_t measurement) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  ExemplarId id{};
  for (auto digit = id.rbegin(); digit != id.rend(); ++digit) {
    *digit = k_digits[measurement % 16];
    measurement /= 16;
  }
  return id;
}

const metrics::Exemplar* ExemplarCursor::take(double upper_bound) {
  const metrics::Exemplar* latest = nullptr;
  while (!m_rest.empty() && m_rest.front().value <= upper_bound) {
    const metrics::Exemplar& exemplar = m_rest.front();
    if (latest == nullptr || exemplar.unix_seconds > latest->unix_seconds) {
      latest = &exemplar;
    }
    m_rest = m_rest.subspan(1);
  }
  return latest;
}

}  // namespace inferometer::exposition
