#include "base/duration.hpp"
#include "cli/flags.hpp"

#include <fmt/format.h>

namespace inferometer::cli {
namespace {

CLI::Option* text(CLI::App& probe, const std::string& flag, std::string& target,
                  const std::string& help) {
  return probe.add_option(flag, target, help)->type_name("");
}

/// Which target of a file, or `url` for one that the flags alone describe.
struct Sources {
  CLI::Option* file;
  CLI::Option* url;
};

Sources add_source_flags(CLI::App& probe, ProbeOptions& options) {
  CLI::Option* file = text(probe, "--config.file", options.config_file,
                           "Probe a target of this file, or of - for standard input: see "
                           "--provider, --model, --workload");
  text(probe, "--provider", options.provider, "Provider of the file; may be left out if it has one")
      ->needs(file);
  text(probe, "--workload", options.workload, "Workload of the file; may be left out if it has one")
      ->needs(file);
  text(probe, "--model", options.model, "Model");
  CLI::Option* url =
      text(probe, "--url", options.url, "Base URL of the API, such as https://api.openai.com/v1")
          ->excludes(file);
  return {file, url};
}

/// The provider, and how the request is sent.
void add_provider_flags(CLI::App& probe, CLI::Option* url, ProbeOptions& options) {
  const auto direct = [&](const std::string& flag, std::string& target, const std::string& help) {
    text(probe, flag, target, help)->needs(url)->capture_default_str();
  };
  direct("--protocol", options.protocol, "Protocol of the API");
  direct("--bearer-env", options.bearer_env,
         "Environment variable that holds the key to send as a bearer token");
  direct("--bearer-file", options.bearer_file, "File that holds it");
  direct("--api-key-env", options.api_key_env,
         "Environment variable that holds the key to send in the protocol's own header");
  direct("--api-key-file", options.api_key_file, "File that holds it");
  probe.add_option("--header", options.headers, "Header to send, 'Name: value'; repeatable")
      ->needs(url)
      ->type_name("");
  probe.add_option("--query", options.query, "Query parameter to send, name=value; repeatable")
      ->needs(url)
      ->type_name("");
  direct("--max-tokens-parameter", options.max_tokens_parameter,
         "max_completion_tokens or max_tokens");
  direct("--http-version", options.http_version, "auto, 1.1 or 2");
  direct("--tls.ca-file", options.ca_file,
         "Certificate authorities to trust instead of the system's");
  probe.add_flag("--tls.insecure-skip-verify", options.insecure, "Do not verify the server")
      ->needs(url);
  direct("--timeout.connect", options.connect_timeout, "Until a connection is ready (5s)");
  direct("--timeout.first-token", options.first_token_timeout,
         "From the request to the first text (30s)");
  direct("--timeout.stall", options.stall_timeout, "Between two texts (10s)");
  direct("--timeout.total", options.total_timeout, "For the whole attempt (120s)");
}

/// What is asked.
void add_request_flags(CLI::App& probe, CLI::Option* url, ProbeOptions& options) {
  CLI::Option* input =
      probe.add_option("--input-tokens", options.input_tokens, "Length of the generated prompt")
          ->needs(url)
          ->capture_default_str()
          ->type_name("");
  text(probe, "--prompt", options.prompt,
       "Prompt to send as it is, or @FILE, instead of a generated one")
      ->needs(url)
      ->excludes(input)
      ->check([](const std::string& prompt) {
        return std::string(prompt.empty() ? "it is empty: write the prompt" : "");
      });
  probe.add_option("--output-tokens", options.output_tokens, "Bound on the answer")
      ->needs(url)
      ->capture_default_str()
      ->type_name("");
  probe.add_option("--temperature", options.temperature, "Sampling temperature")
      ->needs(url)
      ->type_name("");
  text(probe, "--extra-body", options.extra_body,
       "JSON object to merge into the request, such as '{\"reasoning_effort\": \"low\"}'")
      ->needs(url);
  probe.add_flag("--no-stream", options.no_stream, "Ask for one whole answer")->needs(url);
}

void add_run_flags(CLI::App& probe, ProbeOptions& options) {
  constexpr unsigned k_most_attempts = 10'000;
  probe
      .add_option("-n,--attempts", options.attempts,
                  "How often to probe, one attempt after the other; several are summed up")
      ->check(CLI::Range(1U, k_most_attempts))
      ->capture_default_str()
      ->type_name("");
  add_parsed(probe, "--interval", options.interval, base::parse_duration,
             "Between the starts of two attempts, at least (0s)");
  probe
      .add_option_function<std::vector<std::string>>(
          "--fail-if",
          [&options](const std::vector<std::string>& conditions) {
            for (const std::string& condition : conditions) {
              const auto parsed = parse_condition(condition);
              if (!parsed) {
                throw CLI::ValidationError("--fail-if", parsed.error().message);
              }
              options.fail_if.push_back(*parsed);
            }
          },
          "Exit with 1 if this holds, such as ttft>1s; repeatable, see below")
      ->type_name("");
  probe.add_flag("--show-answer", options.show_answer, "Show the text of the answer too");
  probe.add_flag("--json", options.json, "Print JSON instead of text");
}

std::string conditions_help() {
  std::string figures;
  for (const FigureInfo& info : k_figures) {
    figures += fmt::format("{}{}", figures.empty() ? "" : " ", info.name);
  }
  return fmt::format(
      "Conditions of --fail-if are [AGGREGATE(]FIGURE[)] OPERATOR VALUE:\n"
      "  FIGURE     {}\n"
      "             failures failure_ratio\n"
      "  AGGREGATE  min mean max, or a percentile such as p95; without one, any sample counts\n"
      "  OPERATOR   > >= < <=\n"
      "  VALUE      a duration such as 1.5s, tokens a second, a number of attempts, or 5%\n"
      "A figure without a value fails too. A failed attempt fails the run, unless a condition is\n"
      "about failures. Suspect attempts give no samples.\n",
      figures);
}

}  // namespace

void add_probe_flags(CLI::App& probe, ProbeOptions& options) {
  const Sources sources = add_source_flags(probe, options);
  add_provider_flags(probe, sources.url, options);
  add_request_flags(probe, sources.url, options);
  add_run_flags(probe, options);
  probe.footer(conditions_help());
}

}  // namespace inferometer::cli
