#pragma once

#include "config/web/web_file.hpp"
#include "config/yaml/reader.hpp"

#include <filesystem>

namespace inferometer::config {

/// Reads tls_server_config; relative paths start from `folder`. What is amiss goes to the mapping's
/// Problems.
[[nodiscard]] TlsServer read_tls_server(const MappingReader& mapping,
                                        const std::filesystem::path& folder);

/// Reports a list of cipher suites that Go's HTTP/2 refuses, where `http2` is on: a file that is
/// good here is good for every exporter.
void check_http2_suites(const TlsServer& tls, const MappingReader& mapping);

}  // namespace inferometer::config
