#include "sim/model/renderer.hpp"

#include "sim/model/tokens.hpp"

#include <zlib.h>

#include <utility>

namespace inferometer::sim {

void set_prompt(Ask& ask, std::string prompt) {
  ask.prompt = std::move(prompt);
  ask.prompt_tokens = Tokenizer().count(ask.prompt.size());
}

void Frames::clear() {
  bytes.clear();
  stamps.clear();
  sealed.clear();
}

void Frames::stamp(std::uint64_t nanoseconds) {
  for (const std::size_t place : stamps) {
    std::uint64_t rest = nanoseconds;
    for (std::size_t digit = k_stamp_width; digit > 0; --digit) {
      bytes[place + digit - 1] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    }
  }
  for (const Sealed& run : sealed) {
    write_crc32(bytes, run.begin, run.end);
  }
}

void append_stamp(Frames& out) {
  out.bytes.append(R"(,"sim_sent_ns":")");
  out.stamps.push_back(out.bytes.size());
  out.bytes.append(k_stamp_width, '0').append("\"");
}

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
