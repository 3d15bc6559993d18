#pragma once

#include "fakes/process.hpp"
#include "fakes/temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The programs of a deployment, run as a user runs them.
namespace inferometer::e2e {

using fakes::TemporaryFolder;

/// A sanitizer slows a program, and its tests share the machine: what is held to a time is held to
/// so many times that.
inline constexpr int k_slowness = INFEROMETER_SANITIZED != 0 ? 10 : 1;

struct HttpReply {
  int status = 0;
  std::string body;
};

/// One request to a server on loopback, with `headers` as lines that end in CRLF. Throws if it does
/// not answer.
[[nodiscard]] HttpReply http(std::string_view method, std::uint16_t port, std::string_view path,
                             std::string_view headers = "");

/// Waits until `condition` holds; false if it does not within `patience`.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::seconds patience = std::chrono::seconds(30));

/// Text as a part of a URL.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// The program under test with these arguments.
[[nodiscard]] std::vector<std::string> inferometer(const std::vector<std::string>& arguments);

/// What a program that ends by itself said and returned.
struct Finished {
  int status = 0;
  std::string output;
};
[[nodiscard]] Finished run(std::vector<std::string> argv);

/// `inferometer sim` on a free port.
class Simulator {
 public:
  explicit Simulator(const std::vector<std::string>& arguments = {});
  [[nodiscard]] std::uint16_t port() const { return m_port; }
  /// A base URL for a provider.
  [[nodiscard]] std::string url(std::string_view profile = "vllm-h100") const;

 private:
  fakes::Process m_process;
  std::uint16_t m_port;
};

/// The daemon on a free port, with its configuration in `folder`.
class Daemon {
 public:
  Daemon(const TemporaryFolder& folder, std::string_view configuration,
         const std::vector<std::string>& arguments = {});
  [[nodiscard]] std::uint16_t port() const { return m_port; }
  [[nodiscard]] fakes::Process& process() { return m_process; }
  [[nodiscard]] std::string metrics() const { return http("GET", m_port, "/metrics").body; }
  /// The value of the sample that begins with `series`, or no value.
  [[nodiscard]] std::optional<double> sample(std::string_view series) const;

 private:
  fakes::Process m_process;
  std::uint16_t m_port;
};

/// Debian's Prometheus, which scrapes a daemon every second.
class Prometheus {
 public:
  /// `features` as --enable-feature takes them.
  Prometheus(const TemporaryFolder& folder, std::uint16_t target, std::string_view features = "");
  /// The data of a request to its API, /api/v1/…; throws unless it succeeds.
  [[nodiscard]] nlohmann::json get(std::string_view path) const;
  /// An instant query: label set (as `name=value,…` without the metric's name) to value.
  [[nodiscard]] std::map<std::string, double> query(std::string_view expression) const;
  /// The one value of a query that gives exactly one, or no value.
  [[nodiscard]] std::optional<double> value(std::string_view expression) const;

 private:
  std::uint16_t m_port;
  fakes::Process m_process;
};

}  // namespace inferometer::e2e
