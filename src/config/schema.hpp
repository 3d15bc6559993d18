#pragma once

#include <span>
#include <string_view>

/// Every key of the configuration file: one table for the checks, the messages and the
/// documentation.
namespace inferometer::config::schema {

struct Key {
  std::string_view name;
  std::string_view expects;  ///< what it takes, as messages and the documentation say it
  bool required = false;
  bool confidential = false;  ///< messages never show what was given: it may be a secret
};

/// A key that earlier versions took, and how it is written now.
struct FormerKey {
  std::string_view name;
  std::string_view hint;
};

/// A mapping of the file and the keys that it may have.
struct Section {
  std::string_view name;  ///< as messages call it: `unknown key "x" in provider`
  std::span<const Key> keys;
  bool confidential = false;       ///< unknown keys are not shown either
  std::string_view secret_hint{};  ///< where a literal secret goes instead; empty: by its key
  std::span<const FormerKey> former_keys{};
};

extern const Section k_file;
extern const Section k_defaults;
extern const Section k_timeouts;
extern const Section k_provider;
extern const Section k_auth;
extern const Section k_aws;
extern const Section k_azure;
extern const Section k_oauth2;
extern const Section k_tls;
extern const Section k_proxy;
extern const Section k_rate_limit;
extern const Section k_server_metrics;
extern const Section k_server_metrics_auth;
extern const Section k_auth_header;
extern const Section k_model;
extern const Section k_workload;
extern const Section k_expect;
extern const Section k_retries;
extern const Section k_probe;
extern const Section k_web;
extern const Section k_trust;
extern const Section k_histograms;
extern const Section k_slo;
extern const Section k_sli;
extern const Section k_match;

/// All of the above.
[[nodiscard]] std::span<const Section* const> sections();

}  // namespace inferometer::config::schema
