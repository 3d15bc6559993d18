#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "config/problem.hpp"
#include "config/schema.hpp"
#include "config/web/tls_names.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The web configuration file that `--web.config.file` names: who may connect, and how. Its schema
/// is that of Prometheus' exporter-toolkit (docs/web-configuration.md there), so that one file
/// serves all exporters of a host.
namespace inferometer::config {

/// Certificates or a key: as PEM in the file itself, or in a file of their own.
struct PemSource {
  std::string key;   ///< by which it was given, such as cert_file; empty: it was not
  std::string file;  ///< absolute; empty: it is `text`
  base::Secret text;
  Mark mark;  ///< where it was given

  [[nodiscard]] bool given() const { return !key.empty(); }
};

struct TlsServer {
  PemSource certificate;
  PemSource key;
  PemSource client_authorities;
  ClientAuth client_auth = ClientAuth::none;
  std::vector<std::string> client_allowed_sans;  ///< empty: any
  TlsVersion min_version = TlsVersion::tls_1_2;
  TlsVersion max_version = TlsVersion::tls_1_3;
  std::vector<const CipherSuite*> cipher_suites;  ///< of k_cipher_suites; empty: the default
  bool prefer_server_cipher_suites = true;
  std::vector<const Curve*> curves;  ///< of k_curves; empty: the default
};

/// A token bucket for all requests together.
struct RequestRate {
  base::Duration interval{};  ///< until the next token comes; above 0
  std::uint32_t burst = 0;    ///< so many tokens it holds; 0: every request is refused

  bool operator==(const RequestRate&) const = default;
};

/// bcrypt hashes by user name.
using PasswordHashes = std::map<std::string, base::Secret, std::less<>>;

/// A check at the largest cost takes some 15 seconds, and the next one would take twice as long: it
/// is the largest that exporter-toolkit's own examples have. 4 is the least that bcrypt has.
inline constexpr unsigned k_least_bcrypt_cost = 4;
inline constexpr unsigned k_largest_bcrypt_cost = 18;

struct WebFile {
  std::optional<TlsServer> tls;                              ///< none: clear text
  std::vector<std::pair<std::string, std::string>> headers;  ///< of each response
  PasswordHashes users;                                      ///< empty: no password is asked for
  std::optional<RequestRate> rate_limit;
};

/// The web configuration, or everything that is wrong with it in the order of the file.
using WebFileResult = tl::expected<WebFile, std::vector<Problem>>;

/// Reads and checks the text of a web configuration file; an empty one is no lock at all.
/// `file_name` decides the folder that relative paths in it start from. No file is touched.
[[nodiscard]] WebFileResult load_web_text(std::string_view text, const std::string& file_name);

/// The same from a regular file of at most 1 MiB. Waits for it no longer than k_read_limit.
[[nodiscard]] WebFileResult load_web_file(const std::string& file_name);

/// The cost of a bcrypt hash ($2a$, $2b$ or $2y$); none if `text` is no such hash.
[[nodiscard]] std::optional<unsigned> bcrypt_cost(std::string_view text);

/// Every section of the file with its keys.
[[nodiscard]] std::span<const schema::Section* const> web_sections();

}  // namespace inferometer::config
