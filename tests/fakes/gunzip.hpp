#pragma once

#include <zlib.h>

#include <array>
#include <stdexcept>
#include <string>

namespace inferometer::fakes {

struct Unzipped {
  std::string bytes;
  bool whole = false;  ///< the end of the body was there
};

/// What a gzip body holds, as far as it has come; throws if it is none.
inline Unzipped gunzip(std::string body) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) {
    throw std::runtime_error("inflateInit2");
  }
  stream.next_in = reinterpret_cast<Bytef*>(body.data());
  stream.avail_in = static_cast<uInt>(body.size());
  Unzipped result;
  int status = Z_OK;
  while (status == Z_OK) {
    std::array<char, 4096> piece{};
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_SYNC_FLUSH);
    result.bytes.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END && status != Z_BUF_ERROR) {
    throw std::runtime_error("inflate");
  }
  result.whole = status == Z_STREAM_END;
  return result;
}

}  // namespace inferometer::fakes
