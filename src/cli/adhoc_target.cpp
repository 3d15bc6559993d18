#include "cli/adhoc_target.hpp"

#include "base/printable.hpp"
#include "config/load.hpp"
#include "config/yaml/substitute.hpp"
#include "daemon/daemon.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace inferometer::cli {
namespace {

using base::fail;
using base::Result;
using config::escape_variables;  // `$` begins a variable in a file, not on a command line
using nlohmann::json;

std::string describe(const config::Target& target) {
  return fmt::format("--provider '{}' --model '{}' --workload '{}'", target.provider.name,
                     target.model.name, target.workload.name);
}

Result<ChosenTarget> choose_from_file(const ProbeOptions& options) {
  const auto loaded = config::load_first(options.config_file, daemon::load_options());
  if (!loaded) {
    return fail(config::render(config::shown_name(options.config_file), loaded.error()));
  }
  const auto fits = [&options](const config::Target& target) {
    return (options.provider.empty() || options.provider == target.provider.name) &&
           (options.model.empty() || options.model == target.model.name) &&
           (options.workload.empty() || options.workload == target.workload.name);
  };
  std::vector<config::Target> fitting;
  std::copy_if(loaded->targets.begin(), loaded->targets.end(), std::back_inserter(fitting), fits);
  if (fitting.size() == 1) {
    return ChosenTarget{fitting.front(), loaded->trust};
  }
  const std::vector<config::Target>& offered = fitting.empty() ? loaded->targets : fitting;
  std::string message = fitting.empty() ? "no probe of the file fits; it has:"
                                        : "several probes of the file fit; choose one:";
  for (const config::Target& target : offered) {
    message += "\n  " + describe(target);
  }
  return fail(std::move(message));
}

Result<json> headers_of(const std::vector<std::string>& lines) {
  json headers = json::object();
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) {
      return fail(fmt::format("--header '{}': write it as 'Name: value'", line));
    }
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    headers[line.substr(0, colon)] =
        value == std::string::npos ? "" : escape_variables(line.substr(value));
  }
  return headers;
}

Result<json> query_of(const std::vector<std::string>& parameters) {
  json query = json::object();
  for (const std::string& parameter : parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos) {
      return fail(fmt::format("--query '{}': write it as 'name=value'", parameter));
    }
    query[parameter.substr(0, equals)] = escape_variables(parameter.substr(equals + 1));
  }
  return query;
}

/// Adds `key` if the flag was given.
void set_given(json& mapping, const char* key, const std::string& flag) {
  if (!flag.empty()) {
    mapping[key] = escape_variables(flag);
  }
}

json auth_of(const ProbeOptions& options) {
  json auth = json::object();
  set_given(auth, "bearer_env", options.bearer_env);
  set_given(auth, "bearer_file", options.bearer_file);
  set_given(auth, "api_key_env", options.api_key_env);
  set_given(auth, "api_key_file", options.api_key_file);
  return auth;
}

json timeouts_of(const ProbeOptions& options) {
  json timeouts = json::object();
  set_given(timeouts, "connect", options.connect_timeout);
  set_given(timeouts, "first_token", options.first_token_timeout);
  set_given(timeouts, "stall", options.stall_timeout);
  set_given(timeouts, "total", options.total_timeout);
  return timeouts;
}

bool is_file(const std::string& prompt) {
  return prompt.starts_with('@');
}

/// The flags as a configuration, in JSON: YAML to the loader, so that one set of rules checks both.
Result<std::string> as_configuration(const ProbeOptions& options) {
  const auto headers = headers_of(options.headers);
  if (!headers) {
    return tl::make_unexpected(headers.error());
  }
  const auto query = query_of(options.query);
  if (!query) {
    return tl::make_unexpected(query.error());
  }
  json provider{{"name", "command-line"},
                {"protocol", escape_variables(options.protocol)},
                {"base_url", escape_variables(options.url)},
                {"query", *query},
                {"auth", auth_of(options)},
                {"headers", *headers},
                {"max_tokens_parameter", escape_variables(options.max_tokens_parameter)},
                {"http_version", escape_variables(options.http_version)},
                {"tls", {{"insecure_skip_verify", options.insecure}}},
                {"models", {{{"name", escape_variables(options.model)}}}}};
  set_given(provider["tls"], "ca_file", options.ca_file);
  set_given(provider["models"][0], "extra_body", options.extra_body);
  json workload{
      {"name", "once"}, {"output_tokens", options.output_tokens}, {"stream", !options.no_stream}};
  if (is_file(options.prompt)) {
    workload["prompt_file"] = escape_variables(options.prompt.substr(1));
    workload["prefix_cache"] = "reuse";  // which leaves it as it is
  } else {
    workload["input_tokens"] = options.input_tokens;
  }
  if (options.temperature) {
    workload["temperature"] = *options.temperature;
  }
  const json probe{
      {"providers", {"command-line"}}, {"workloads", {"once"}}, {"timeouts", timeouts_of(options)}};
  const json file{{"providers", {provider}}, {"workloads", {workload}}, {"probes", {probe}}};
  return file.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Puts a prompt that was given as text into the place of the generated one.
Result<void> use_prompt(const std::string& prompt, config::Workload& workload) {
  if (prompt.empty() || is_file(prompt)) {
    return {};
  }
  if (const std::size_t at = base::find_invalid_utf8(prompt); at != std::string::npos) {
    return fail(fmt::format("--prompt: its byte {} is not valid UTF-8", at + 1));
  }
  workload.input_tokens = 0;
  workload.prompt_file = config::PromptFile{.path = "--prompt", .text = prompt};
  workload.prefix_cache = config::PrefixCache::reuse;
  return {};
}

}  // namespace

Result<ChosenTarget> choose_target(const ProbeOptions& options) {
  if (!options.config_file.empty()) {
    return choose_from_file(options);
  }
  if (options.url.empty() || options.model.empty()) {
    return fail("say what to probe: --url and --model, or --config.file (see probe --help)");
  }
  const Result<std::string> text = as_configuration(options);
  if (!text) {
    return tl::make_unexpected(text.error());
  }
  const auto loaded = config::load_text(*text, "", daemon::load_options());
  if (loaded) {
    ChosenTarget chosen{loaded->targets.front(), loaded->trust};
    return use_prompt(options.prompt, chosen.target.workload).map([&chosen] { return chosen; });
  }
  std::string message = "the flags do not make a probe:";
  for (const config::Problem& problem : loaded.error()) {
    message += "\n  " + problem.message + (problem.hint.empty() ? "" : ": " + problem.hint);
  }
  return fail(std::move(message));
}

}  // namespace inferometer::cli
