#include "cli/command_line.hpp"

#include "base/duration.hpp"
#include "cli/exit_status.hpp"
#include "sim/model/behaviour.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace inferometer::cli {
namespace {

/// Help as Prometheus prints it: a flag's default, but not which other flags it goes with; an error
/// says that when it matters.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string text = option->get_default_str();
    return text.empty() ? "" : "=" + text;
  }
};

/// Stores a flag's text in `target` after `parse`, whose error becomes CLI11's.
template <typename Value, typename Parse>
void add_parsed(CLI::App& app, const std::string& flag, Value& target, Parse parse,
                const std::string& help) {
  app.add_option_function<std::string>(
         flag,
         [&target, parse, flag](const std::string& text) {
           const auto value = parse(text);
           if (!value) {
             throw CLI::ValidationError(flag, value.error().message);
           }
           target = *value;
         },
         help)
      ->type_name("");
}

void add_log_flags(CLI::App& app, LogOptions& log) {
  add_parsed(app, "--log.level", log.level, base::log::parse_level,
             "debug, info, warn or error (info)");
  add_parsed(app, "--log.format", log.format, base::log::parse_format, "logfmt or json (logfmt)");
}

void add_daemon_flags(CLI::App& app, DaemonOptions& options) {
  app.add_option("--config.file", options.config_file, "Configuration file")
      ->capture_default_str()
      ->type_name("");
  app.add_flag("--config.check", options.check_only,
               "Check the configuration file, report every error and exit");
  app.add_option("--web.listen-address", options.listen,
                 "Address to serve on, host:port; repeatable; replaces web.listen of the file")
      ->type_name("");
  add_parsed(app, "--shutdown.grace-period", options.grace_period, base::parse_duration,
             "How long open probes may finish after SIGTERM (25s)");
  add_log_flags(app, options.log);
}

CLI::App* add_probe(CLI::App& app, ProbeOptions& options) {
  CLI::App* probe = app.add_subcommand("probe", "Probe once and show the timeline");
  const auto text = [probe](const std::string& flag, std::string& target, const std::string& help) {
    return probe->add_option(flag, target, help)->type_name("");
  };
  CLI::Option* file = text("--config.file", options.config_file,
                           "Probe a target of this file: see --provider, --model, --workload");
  text("--provider", options.provider, "Provider of the file; may be left out if it has one")
      ->needs(file);
  text("--workload", options.workload, "Workload of the file; may be left out if it has one")
      ->needs(file);
  text("--model", options.model, "Model");
  CLI::Option* url =
      text("--url", options.url, "Base URL of the API, such as https://api.openai.com/v1")
          ->excludes(file);
  const auto direct = [&](const std::string& flag, std::string& target, const std::string& help) {
    text(flag, target, help)->needs(url)->capture_default_str();
  };
  direct("--protocol", options.protocol, "Protocol of the API");
  direct("--bearer-env", options.bearer_env,
         "Environment variable that holds the key to send as a bearer token");
  direct("--bearer-file", options.bearer_file, "File that holds it");
  direct("--api-key-env", options.api_key_env,
         "Environment variable that holds the key to send in the protocol's own header");
  direct("--api-key-file", options.api_key_file, "File that holds it");
  probe->add_option("--header", options.headers, "Header to send, 'Name: value'; repeatable")
      ->needs(url)
      ->type_name("");
  probe->add_option("--query", options.query, "Query parameter to send, name=value; repeatable")
      ->needs(url)
      ->type_name("");
  direct("--max-tokens-parameter", options.max_tokens_parameter,
         "max_completion_tokens or max_tokens");
  direct("--http-version", options.http_version, "auto, 1.1 or 2");
  direct("--tls.ca-file", options.ca_file,
         "Certificate authorities to trust instead of the system's");
  probe->add_flag("--tls.insecure-skip-verify", options.insecure, "Do not verify the server")
      ->needs(url);
  probe->add_option("--input-tokens", options.input_tokens, "Length of the prompt")
      ->needs(url)
      ->capture_default_str()
      ->type_name("");
  probe->add_option("--output-tokens", options.output_tokens, "Bound on the answer")
      ->needs(url)
      ->capture_default_str()
      ->type_name("");
  probe->add_option("--temperature", options.temperature, "Sampling temperature")
      ->needs(url)
      ->type_name("");
  probe->add_flag("--no-stream", options.no_stream, "Ask for one whole answer")->needs(url);
  direct("--timeout.connect", options.connect_timeout, "Until a connection is ready (5s)");
  direct("--timeout.first-token", options.first_token_timeout,
         "From the request to the first text (30s)");
  direct("--timeout.stall", options.stall_timeout, "Between two texts (10s)");
  direct("--timeout.total", options.total_timeout, "For the whole attempt (120s)");
  probe->add_flag("--json", options.json, "Print JSON instead of text");
  return probe;
}

/// What `--set` takes, one line a setting.
std::string settings_help() {
  std::string help = "Settings, which a request may override by a header X-Sim-<name>:\n";
  for (const sim::Setting& setting : sim::settings()) {
    help += fmt::format("  {:<23} {}: {}\n", setting.header.substr(sim::k_setting_prefix.size()),
                        setting.values, setting.summary);
  }
  help += "Faults:\n";
  for (const sim::FaultInfo& fault : sim::faults()) {
    help += fmt::format("  {:<24} {}\n", fault.name, fault.summary);
  }
  return help;
}

CLI::App* add_sim(CLI::App& app, SimOptions& options) {
  CLI::App* sim = app.add_subcommand("sim", "Serve simulated providers");
  const auto option = [sim](const std::string& flag, auto& target, const std::string& help) {
    return sim->add_option(flag, target, help)->type_name("");
  };
  option("--listen", options.listen, "Address to serve on")->capture_default_str();
  option("--profile", options.profile, "Profile of /v1; each is also under /<profile>/v1")
      ->capture_default_str();
  option("--seed", options.seed, "Seed of everything that is drawn")->capture_default_str();
  option("--slots", options.slots, "Generations at once for each profile; 0: no bound")
      ->capture_default_str();
  option("--slowdown", options.slowdown, "Share by which delays grow until all slots are taken")
      ->capture_default_str();
  option("--recorded-ttft", options.recorded_ttft,
         "Take times to first token from this file, one a line, in its order");
  option("--recorded-itl", options.recorded_itl,
         "Take gaps between content events from this file, one a line, in its order");
  option("--require-key-env", options.require_key_env,
         "Refuse requests without the key in this environment variable");
  option("--metrics.kind", options.metrics_kind,
         "Names of the figures on /metrics: vllm, sglang, tgi or llamacpp")
      ->capture_default_str();
  option("--set", options.settings, "Setting, name=value; repeatable; see below");
  sim->add_flag("--stamp", options.stamp, "Put each event's true send time into the event");
  add_log_flags(*sim, options.log);
  sim->footer(settings_help());
  return sim;
}

CLI::App* add_selftest(CLI::App& app, SelftestOptions& options) {
  CLI::App* selftest =
      app.add_subcommand("selftest", "Measure how exactly this machine measures, in ten seconds");
  selftest->add_flag("--json", options.json, "Print JSON instead of a table");
  return selftest;
}

CLI::App* add_demo(CLI::App& app, DemoOptions& options) {
  CLI::App* demo = app.add_subcommand("demo", "Run daemon and simulator, and show a live table");
  demo->add_option("--web.listen-address", options.listen, "Address to serve on")
      ->capture_default_str()
      ->type_name("");
  add_parsed(*demo, "--run-for", options.run_for, base::parse_duration,
             "End after this time (never)");
  return demo;
}

}  // namespace

std::variant<Command, int> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Inferometer: measures the latency of LLM APIs and exports it to Prometheus.",
               "inferometer");
  app.set_version_flag("--version", "inferometer " INFEROMETER_VERSION);
  app.require_subcommand(0, 1);
  app.formatter(std::make_shared<HelpFormatter>());
  app.get_formatter()->column_width(38);

  DaemonOptions daemon;
  ProbeOptions probe;
  SimOptions sim;
  SelftestOptions selftest;
  DemoOptions demo;
  add_daemon_flags(app, daemon);
  const CLI::App* probe_command = add_probe(app, probe);
  const CLI::App* sim_command = add_sim(app, sim);
  const CLI::App* selftest_command = add_selftest(app, selftest);
  const CLI::App* demo_command = add_demo(app, demo);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help and --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return k_exit_usage;
  }
  if (probe_command->parsed()) {
    return Command(probe);
  }
  if (sim_command->parsed()) {
    return Command(sim);
  }
  if (selftest_command->parsed()) {
    return Command(selftest);
  }
  if (demo_command->parsed()) {
    return Command(demo);
  }
  return Command(daemon);
}

}  // namespace inferometer::cli
