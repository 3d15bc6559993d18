#include "sim/http/chunked_body.hpp"

#include "sim/http/message.hpp"

#include <zlib.h>

#include <array>
#include <new>
#include <utility>

namespace inferometer::sim {
namespace {

/// zlib's own code for gzip's header and the largest window.
constexpr int k_gzip_window = 15 + 16;
constexpr int k_memory_level = 8;  ///< zlib's default

void destroy(z_stream* stream) {
  deflateEnd(stream);
  delete stream;
}

/// A chunk whose size line says 256 bytes and which has 7.
constexpr std::string_view k_cut_chunk = "100\r\ndata: {";

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

ChunkedBody::ChunkedBody(std::string head, const Generation& generation)
    : m_head(std::move(head)), m_bytewise(generation.writes().bytewise) {
  if (generation.compressed()) {
    m_gzip.emplace();
  }
}

void ChunkedBody::write(std::string_view bytes, Generation::Next next, std::string& scratch,
                        const Send& send) {
  using Next = Generation::Next;
  std::string compressed;
  if (m_gzip) {
    compressed = bytes.empty() ? "" : m_gzip->add(bytes);
    if (next == Next::end) {
      compressed.append(m_gzip->finish());
    }
    bytes = compressed;
  }
  scratch.assign(std::exchange(m_head, {}));
  if (m_bytewise && next != Next::now) {
    for (const char& byte : bytes) {
      http::append_chunk(scratch, {&byte, 1});
      send(scratch);
      scratch.clear();
    }
  } else if (!bytes.empty()) {
    http::append_chunk(scratch, bytes);
  }
  if (next == Next::end) {
    scratch.append(http::k_last_chunk);
  } else if (next == Next::cut) {
    scratch.append(k_cut_chunk);
  }
  send(scratch);
}

}  // namespace inferometer::sim
