#pragma once

#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "transport/integration/certificates.hpp"

#include <string>
#include <vector>

namespace inferometer::transport {

/// nghttpx, a reverse proxy of the distribution, as the server that speaks TLS and HTTP/2: it hands
/// every request on to an origin in plain HTTP/1.1.
class Nghttpx {
 public:
  /// With TLS; `more` are further options.
  Nghttpx(const fakes::ScriptedServer& origin, const CertificateFiles& files,
          const std::vector<std::string>& more = {})
      : m_process(arguments(origin, "", {"--no-ocsp", files.key, files.certificate}, more)) {
    m_process.wait_until_listening(m_port.number());
  }

  /// In clear text.
  explicit Nghttpx(const fakes::ScriptedServer& origin)
      : m_process(arguments(origin, ";no-tls", {}, {})) {
    m_process.wait_until_listening(m_port.number());
  }

  [[nodiscard]] std::uint16_t port() const { return m_port.number(); }
  [[nodiscard]] std::string url(const std::string& scheme_and_host) const {
    return scheme_and_host + ':' + std::to_string(m_port.number()) + "/v1/chat/completions";
  }

 private:
  std::vector<std::string> arguments(const fakes::ScriptedServer& origin,
                                     const std::string& frontend,
                                     const std::vector<std::string>& files,
                                     const std::vector<std::string>& more) const {
    std::vector<std::string> argv{
        "nghttpx",
        "--conf=/dev/null",
        "--single-process",
        "--workers=1",
        "--errorlog-file=/dev/stderr",
        "--frontend=127.0.0.1," + std::to_string(m_port.number()) + frontend,
        "--backend=127.0.0.1," + std::to_string(origin.port())};
    argv.insert(argv.end(), more.begin(), more.end());
    argv.insert(argv.end(), files.begin(), files.end());
    return argv;
  }

  fakes::ReservedPort m_port;
  fakes::Process m_process;
};

}  // namespace inferometer::transport
