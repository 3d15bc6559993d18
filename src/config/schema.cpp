#include "config/schema.hpp"

#include <array>

namespace inferometer::config::schema {
namespace {

constexpr std::string_view k_timeout = "a duration above 0 and up to 1h";
constexpr std::string_view k_boolean = "true or false";
constexpr std::string_view k_mapping = "a mapping";
constexpr std::string_view k_name = "a name of 1 to 128 bytes";
constexpr std::string_view k_variable = "the name of an environment variable";
constexpr std::string_view k_path = "a path";
constexpr std::string_view k_text_file = "the path of a text of at most 1 MiB";

constexpr Key k_interval{"interval", "a duration from 100ms to 30d"};
constexpr Key k_timeouts_key{"timeouts", k_mapping};
constexpr Key k_max_in_flight{"max_in_flight", "a whole number from 1 to 1000"};
constexpr Key k_connection{"connection", "fresh or reuse"};
constexpr Key k_max_idle{"max_idle", "a duration from 1s to 1d"};

constexpr std::array k_file_keys{
    Key{"defaults", k_mapping},
    Key{"providers", "a list of providers", true},
    Key{"workloads", "a list of workloads", true},
    Key{"probes", "a list of probes", true},
    Key{"web", k_mapping},
    Key{"trust", k_mapping},
    Key{"histograms", k_mapping},
    Key{"slos", "a list of SLOs"},
};
constexpr std::array k_defaults_keys{k_interval, k_timeouts_key, k_max_in_flight, k_connection,
                                     k_max_idle};
constexpr std::array k_timeouts_keys{
    Key{"connect", k_timeout},
    Key{"first_token", k_timeout},
    Key{"stall", k_timeout},
    Key{"total", k_timeout},
};
constexpr std::array k_provider_keys{
    Key{"name", k_name, true},
    Key{"protocol", "a protocol", true},
    Key{"base_url", "an http or https URL", true, true},
    Key{"query", "a mapping of parameter names to values", false, true},
    Key{"auth", k_mapping},
    Key{"headers", "a mapping of header names to values", false, true},
    Key{"labels", "a mapping of label names to values"},
    Key{"max_tokens_parameter", "max_completion_tokens or max_tokens"},
    Key{"ignore_eos", k_boolean},
    Key{"rate_limit", k_mapping},
    Key{"http_version", "auto, 1.1 or 2"},
    Key{"tls", k_mapping},
    Key{"proxy", k_mapping},
    Key{"server_metrics", k_mapping},
    Key{"models", "a list of models, each a name of 1 to 128 bytes", true},
};
constexpr std::array k_auth_keys{
    Key{"bearer_env", k_variable, false, true},
    Key{"bearer_file", k_path, false, true},
    Key{"api_key_env", k_variable, false, true},
    Key{"api_key_file", k_path, false, true},
    Key{"google_service_account_file", k_path, false, true},
    Key{"google_external_account_file", k_path, false, true},
    Key{"google_metadata", "true", false, true},
    Key{"aws", k_mapping, false, true},
    Key{"azure", k_mapping, false, true},
    Key{"oauth2", k_mapping, false, true},
};
constexpr std::array k_aws_keys{
    Key{"region", "a region of 1 to 32 lower-case letters, digits and -", true},
    Key{"credentials", "web-identity, pod-identity or instance", false, true},
    Key{"role_arn", "the ARN of a role", false, true},
    Key{"token_file", k_path, false, true},
    Key{"role_session_name", "2 to 64 letters, digits and _+=,.@-", false, true},
    Key{"access_key_id_env", k_variable, false, true},
    Key{"access_key_id_file", k_path, false, true},
    Key{"secret_access_key_env", k_variable, false, true},
    Key{"secret_access_key_file", k_path, false, true},
    Key{"session_token_env", k_variable, false, true},
    Key{"session_token_file", k_path, false, true},
};
constexpr std::array k_azure_keys{
    Key{"credentials", "managed-identity or workload-identity", true, true},
    Key{"client_id", "an id of Entra's", false, true},
    Key{"tenant_id", "an id of Entra's", false, true},
    Key{"token_file", k_path, false, true},
    Key{"resource", "an http or https URL", false, true},
};
constexpr std::array k_oauth2_keys{
    Key{"token_url", "an https URL", true, true},
    Key{"client_id", "text", true, true},
    Key{"client_secret_env", k_variable, false, true},
    Key{"client_secret_file", k_path, false, true},
    Key{"scope", "text", false, true},
};
constexpr std::array k_rate_limit_keys{
    Key{"requests_per_minute", "a whole number from 1 to 1000000"},
    Key{"max_hold", "a duration from 1s to 24h"},
};
constexpr std::array k_server_metrics_keys{
    Key{"kind", "vllm, sglang, tgi, llamacpp, trtllm or triton", true},
    Key{"url", "an http or https URL", true, true},
    Key{"interval", "a duration from 1s to 1h"},
    Key{"auth", k_mapping},
    Key{"headers", "a mapping of header names to values", false, true},
    Key{"tls", k_mapping},
};
constexpr std::array k_server_metrics_auth_keys{
    Key{"bearer_env", k_variable, false, true},
    Key{"bearer_file", k_path, false, true},
    Key{"header", k_mapping, false, true},
};
constexpr std::array k_auth_header_keys{
    Key{"name", "the name of a header", true, true},
    Key{"value_env", k_variable, false, true},
    Key{"value_file", k_path, false, true},
};
constexpr std::array k_tls_keys{
    Key{"ca_file", k_path},
    Key{"cert_file", k_path},
    Key{"key_file", k_path},
    Key{"server_name", "a host name"},
    Key{"insecure_skip_verify", k_boolean},
};
constexpr std::array k_proxy_keys{
    Key{"url", "an http, https, socks5 or socks5h URL", true, true},
    Key{"username", "a user name"},
    Key{"password_env", k_variable, false, true},
    Key{"password_file", k_path, false, true},
    Key{"no_proxy", "a comma-separated list of hosts"},
};
constexpr std::array k_model_keys{
    Key{"name", k_name, true},
    Key{"context_window", "a whole number from 1 to 100000000"},
    Key{"extra_body", "a JSON object of up to 4096 bytes", false, true},
};
constexpr std::array k_workload_keys{
    Key{"name", k_name, true},
    Key{"input_tokens", "a whole number from 1 to 1000000"},
    Key{"output_tokens", "a whole number from 1 to 100000", true},
    Key{"stream", k_boolean},
    Key{"prefix_cache", "avoid or reuse"},
    Key{"language", "en or de"},
    Key{"seed", "a whole number from 0 to 4294967295"},
    Key{"prompt_file", k_text_file},
    Key{"system_prompt_file", k_text_file},
    Key{"context_fit", "refuse, truncate_start, truncate_middle or truncate_end"},
    Key{"output_reserve", "a whole number from 0 to 1000000"},
    Key{"temperature", "a number from 0 to 2"},
    Key{"expect", k_mapping},
    Key{"retries", k_mapping},
    Key{"stall_threshold", k_timeout},
};
constexpr std::array k_expect_keys{
    Key{"regex", "a regular expression of 1 to 1000 bytes"},
    Key{"json", k_boolean},
};
constexpr std::array k_retries_keys{
    Key{"max_retries", "a whole number from 1 to 10", true},
    Key{"base_delay", "a duration from 1ms to 1m"},
    Key{"max_delay", "a duration from 1ms to 10m"},
};
constexpr std::array k_probe_keys{
    Key{"providers", "a list of provider names", true},
    Key{"models", "a list of model names"},
    Key{"workloads", "a list of workload names", true},
    k_interval,
    k_timeouts_key,
    k_max_in_flight,
    k_connection,
    k_max_idle,
};
constexpr std::array k_web_keys{
    Key{"listen", "a list of host:port"},
    Key{"allowed_hosts", "a list of host names"},
    Key{"enable_probe", k_boolean},
    Key{"enable_lifecycle", k_boolean},
    Key{"probe_requests_per_minute", "a whole number from 1 to 1000000"},
};
constexpr std::array k_trust_keys{Key{"max_error", k_timeout}};
constexpr std::array k_former_trust_keys{
    FormerKey{"max_event_loop_lag", "write max_error, by how much a figure may be wrong: 1ms"},
};
constexpr std::array k_histograms_keys{
    Key{"classic", k_boolean},
    Key{"native", k_boolean},
    Key{"native_schema", "3 or 5"},
};
constexpr std::array k_slo_keys{
    Key{"name", k_name, true},
    Key{"objective", "a percentage above 0 and below 100", true},
    Key{"sli", k_mapping, true},
    Key{"match", k_mapping},
    Key{"window", "a duration from 7d to 90d, in whole hours"},
};
constexpr std::array k_sli_keys{
    Key{"availability", "true"},
    Key{"ttft_below", k_timeout},
    Key{"first_reasoning_below", k_timeout},
    Key{"inter_token_latency_below", k_timeout},
    Key{"time_per_output_token_below", k_timeout},
    Key{"duration_below", k_timeout},
    Key{"output_tokens_per_second_above", "a number above 0 and up to 1000000"},
};
constexpr std::array k_match_keys{
    Key{"provider", k_name},
    Key{"model", k_name},
    Key{"workload", k_name},
};

constexpr std::string_view k_key_file_hint = "name a file instead, by key_file";
constexpr std::string_view k_aws_hint =
    "name an environment variable or a file instead, by the same key with _env or _file";
constexpr std::string_view k_client_secret_hint =
    "name an environment variable or a file instead, by client_secret_env or client_secret_file";
constexpr std::string_view k_server_metrics_auth_hint =
    "name an environment variable or a file instead, by bearer_env, bearer_file or header: {name: "
    "NAME, value_env: NAME}";
constexpr std::string_view k_auth_header_hint =
    "name an environment variable or a file instead, by value_env or value_file";
constexpr std::string_view k_password_hint =
    "name an environment variable or a file instead, by password_env or password_file";

}  // namespace

constexpr Section k_file{"the file", k_file_keys};
constexpr Section k_defaults{"defaults", k_defaults_keys};
constexpr Section k_timeouts{"timeouts", k_timeouts_keys};
constexpr Section k_provider{"provider", k_provider_keys};
constexpr Section k_auth{"auth", k_auth_keys, true};
constexpr Section k_aws{"aws", k_aws_keys, true, k_aws_hint};
constexpr Section k_azure{"azure", k_azure_keys, true};
constexpr Section k_oauth2{"oauth2", k_oauth2_keys, true, k_client_secret_hint};
constexpr Section k_tls{"tls", k_tls_keys, false, k_key_file_hint};
constexpr Section k_proxy{"proxy", k_proxy_keys, true, k_password_hint};
constexpr Section k_rate_limit{"rate_limit", k_rate_limit_keys};
constexpr Section k_server_metrics{"server_metrics", k_server_metrics_keys};
constexpr Section k_server_metrics_auth{"server_metrics.auth", k_server_metrics_auth_keys, true,
                                        k_server_metrics_auth_hint};
constexpr Section k_auth_header{"server_metrics.auth.header", k_auth_header_keys, true,
                                k_auth_header_hint};
constexpr Section k_model{"model", k_model_keys};
constexpr Section k_workload{"workload", k_workload_keys};
constexpr Section k_expect{"expect", k_expect_keys};
constexpr Section k_retries{"retries", k_retries_keys};
constexpr Section k_probe{"probe", k_probe_keys};
constexpr Section k_web{"web", k_web_keys};
constexpr Section k_trust{"trust", k_trust_keys, false, {}, k_former_trust_keys};
constexpr Section k_histograms{"histograms", k_histograms_keys};
constexpr Section k_slo{"slo", k_slo_keys};
constexpr Section k_sli{"sli", k_sli_keys};
constexpr Section k_match{"match", k_match_keys};

std::span<const Section* const> sections() {
  static constexpr std::array k_all{&k_file,
                                    &k_defaults,
                                    &k_timeouts,
                                    &k_provider,
                                    &k_auth,
                                    &k_aws,
                                    &k_azure,
                                    &k_oauth2,
                                    &k_rate_limit,
                                    &k_tls,
                                    &k_proxy,
                                    &k_server_metrics,
                                    &k_server_metrics_auth,
                                    &k_auth_header,
                                    &k_model,
                                    &k_workload,
                                    &k_expect,
                                    &k_retries,
                                    &k_probe,
                                    &k_web,
                                    &k_trust,
                                    &k_histograms,
                                    &k_slo,
                                    &k_sli,
                                    &k_match};
  return k_all;
}

}  // namespace inferometer::config::schema
