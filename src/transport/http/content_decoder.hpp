#pragma once

#include "base/error.hpp"
#include "transport/http/unpacker.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::transport::http {

/// Undoes a Content-Encoding as the bytes come: gzip, deflate (with or without zlib's header), br,
/// zstd, and lists of up to three of them. Memory, the output of one call and that of one body are
/// bounded, whatever is packed. Not thread-safe.
class ContentDecoder {
 public:
  using Emit = std::function<void(std::string_view)>;

  /// How much may be unpacked, summed over the codings of a list: by one call of feed(), and in
  /// all. One call works in time linear in its bytes and in these. Feed at most 16 KiB at a time:
  /// that allows a ratio of 256, and event streams of chat APIs pack up to 60 times.
  static constexpr std::size_t k_max_call_bytes = 4UL * 1024 * 1024;
  static constexpr std::size_t k_max_total_bytes = 64UL * 1024 * 1024;
  static constexpr std::size_t k_max_codings = 3;

  /// For the header's value, those of several headers joined by commas. An unknown or too long list
  /// is an error; "identity" or none gives null.
  [[nodiscard]] static base::Result<std::unique_ptr<ContentDecoder>> make(
      std::string_view encoding);

  /// Takes packed bytes and emits all that can be unpacked of them now, in pieces that are valid
  /// during the call. An error says what is wrong with the data, or that it unpacks to more than is
  /// allowed; what was emitted before stands, and how much that is depends on the cuts. REQUIRES:
  /// no call has failed.
  [[nodiscard]] base::Result<void> feed(std::string_view packed, const Emit& emit);

  /// The body has ended: an error if the packed data has not. A body of no bytes is good: proxies
  /// name a coding also where there is nothing to pack. REQUIRES: no call has failed.
  [[nodiscard]] base::Result<void> finish() const;

 private:
  struct Stage {
    std::string coding;
    std::unique_ptr<Unpacker> unpacker;
    bool begun = false;
  };

  explicit ContentDecoder(std::vector<Stage> stages) : m_stages(std::move(stages)) {}

  [[nodiscard]] base::Result<void> run(std::size_t stage, std::string_view packed,
                                       const Emit& emit);
  [[nodiscard]] base::Result<void> count(std::size_t bytes);

  std::vector<Stage> m_stages;  // the coding that was put on last is the first
  std::size_t m_call_bytes = 0;
  std::size_t m_total_bytes = 0;
};

}  // namespace inferometer::transport::http
