#pragma once

#include "sim/http/gzip.hpp"
#include "sim/model/generation.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::sim {

/// Frames what a generation renders as one HTTP response whose body comes in chunks. Not
/// thread-safe.
class ChunkedBody {
 public:
  /// Takes bytes that are to go out in one write.
  using Send = std::function<void(std::string_view)>;

  /// `head` goes out with the first bytes.
  ChunkedBody(std::string head, const Generation& generation);

  [[nodiscard]] bool begun() const { return m_head.empty(); }

  /// Sends `bytes`, before which comes what has not been sent yet and after which comes what
  /// follows from `next`. `scratch` is overwritten, and kept by the caller for its memory.
  void write(std::string_view bytes, Generation::Next next, std::string& scratch, const Send& send);

 private:
  std::string m_head;
  bool m_bytewise;
  std::optional<Gzip> m_gzip;
};

}  // namespace inferometer::sim
