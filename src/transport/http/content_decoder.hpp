#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// Undoes a Content-Encoding as the bytes come: gzip, deflate (with or without zlib's header), br,
/// zstd, and lists of them up to a bound. Memory and the output of one call are bounded, whatever is
/// packed. Not thread-safe.
class ContentDecoder {
 public:
  /// For the header's value. An unknown or too long list is an error; "identity" or none gives null.
  [[nodiscard]] static base::Result<std::unique_ptr<ContentDecoder>> make(std::string_view encoding);

  ContentDecoder() = default;
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;
  virtual ~ContentDecoder() = default;

  /// Takes packed bytes and emits all that can be unpacked of them now, in pieces. An error says
  /// what is wrong with the data, or that it unpacks to more than is allowed.
  [[nodiscard]] virtual base::Result<void> feed(
      std::string_view packed, const std::function<void(std::string_view)>& emit) = 0;
  /// The body has ended: an error if the packed data has not.
  [[nodiscard]] virtual base::Result<void> finish() = 0;
};

}  // namespace inferometer::transport::http
