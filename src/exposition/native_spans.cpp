#include "exposition/native_spans.hpp"

namespace inferometer::exposition {
namespace {

/// So few empty buckets cost less than another span would: as client_golang does.
constexpr std::int32_t k_longest_inline_gap = 2;

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

}  // namespace inferometer::exposition
