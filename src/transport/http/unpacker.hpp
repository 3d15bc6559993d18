#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace inferometer::transport::http {

/// Undoes one coding of RFC 9110 §8.4.1, RFC 7932 (br) or RFC 8878 (zstd), into memory of the
/// caller's. Needs at most about 9 MiB, whatever is packed, and that only for data that fill such a
/// window. Not thread-safe.
class Unpacker {
 public:
  Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  virtual ~Unpacker() = default;

  /// Takes bytes off `packed` and returns how many it has written to `out`. Unless `out` is full,
  /// all that can be unpacked of what was taken has been. An error says what is wrong with the
  /// data; nothing may be asked after it. Call it again until `packed` is empty and `out` is not
  /// full.
  [[nodiscard]] virtual base::Result<std::size_t> unpack(std::string_view& packed,
                                                         std::span<char> out) = 0;
  /// Whether the data may end here.
  [[nodiscard]] virtual bool ended() const = 0;
};

/// gzip (RFC 1952), also of several members. None of the four gives null but without memory.
[[nodiscard]] std::unique_ptr<Unpacker> make_gzip_unpacker();
/// deflate as it is meant, in zlib's format (RFC 1950), and as some servers send it, without that.
[[nodiscard]] std::unique_ptr<Unpacker> make_deflate_unpacker();
[[nodiscard]] std::unique_ptr<Unpacker> make_brotli_unpacker();
/// zstd, also of several frames.
[[nodiscard]] std::unique_ptr<Unpacker> make_zstd_unpacker();

}  // namespace inferometer::transport::http
