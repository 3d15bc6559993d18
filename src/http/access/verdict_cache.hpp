#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace inferometer::http {

/// Which credentials were found good or wrong lately, by a digest of them. Good and wrong ones are
/// kept apart, so that no number of wrong ones makes it forget a good one. Bounded; not
/// thread-safe.
class VerdictCache {
 public:
  static constexpr std::size_t k_most_of_each = 128;

  /// No value: it is not known, or not any more.
  [[nodiscard]] std::optional<bool> find(const std::string& digest);
  void set(const std::string& digest, bool good);

 private:
  using Uses = std::map<std::string, std::uint64_t>;  ///< digest to its last use

  Uses m_good;
  Uses m_wrong;
  std::uint64_t m_now = 0;  ///< counts uses
};

}  // namespace inferometer::http
