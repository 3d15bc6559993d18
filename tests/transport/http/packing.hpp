#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Packs with the libraries' own encoders what the decoder must unpack.
namespace inferometer::transport::http {

/// One piece for each text, flushed behind it, and then the end of the data.
using Pieces = std::vector<std::string>;

[[nodiscard]] Pieces pack_gzip(const Pieces& texts);
[[nodiscard]] Pieces pack_zlib(const Pieces& texts);         ///< deflate as RFC 9110 means it
[[nodiscard]] Pieces pack_raw_deflate(const Pieces& texts);  ///< deflate as some servers send it
[[nodiscard]] Pieces pack_brotli(const Pieces& texts, int window_log = 22);
[[nodiscard]] Pieces pack_zstd(const Pieces& texts, int window_log = 20);

[[nodiscard]] std::string joined(const Pieces& pieces);

/// One text, packed whole with that coding.
[[nodiscard]] std::string pack(std::string_view coding, const std::string& text);

}  // namespace inferometer::transport::http
