#pragma once

#include "metrics/family.hpp"

#include <cstddef>
#include <string>

namespace inferometer::exposition {

enum class Exemplars { left_out, written };

/// Roughly how many bytes the lines of all these samples take: to grow a long page step by step
/// takes longer than to write it.
[[nodiscard]] std::size_t estimated_size(const metrics::Families& families, Exemplars exemplars);

/// Appends the lines of a family's samples, which are the same in both text formats but for the
/// exemplars.
void append_samples(std::string& out, const metrics::Family& family, Exemplars exemplars);

}  // namespace inferometer::exposition
