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
  /// An intermediate authority, whose own certificate `issuer` has signed.
  Authority(const TemporaryFolder& folder, const std::string& name, const Authority& issuer);
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  /// The authority's own certificate.
  [[nodiscard]] const std::string& file() const { return m_file; }
  /// Its last second of validity, as seconds since the epoch.
  [[nodiscard]] std::time_t not_after() const;

  /// A certificate for `name`: a host name, or "IP:<address>", that is valid up to `not_after`. An
  /// intermediate authority puts its own behind it into the same file.
  [[nodiscard]] CertificateFiles issue(const std::string& name, std::time_t not_after) const;
  /// The same, of no authority: it has signed itself.
  [[nodiscard]] CertificateFiles issue_self_signed(const std::string& name,
                                                   std::time_t not_after) const;

 private:
  struct Impl;

  void make(const std::string& name, const Impl& issuer);
  [[nodiscard]] CertificateFiles issue_by(const Impl* issuer, const std::string& name,
                                          std::time_t not_after) const;

  const TemporaryFolder& m_folder;
  std::string m_file;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::transport
