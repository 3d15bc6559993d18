#include "http/gzip.hpp"

#include <libdeflate.h>

#include <memory>
#include <new>

namespace inferometer::http {
namespace {

// On 14 MB of exposition text level 1 takes half the time of zlib's level 1 and gives 9 % less;
// level 2 takes as long as zlib for another 1 %.
constexpr int k_level = 1;

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
  }
};

}  // namespace

std::string gzip(std::string_view text) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(k_level));
  if (!compressor) {
    throw std::bad_alloc();
  }
  const std::size_t bound = libdeflate_gzip_compress_bound(compressor.get(), text.size());
  // Not a string: of the bound, which is more than the text, only what is written becomes real.
  const std::unique_ptr<char[]> buffer(new char[bound]);
  const std::size_t size =
      libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), buffer.get(), bound);
  return {buffer.get(), size};
}

}  // namespace inferometer::http
