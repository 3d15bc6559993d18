#pragma once

#include "fakes/contains.hpp"
#include "transport/integration/certificates.hpp"
#include "transport/tls/memory_server.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <memory>
#include <string>
#include <utility>

namespace inferometer::transport::tls {

constexpr std::time_t k_day = 24L * 3600;

/// A year from now and an odd second.
inline std::time_t in_a_year() {
  return std::time(nullptr) + 365 * k_day + 17;
}

/// The context for `tls`, which there has to be.
inline std::shared_ptr<const Context> context_for(const config::Tls& tls) {
  auto context = load_context(tls);
  REQUIRE_MESSAGE(context, (context ? "" : context.error().message));
  return *context;
}

/// A server of api.example with a certificate of its own authority.
struct Site {
  TemporaryFolder folder;
  Authority authority{folder, "authority"};
  CertificateFiles files;

  explicit Site(const std::string& name = "api.example", std::time_t expiry = in_a_year())
      : files(authority.issue(name, expiry)) {}

  [[nodiscard]] config::Tls trusting() const { return {.ca_file = authority.file()}; }
  [[nodiscard]] std::unique_ptr<Session> session(Handshake handshake = {"api.example"}) const {
    return std::make_unique<Session>(context_for(trusting()), std::move(handshake));
  }
};

/// A site's session and server with the handshake done.
struct Pair {
  MemoryServer server;
  std::unique_ptr<Session> session;

  explicit Pair(const Site& site, MemoryServer::Options options = {})
      : server(site.files, std::move(options)), session(site.session()) {
    exchange(*session, server);
    REQUIRE_MESSAGE(session->state() == Session::State::open, session->problem());
    REQUIRE(server.open());
  }
};

/// TLS 1.2 alone, or 1.3 alone.
inline MemoryServer::Options only(int version) {
  return {.lowest_version = version, .highest_version = version};
}

using fakes::contains;

}  // namespace inferometer::transport::tls
