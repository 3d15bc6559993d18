#pragma once

#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace inferometer::sim {

/// Compresses a body piece by piece as gzip (RFC 1952). Not thread-safe.
class Gzip {
 public:
  /// Throws std::bad_alloc if there is no memory.
  Gzip();

  /// `bytes` compressed, such that who has all pieces until now can read all of it.
  [[nodiscard]] std::string add(std::string_view bytes);

  /// The last piece.
  [[nodiscard]] std::string finish();

 private:
  [[nodiscard]] std::string deflate(std::string_view bytes, int flush);

  std::unique_ptr<z_stream_s, void (*)(z_stream_s*)> m_stream;
};

}  // namespace inferometer::sim
