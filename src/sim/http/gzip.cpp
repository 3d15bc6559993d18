#include "sim/http/gzip.hpp"

#include <zlib.h>

#include <array>
#include <new>

namespace inferometer::sim {
namespace {

/// zlib's own code for gzip's header and the largest window.
constexpr int k_gzip_window = 15 + 16;
constexpr int k_memory_level = 8;  ///< zlib's default

void destroy(z_stream* stream) {
  deflateEnd(stream);
  delete stream;
}

}  // namespace

Gzip::Gzip() : m_stream(new z_stream(), destroy) {
  if (deflateInit2(m_stream.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, k_gzip_window, k_memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

std::string Gzip::add(std::string_view bytes) {
  return deflate(bytes, Z_SYNC_FLUSH);
}

std::string Gzip::finish() {
  return deflate({}, Z_FINISH);
}

std::string Gzip::deflate(std::string_view bytes, int flush) {
  std::string out;
  std::array<char, 4096> piece{};
  std::string input(bytes);  // zlib's interface is not const.
  m_stream->next_in = reinterpret_cast<Bytef*>(input.data());
  m_stream->avail_in = static_cast<uInt>(input.size());
  do {
    m_stream->next_out = reinterpret_cast<Bytef*>(piece.data());
    m_stream->avail_out = static_cast<uInt>(piece.size());
    ::deflate(m_stream.get(), flush);
    out.append(piece.data(), piece.size() - m_stream->avail_out);
  } while (m_stream->avail_out == 0);
  m_stream->next_in = nullptr;
  return out;
}

}  // namespace inferometer::sim
