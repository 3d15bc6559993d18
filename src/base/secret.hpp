#pragma once

#include <string>

namespace inferometer::base {

/// A credential. It has no conversion to text and no output operator, so it can reach a log, a page
/// or an error only through `reveal()`, which is for building the request that carries it.
/// The memory is wiped on destruction.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret();

  [[nodiscard]] const std::string& reveal() const { return m_value; }
  [[nodiscard]] bool empty() const { return m_value.empty(); }

 private:
  std::string m_value;
};

}  // namespace inferometer::base
