#pragma once

#include "base/descriptor.hpp"

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <span>
#include <type_traits>

namespace inferometer::precision {

/// A process of our own on one CPU, which hands one result back; killed with this object.
class Child {
 public:
  /// Runs `work` in it with the descriptor to write its result to; the process ends after it.
  /// REQUIRES: this process has no threads. Throws std::runtime_error if the system refuses.
  Child(int cpu, const std::function<void(int result)>& work);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// Waits for its result; throws std::runtime_error if it ended without one.
  template <typename Result>
  [[nodiscard]] Result wait() {
    static_assert(std::is_trivially_copyable_v<Result>);
    Result result;
    read_all(std::as_writable_bytes(std::span(&result, 1)));
    return result;
  }
  /// Whether `wait` would not wait.
  [[nodiscard]] bool is_done() const;

  [[nodiscard]] pid_t process() const { return m_process; }

 private:
  void read_all(std::span<std::byte> bytes) const;

  pid_t m_process = 0;
  base::Descriptor m_result;
};

/// The child's side of Child::wait.
void write_all(int descriptor, std::span<const std::byte> bytes);

template <typename Result>
void hand_back(int descriptor, const Result& result) {
  static_assert(std::is_trivially_copyable_v<Result>);
  write_all(descriptor, std::as_bytes(std::span(&result, 1)));
}

}  // namespace inferometer::precision
