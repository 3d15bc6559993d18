#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "config/auth.hpp"
#include "config/problem.hpp"
#include "config/shared_text.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

/// The configuration as plain values, checked and with every default filled in. How each key is
/// written and what it means is docs/configuration.md.
namespace inferometer::config {

using base::Duration;

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
enum class Language { english, german };

/// What becomes of a prompt that, with the reserve for the output, is longer than the model's
/// context window.
enum class ContextFit { refuse, truncate_start, truncate_middle, truncate_end };

/// The servers whose own metrics can be read.
enum class ServerKind { vllm, sglang, tgi, llamacpp, trtllm, triton };

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
  std::optional<std::uint32_t> context_window;  ///< tokens of input and output together
  SharedText extra_body;  ///< a JSON object merged into each request's body; empty: none

  bool operator==(const Model&) const = default;
};

/// A header of any name whose whole value is the secret.
struct HeaderAuth {
  std::string name;
  SecretRef value;

  bool operator==(const HeaderAuth&) const = default;
};

/// The first alternative: none.
using ServerMetricsAuth = std::variant<std::monostate, BearerAuth, HeaderAuth>;

/// Where a self-hosted server shows its own metrics, and what is sent there: nothing of the
/// provider's own credentials and headers.
struct ServerMetrics {
  ServerKind kind = ServerKind::vllm;
  std::string url;  ///< http or https, as it was written
  Duration interval = std::chrono::seconds(15);
  ServerMetricsAuth auth;
  std::map<std::string, std::string> headers;  ///< none is a credential
  std::optional<Tls> tls;                      ///< none: the provider's

  /// Whether the other's figures go on from these.
  [[nodiscard]] bool same_server(const ServerMetrics& other) const {
    return kind == other.kind && url == other.url;
  }

  bool operator==(const ServerMetrics&) const = default;
};

/// How much is asked of a provider at most.
struct RateLimit {
  std::optional<std::uint32_t> requests_per_minute;  ///< ticks beyond it are skipped
  Duration max_hold = std::chrono::minutes(5);  ///< of a model after a 429, whatever it asked for

  bool operator==(const RateLimit&) const = default;
};

struct Provider {
  std::string name;
  std::string protocol;
  /// http or https, without a trailing slash; `{model}` in it stands for the model's name.
  std::string base_url;
  std::map<std::string, std::string> query;  ///< added to every request's URL, not encoded yet
  Auth auth;
  std::map<std::string, std::string> headers;  ///< sent with every request; none is a credential
  std::string max_tokens_parameter = "max_completion_tokens";
  bool ignore_eos = false;  ///< the server takes ignore_eos, which makes outputs exactly as long
  /// What its series are labelled with besides, such as a team or a region.
  std::map<std::string, std::string> labels;
  RateLimit rate_limit;
  HttpVersion http_version = HttpVersion::automatic;
  Tls tls;
  Proxy proxy;
  std::optional<ServerMetrics> server_metrics;
  std::vector<Model> models;

  bool operator==(const Provider&) const = default;
};

/// A text of the user's own, read when the configuration is loaded.
struct PromptFile {
  std::string path;
  SharedText text;

  bool operator==(const PromptFile&) const = default;
};

/// How often and after which delays a failed attempt is repeated.
struct Retries {
  std::uint32_t max_retries = 0;  ///< 0: never
  Duration base_delay = std::chrono::seconds(1);
  Duration max_delay = std::chrono::seconds(60);

  bool operator==(const Retries&) const = default;
};

/// What a good answer's text must be; nothing where both are off.
struct Expectation {
  std::string regex;  ///< RE2, matched anywhere in the text; empty: none
  bool json = false;  ///< the whole text is one JSON value

  bool operator==(const Expectation&) const = default;
};

struct Workload {
  std::string name;
  std::uint32_t input_tokens = 0;  ///< of a generated prompt; 0 with a prompt file
  std::uint32_t output_tokens = 0;
  bool stream = true;  ///< false: one whole answer, of which only the duration is measured
  PrefixCache prefix_cache = PrefixCache::avoid;
  Language language = Language::english;  ///< of a generated prompt
  std::uint32_t seed = 0;                 ///< of a generated prompt: another seed, another text
  std::optional<PromptFile> prompt_file;
  std::optional<PromptFile> system_prompt_file;
  ContextFit context_fit = ContextFit::refuse;
  std::optional<std::uint32_t> output_reserve;  ///< tokens; none: output_tokens
  std::optional<double> temperature;
  Expectation expect;
  Retries retries;
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
  Duration max_idle = std::chrono::minutes(2);  ///< a connection that waited longer is not reused
  bool keep_answer = false;  ///< measurements hold the answer's text; no file can ask for that

  [[nodiscard]] TargetKey key() const { return {provider.name, model.name, workload.name}; }
  bool operator==(const Target&) const = default;
};

struct Web {
  std::vector<std::string> listen{"0.0.0.0:9840"};
  std::vector<std::string> allowed_hosts;        ///< names that requests may be for; empty: any
  bool enable_probe = true;                      ///< GET /probe
  bool enable_lifecycle = true;                  ///< POST /-/reload
  std::uint32_t probe_requests_per_minute = 60;  ///< of all clients of /probe together

  bool operator==(const Web&) const = default;
};

/// What makes a figure a sample, and a measurement suspect.
struct Trust {
  Duration max_error = std::chrono::milliseconds(1);  ///< by how much a figure may be wrong

  bool operator==(const Trust&) const = default;
};

/// How the histograms of the probes are kept and shown. Both forms off is refused.
struct Histograms {
  bool classic = true;    ///< false: of the classic buckets, +Inf alone is shown
  bool native = true;     ///< false: no native buckets, also where the protobuf format is asked for
  int native_schema = 3;  ///< 3 or 5: a quantile is off by at most 9.1 % or 2.2 %

  bool operator==(const Histograms&) const = default;
};

/// What makes a successful attempt a good one: that every condition that is given holds, and where
/// none is, that it succeeded. A latency is good up to its threshold, a speed from it on.
struct Sli {
  std::optional<Duration> ttft_below;
  std::optional<Duration> first_reasoning_below;
  std::optional<Duration> inter_token_latency_below;  ///< of each gap of the attempt
  std::optional<Duration> time_per_output_token_below;
  std::optional<Duration> duration_below;
  std::optional<double> output_tokens_per_second_above;

  bool operator==(const Sli&) const = default;
};

/// Whose attempts an SLO is about; what is absent matches any.
struct SloMatch {
  std::optional<std::string> provider;
  std::optional<std::string> model;
  std::optional<std::string> workload;

  bool operator==(const SloMatch&) const = default;
};

struct Slo {
  std::string name;
  double objective = 0;  ///< the share of good attempts in percent, above 0 and below 100
  Sli sli;
  SloMatch match;
  Duration window = std::chrono::hours(30 * 24);  ///< over which the objective is to be met

  bool operator==(const Slo&) const = default;
};

/// The variables that values of the file were made of, by name: any of them may be a secret.
using Variables = std::map<std::string, base::Secret>;

struct Config {
  std::vector<Provider> providers;
  std::vector<Workload> workloads;
  std::vector<Target> targets;  ///< sorted by key, no key twice
  Web web;
  Trust trust;
  Histograms histograms;
  std::vector<Slo> slos;  ///< in the file's order, no name twice, each matching a target
  Variables variables;    ///< with their values as they were when it was loaded
  std::map<std::string, Mark> auth_marks;  ///< where each provider's auth stands, by its name

  /// Those of `targets`, in their order.
  [[nodiscard]] std::vector<TargetKey> target_keys() const {
    std::vector<TargetKey> keys;
    keys.reserve(targets.size());
    for (const Target& target : targets) {
      keys.push_back(target.key());
    }
    return keys;
  }

  /// Whether both ask for the same, whatever variables say so and wherever it stands.
  bool operator==(const Config& other) const {
    const auto parts = [](const Config& config) {
      return std::tie(config.providers, config.workloads, config.targets, config.web, config.trust,
                      config.histograms, config.slos);
    };
    return parts(*this) == parts(other);
  }
};

}  // namespace inferometer::config
