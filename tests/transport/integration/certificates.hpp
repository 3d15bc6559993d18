#pragma once

#include "fakes/temporary_folder.hpp"

#include <ctime>
#include <memory>
#include <string>

namespace inferometer::transport {

using fakes::TemporaryFolder;

/// A certificate with its key, both as PEM files.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};

/// A certificate authority for one test. Throws std::runtime_error if OpenSSL refuses something.
class Authority {
 public:
  /// Writes into `folder`, which must outlive it; `name` tells several authorities apart.
  Authority(const TemporaryFolder& folder, const std::string& name);
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  /// The authority's own certificate.
  [[nodiscard]] const std::string& file() const { return m_file; }
  /// Its last second of validity, as seconds since the epoch.
  [[nodiscard]] std::time_t not_after() const;

  /// A certificate for `name`: a host name, or "IP:<address>", that is valid up to `not_after`.
  [[nodiscard]] CertificateFiles issue(const std::string& name, std::time_t not_after) const;

 private:
  struct Impl;
  const TemporaryFolder& m_folder;
  std::string m_file;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::transport
