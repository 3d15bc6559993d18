#pragma once

#include "sim/model/generation.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct z_stream_s;

namespace inferometer::sim {

/// Compresses a body piece by piece as gzip (RFC 1952). Not thread-safe.
class Gzip {
 public:
  /// Throws std::bad_alloc if there is no memory.
  Gzip();

  /// `bytes` compressed, such that all of it can be unpacked from the pieces until now.
  [[nodiscard]] std::string add(std::string_view bytes);

  /// The last piece.
  [[nodiscard]] std::string finish();

 private:
  [[nodiscard]] std::string deflate(std::string_view bytes, int flush);

  std::unique_ptr<z_stream_s, void (*)(z_stream_s*)> m_stream;
};

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
