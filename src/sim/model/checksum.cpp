#include "sim/model/checksum.hpp"

#include <zlib.h>

namespace inferometer::sim {

void write_u32(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 4; i > 0; --i) {
    bytes[at + i - 1] = static_cast<char>(value & 0xffU);
    value >>= 8U;
  }
}

void write_crc32(std::string& bytes, std::size_t begin, std::size_t end) {
  const uLong checksum = crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + begin),
                               static_cast<uInt>(end - begin));
  write_u32(bytes, end, static_cast<std::uint32_t>(checksum));
}

}  // namespace inferometer::sim
