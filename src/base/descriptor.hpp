#pragma once

#include <unistd.h>

#include <utility>

namespace inferometer::base {

/// Owns a file descriptor and closes it; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : m_descriptor(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  /// Closes it now; nothing where there is none.
  void close() {
    if (m_descriptor >= 0) {
      ::close(std::exchange(m_descriptor, -1));
    }
  }

  [[nodiscard]] int get() const { return m_descriptor; }
  [[nodiscard]] bool valid() const { return m_descriptor >= 0; }

 private:
  int m_descriptor;
};

/// Raises this process' soft limit of descriptors to the hard one: each open stream takes one, and
/// the usual soft limit of 1,024 is for programs that call select().
void raise_descriptor_limit();

/// Whether so few descriptors are left, one having just been given out, that they are to be kept
/// for what must not fail: the web server, the log, files of secrets.
[[nodiscard]] bool is_descriptor_reserved(int descriptor);

}  // namespace inferometer::base
