#include "transport/http/unpacker.hpp"

#define ZLIB_CONST  // zlib does not write to its input
#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

namespace inferometer::transport::http {
namespace {

/// The size that RFC 8878 recommends for zstd; br may use twice as much.
constexpr int k_window_log = 23;

const std::uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::uint8_t* as_bytes(std::span<char> text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

class ZlibUnpacker : public Unpacker {
 public:
  enum class Format { gzip, deflate };

  explicit ZlibUnpacker(Format format) : m_format(format) {
    m_ready = inflateInit2(&m_stream, k_gzip_bits) == Z_OK;
  }
  ZlibUnpacker(const ZlibUnpacker&) = delete;
  ZlibUnpacker& operator=(const ZlibUnpacker&) = delete;
  ~ZlibUnpacker() override { inflateEnd(&m_stream); }

  [[nodiscard]] bool ready() const { return m_ready; }

  base::Result<std::size_t> unpack(std::string_view& packed, std::span<char> out) override {
    if (!m_inside && !packed.empty() && !start(packed.front())) {
      return base::fail("something follows the end of the deflate data");
    }
    const auto size = static_cast<uInt>(  // zlib counts in 32 bits
        std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max()));
    m_stream.next_in = as_bytes(packed);
    m_stream.avail_in = size;
    m_stream.next_out = as_bytes(out);
    m_stream.avail_out = static_cast<uInt>(out.size());
    const int result = m_inside ? inflate(&m_stream, Z_SYNC_FLUSH) : Z_OK;
    packed.remove_prefix(size - m_stream.avail_in);
    if (result == Z_STREAM_END) {
      m_inside = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {  // which only says that nothing is left
      return base::fail(std::string("invalid ") + name() +
                        " data: " + (m_stream.msg != nullptr ? m_stream.msg : zError(result)));
    }
    return out.size() - m_stream.avail_out;
  }

  [[nodiscard]] bool ended() const override { return m_begun && !m_inside; }

 private:
  static constexpr int k_window_bits = 15;
  static constexpr int k_gzip_bits = k_window_bits + 16;  // zlib's code for its format

  [[nodiscard]] const char* name() const { return m_format == Format::gzip ? "gzip" : "deflate"; }

  /// Begins a member of gzip, or the one stream of deflate.
  bool start(char first) {
    if (m_format == Format::deflate && m_begun) {
      return false;
    }
    int bits = k_gzip_bits;
    if (m_format == Format::deflate) {
      // The header of RFC 1950 begins with method 8 and a window up to 7. As deflate alone that is
      // a block of type 0 with bits set where writers leave zeros.
      const auto byte = static_cast<unsigned char>(first);
      const bool has_header = (byte & 0x0FU) == 8 && byte >> 4U <= 7;
      bits = has_header ? k_window_bits : -k_window_bits;
    }
    m_begun = true;
    m_inside = true;
    return inflateReset2(&m_stream, bits) == Z_OK;
  }

  Format m_format;
  z_stream m_stream{};
  bool m_ready = false;
  bool m_begun = false;
  bool m_inside = false;  // of a member or of the stream
};

class BrotliUnpacker : public Unpacker {
 public:
  BrotliUnpacker() : m_state(BrotliDecoderCreateInstance(allocate, release, nullptr)) {}
  BrotliUnpacker(const BrotliUnpacker&) = delete;
  BrotliUnpacker& operator=(const BrotliUnpacker&) = delete;
  ~BrotliUnpacker() override { BrotliDecoderDestroyInstance(m_state); }

  [[nodiscard]] bool ready() const { return m_state != nullptr; }

  base::Result<std::size_t> unpack(std::string_view& packed, std::span<char> out) override {
    if (ended()) {
      return packed.empty() ? base::Result<std::size_t>(0)
                            : base::fail("something follows the end of the br data");
    }
    std::size_t in_left = packed.size();
    const std::uint8_t* in = as_bytes(packed);
    std::size_t out_left = out.size();
    std::uint8_t* next = as_bytes(out);
    const auto result =
        BrotliDecoderDecompressStream(m_state, &in_left, &in, &out_left, &next, nullptr);
    packed.remove_prefix(packed.size() - in_left);
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      return base::fail(std::string("invalid br data: ") +
                        BrotliDecoderErrorString(BrotliDecoderGetErrorCode(m_state)));
    }
    return out.size() - out_left;
  }

  [[nodiscard]] bool ended() const override { return BrotliDecoderIsFinished(m_state) != 0; }

 private:
  /// The one large allocation is the window, of which the format allows 16 MiB. The decoder does
  /// not take it before so much was announced.
  static void* allocate(void* /*opaque*/, std::size_t size) {
    constexpr std::size_t k_largest = (1UL << k_window_log) + 64UL * 1024;
    return size <= k_largest ? std::malloc(size) : nullptr;
  }
  static void release(void* /*opaque*/, void* memory) { std::free(memory); }

  BrotliDecoderState* m_state;
};

class ZstdUnpacker : public Unpacker {
 public:
  ZstdUnpacker() : m_context(ZSTD_createDCtx()) {
    m_ready = m_context != nullptr && ZSTD_isError(ZSTD_DCtx_setParameter(
                                          m_context, ZSTD_d_windowLogMax, k_window_log)) == 0;
  }
  ZstdUnpacker(const ZstdUnpacker&) = delete;
  ZstdUnpacker& operator=(const ZstdUnpacker&) = delete;
  ~ZstdUnpacker() override { ZSTD_freeDCtx(m_context); }

  [[nodiscard]] bool ready() const { return m_ready; }

  base::Result<std::size_t> unpack(std::string_view& packed, std::span<char> out) override {
    if (!m_inside) {
      if (packed.empty()) {
        return 0;
      }
      if (!may_begin_frame(packed.front())) {
        return base::fail("invalid zstd data: no frame begins where one must");
      }
    }
    m_begun = true;
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer written{out.data(), out.size(), 0};
    const std::size_t result = ZSTD_decompressStream(m_context, &written, &in);
    packed.remove_prefix(in.pos);
    if (ZSTD_isError(result) != 0) {
      return base::fail(std::string("invalid zstd data: ") + ZSTD_getErrorName(result));
    }
    m_inside = result != 0;
    return written.pos;
  }

  [[nodiscard]] bool ended() const override { return m_begun && !m_inside; }

 private:
  /// Of today's frames and the ones to be skipped. The library may also read the formats that came
  /// before the RFC, for which its bound on the window does not hold.
  static bool may_begin_frame(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte == 0x28 || byte >> 4U == 5;
  }

  ZSTD_DCtx* m_context;
  bool m_ready = false;
  bool m_begun = false;
  bool m_inside = false;  // of a frame
};

template <typename Kind, typename... Arguments>
std::unique_ptr<Unpacker> make_ready(Arguments... arguments) {
  auto unpacker = std::make_unique<Kind>(arguments...);
  return unpacker->ready() ? std::move(unpacker) : nullptr;
}

}  // namespace

std::unique_ptr<Unpacker> make_gzip_unpacker() {
  return make_ready<ZlibUnpacker>(ZlibUnpacker::Format::gzip);
}

std::unique_ptr<Unpacker> make_deflate_unpacker() {
  return make_ready<ZlibUnpacker>(ZlibUnpacker::Format::deflate);
}

std::unique_ptr<Unpacker> make_brotli_unpacker() {
  return make_ready<BrotliUnpacker>();
}

std::unique_ptr<Unpacker> make_zstd_unpacker() {
  return make_ready<ZstdUnpacker>();
}

}  // namespace inferometer::transport::http
