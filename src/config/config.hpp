#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The configuration as plain values, checked and with every default filled in. How each key is
/// written and what it means is docs/configuration.md.
namespace inferometer::config {

using base::Duration;

/// Where a secret is found; the configuration never holds the secret itself.
struct SecretRef {
  enum class Kind { environment, file };
  Kind kind = Kind::environment;
  std::string name;  ///< the variable or the path

  bool operator==(const SecretRef&) const = default;
};

/// Each limit ends a probe with an outcome of its own.
struct Timeouts {
  Duration connect = std::chrono::seconds(5);  ///< name, TCP and TLS: until a request can be sent
  Duration first_token = std::chrono::seconds(30);  ///< from the request to any generated text
  Duration stall = std::chrono::seconds(10);        ///< between two generated texts, and to the end
  Duration total = std::chrono::seconds(120);       ///< the whole attempt

  bool operator==(const Timeouts&) const = default;
};

enum class ConnectionPolicy { fresh, reuse };
enum class HttpVersion { automatic, http_1_1, http_2 };
enum class PrefixCache { avoid, reuse };

struct Auth {
  std::optional<SecretRef> bearer;

  bool operator==(const Auth&) const = default;
};

struct Tls {
  std::string ca_file;  ///< empty: the system's authorities
  std::string cert_file;
  std::string key_file;
  std::string server_name;  ///< empty: the host of the URL
  bool insecure_skip_verify = false;

  bool operator==(const Tls&) const = default;
};

struct Proxy {
  std::string url;  ///< empty: none; the environment's proxy variables are never used
  std::string username;
  std::optional<SecretRef> password;
  std::string no_proxy;  ///< comma-separated hosts that are reached directly

  bool operator==(const Proxy&) const = default;
};

struct Model {
  std::string name;

  bool operator==(const Model&) const = default;
};

struct Provider {
  std::string name;
  std::string protocol;
  std::string base_url;  ///< http or https, without a trailing slash
  Auth auth;
  std::map<std::string, std::string> headers;  ///< sent with every request; none is a credential
  std::string max_tokens_parameter = "max_completion_tokens";
  HttpVersion http_version = HttpVersion::automatic;
  Tls tls;
  Proxy proxy;
  std::vector<Model> models;

  bool operator==(const Provider&) const = default;
};

struct Workload {
  std::string name;
  std::uint32_t input_tokens = 0;
  std::uint32_t output_tokens = 0;
  PrefixCache prefix_cache = PrefixCache::avoid;
  std::optional<double> temperature;
  Duration stall_threshold = std::chrono::seconds(1);  ///< a longer gap counts as a stall

  bool operator==(const Workload&) const = default;
};

/// What identifies a probe everywhere: its labels, its phase, its series.
struct TargetKey {
  std::string provider;
  std::string model;
  std::string workload;

  // clang-tidy 14 takes the 0 that a defaulted <=> compares with for a pointer.
  auto operator<=>(const TargetKey&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// One probe: one model of one provider under one workload, with everything that it needs.
struct Target {
  Provider provider;  ///< without its models, so that a new model leaves the other targets equal
  Model model;
  Workload workload;
  Duration interval{};
  Timeouts timeouts;
  std::uint32_t max_in_flight = 1;
  ConnectionPolicy connection = ConnectionPolicy::fresh;

  [[nodiscard]] TargetKey key() const { return {provider.name, model.name, workload.name}; }
  bool operator==(const Target&) const = default;
};

struct Web {
  std::vector<std::string> listen{"0.0.0.0:9840"};

  bool operator==(const Web&) const = default;
};

/// What makes a measurement suspect, and so keeps it out of the histograms.
struct Trust {
  Duration max_event_loop_lag = std::chrono::milliseconds(10);

  bool operator==(const Trust&) const = default;
};

struct Config {
  std::vector<Provider> providers;
  std::vector<Workload> workloads;
  std::vector<Target> targets;  ///< sorted by key, no key twice
  Web web;
  Trust trust;

  bool operator==(const Config&) const = default;
};

}  // namespace inferometer::config
