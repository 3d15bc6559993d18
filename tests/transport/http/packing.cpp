#include "transport/http/packing.hpp"

#define ZLIB_CONST
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numeric>

namespace inferometer::transport::http {
namespace {

constexpr std::size_t k_piece_bytes = 64UL * 1024;

/// A failure of an encoder is one of the test's.
void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

const std::uint8_t* as_bytes(const std::string& text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::uint8_t* as_bytes(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

std::string deflate_piece(z_stream& stream, const std::string& text, int flush) {
  std::string packed;
  std::string out(k_piece_bytes, '\0');
  stream.next_in = as_bytes(text);
  stream.avail_in = static_cast<uInt>(text.size());
  do {
    stream.next_out = as_bytes(out);
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, flush);
    packed.append(out, 0, out.size() - stream.avail_out);
  } while (stream.avail_out == 0);
  return packed;
}

Pieces pack_with_zlib(const Pieces& texts, int window_bits) {
  constexpr int k_memory_level = 8;
  z_stream stream{};
  require(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, k_memory_level,
                       Z_DEFAULT_STRATEGY) == Z_OK);
  Pieces pieces;
  for (const std::string& text : texts) {
    pieces.push_back(deflate_piece(stream, text, Z_SYNC_FLUSH));
  }
  pieces.push_back(deflate_piece(stream, "", Z_FINISH));
  deflateEnd(&stream);
  return pieces;
}

std::string brotli_piece(BrotliEncoderState* state, const std::string& text,
                         BrotliEncoderOperation operation) {
  std::string packed;
  std::string out(k_piece_bytes, '\0');
  std::size_t in_left = text.size();
  const std::uint8_t* in = as_bytes(text);
  do {
    std::size_t out_left = out.size();
    std::uint8_t* next = as_bytes(out);
    require(BrotliEncoderCompressStream(state, operation, &in_left, &in, &out_left, &next,
                                        nullptr) != 0);
    packed.append(out, 0, out.size() - out_left);
  } while (in_left > 0 || BrotliEncoderHasMoreOutput(state) != 0);
  return packed;
}

std::string zstd_piece(ZSTD_CCtx* context, const std::string& text, ZSTD_EndDirective directive) {
  std::string packed;
  std::string out(k_piece_bytes, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  std::size_t left = 0;
  do {
    ZSTD_outBuffer written{out.data(), out.size(), 0};
    left = ZSTD_compressStream2(context, &written, &in, directive);
    require(ZSTD_isError(left) == 0);
    packed.append(out, 0, written.pos);
  } while (left > 0);
  return packed;
}

}  // namespace

Pieces pack_gzip(const Pieces& texts) {
  return pack_with_zlib(texts, 15 + 16);
}

Pieces pack_zlib(const Pieces& texts) {
  return pack_with_zlib(texts, 15);
}

Pieces pack_raw_deflate(const Pieces& texts) {
  return pack_with_zlib(texts, -15);
}

Pieces pack_brotli(const Pieces& texts, int window_log) {
  const std::unique_ptr<BrotliEncoderState, void (*)(BrotliEncoderState*)> state(
      BrotliEncoderCreateInstance(nullptr, nullptr, nullptr), BrotliEncoderDestroyInstance);
  BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_LGWIN,
                            static_cast<std::uint32_t>(window_log));
  BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_QUALITY, 3);
  if (window_log > BROTLI_MAX_WINDOW_BITS) {
    BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_LARGE_WINDOW, 1);
  }
  Pieces pieces;
  for (const std::string& text : texts) {
    pieces.push_back(brotli_piece(state.get(), text, BROTLI_OPERATION_FLUSH));
  }
  pieces.push_back(brotli_piece(state.get(), "", BROTLI_OPERATION_FINISH));
  return pieces;
}

Pieces pack_zstd(const Pieces& texts, int window_log) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                        ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  Pieces pieces;
  for (const std::string& text : texts) {
    pieces.push_back(zstd_piece(context.get(), text, ZSTD_e_flush));
  }
  pieces.push_back(zstd_piece(context.get(), "", ZSTD_e_end));
  return pieces;
}

std::string joined(const Pieces& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), std::string());
}

std::string pack(std::string_view coding, const std::string& text) {
  if (coding == "br") {
    return joined(pack_brotli({text}));
  }
  if (coding == "zstd") {
    return joined(pack_zstd({text}));
  }
  require(coding == "gzip" || coding == "deflate");
  return joined(coding == "gzip" ? pack_gzip({text}) : pack_zlib({text}));
}

}  // namespace inferometer::transport::http
