#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/condition.hpp"
#include "cli/shard_flags.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The command line as values. Each command's struct holds its flags.
namespace inferometer::cli {

struct LogOptions {
  base::log::Level level = base::log::Level::info;
  base::log::Format format = base::log::Format::logfmt;
};

/// `inferometer`: the daemon.
struct DaemonOptions {
  std::string config_file = "inferometer.yml";
  bool check_only = false;
  base::Duration auto_reload_interval{};  ///< 0: a changed file is not looked for
  std::vector<std::string> listen;        ///< replaces the configuration's unless empty
  std::string web_config_file;            ///< empty: all may connect, in clear text
  base::Duration grace_period = std::chrono::seconds(20);
  ShardFlags shard;
  LogOptions log;
};

/// `inferometer probe`: attempts at a target of a file or at one given by flags.
struct ProbeOptions {
  std::string config_file;  ///< empty: the target is given by the flags below
  std::string provider;
  std::string model;
  std::string workload;
  std::string url;
  std::string protocol = "openai-chat";
  std::string bearer_env;
  std::string bearer_file;
  std::string api_key_env;
  std::string api_key_file;
  std::vector<std::string> headers;  ///< each `Name: value`
  std::vector<std::string> query;    ///< each `name=value`
  std::string max_tokens_parameter = "max_completion_tokens";
  std::string http_version = "auto";
  std::string ca_file;
  bool insecure = false;
  unsigned input_tokens = 64;
  unsigned output_tokens = 64;
  std::optional<double> temperature;
  bool no_stream = false;
  std::string connect_timeout;  ///< empty, as those below: the configuration's own default
  std::string first_token_timeout;
  std::string stall_timeout;
  std::string total_timeout;
  std::string prompt;      ///< the text, or a file's name behind an @; empty: a generated one
  std::string extra_body;  ///< a JSON object; empty: none
  unsigned attempts = 1;
  base::Duration interval{};  ///< between the starts of two attempts, at least
  std::vector<Condition> fail_if;
  bool show_answer = false;
  bool json = false;
};

/// `inferometer sim`: the simulated providers.
struct SimOptions {
  std::string listen = "127.0.0.1:9850";
  std::string profile = "gpt-4o";
  std::uint64_t seed = 1;
  std::uint32_t slots = 0;
  double slowdown = 0;
  std::string recorded_ttft;  ///< a file of samples; empty: the profile's
  std::string recorded_itl;   ///< the same
  std::string require_key_env;
  std::string metrics_kind = "vllm";  ///< whose names the figures on /metrics have
  std::vector<std::string> settings;  ///< each `name=value`, see sim/behaviour.hpp
  bool stamp = false;
  LogOptions log;
};

/// `inferometer selftest`: this machine's measurement error.
struct SelftestOptions {
  bool json = false;
};

/// `inferometer rules`: Prometheus rules of the SLOs of a configuration.
struct RulesOptions {
  enum class Format { plain, manifest };

  std::string config_file = "inferometer.yml";
  Format format = Format::plain;
  std::string runbook_url = "docs/alerting.md";
};

/// `inferometer demo`: daemon and simulator in one process, with a live table.
struct DemoOptions {
  std::string listen = "127.0.0.1:9840";
  base::Duration run_for{};  ///< zero: until a signal
};

/// `inferometer healthcheck`: whether a daemon answers that it is well.
struct HealthcheckOptions {
  std::string url = "http://127.0.0.1:9840/-/healthy";
  base::Duration timeout = std::chrono::seconds(5);
  std::string ca_file;  ///< empty: the system's
  bool insecure = false;
};

using Command = std::variant<DaemonOptions, ProbeOptions, SimOptions, SelftestOptions, RulesOptions,
                             DemoOptions, HealthcheckOptions>;

/// The command, or the exit status where there is nothing more to do: after `--help`, `--version`
/// and errors in usage, all of which have been printed.
[[nodiscard]] std::variant<Command, int> parse_command_line(int argc, const char* const* argv);

}  // namespace inferometer::cli
