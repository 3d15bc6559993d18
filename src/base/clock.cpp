#include "base/clock.hpp"

namespace inferometer::base {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock k_clock;
  return k_clock;
}

}  // namespace inferometer::base
