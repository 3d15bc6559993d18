#include "cli/command_line.hpp"

#include "base/build_info.hpp"
#include "base/duration.hpp"
#include "cli/cli.hpp"
#include "cli/flags.hpp"
#include "cli/help/completion.hpp"
#include "cli/help/manual.hpp"
#include "cli/terminal/output.hpp"
#include "config/problem.hpp"
#include "config/yaml/suggest.hpp"
#include "config/yaml/url_values.hpp"
#include "sim/model/behaviour.hpp"
#include "sim/model/provider.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <sstream>
#include <vector>

namespace inferometer::cli {
namespace {

constexpr unsigned k_most_shards = 10'000;

/// Help as Prometheus prints it: a flag's default, but not which other flags it goes with; an error
/// says that when it matters.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string text = option->get_default_str();
    return text.empty() ? "" : "=" + text;
  }
};

void add_log_flags(CLI::App& app, LogOptions& log) {
  add_parsed(app, "--log.level", log.level, base::log::parse_level,
             "debug, info, warn or error (info)");
  add_parsed(app, "--log.format", log.format, base::log::parse_format, "logfmt or json (logfmt)");
}

void add_daemon_flags(CLI::App& app, DaemonOptions& options) {
  app.add_option("--config.file", options.config_file,
                 "Configuration file, or - for standard input")
      ->capture_default_str()
      ->type_name("");
  app.add_flag("--config.check", options.check_only,
               "Check the configuration files and the other flags, report every error and exit");
  app.add_option("--web.listen-address", options.listen,
                 "Address to serve on, host:port; repeatable; replaces web.listen of the file")
      ->check(check_with(config::parse_listen_address))
      ->type_name("");
  app.add_option("--web.config.file", options.web_config_file,
                 "File of TLS, passwords and other rules for web clients, in the format of "
                 "Prometheus' exporters (none)")
      ->type_name("");
  add_parsed(app, "--config.auto-reload-interval", options.auto_reload_interval,
             base::parse_duration,
             "How often to look whether a file of the configuration has changed, and then reload "
             "(never)");
  add_parsed(app, "--shutdown.grace-period", options.grace_period, base::parse_duration,
             "How long open probes may finish after SIGTERM (20s)");
  app.add_option("--shard.count", options.shard.count,
                 "How many daemons share the probes of the configuration")
      ->check(CLI::Range(1U, k_most_shards))
      ->capture_default_str()
      ->type_name("");
  app.add_option("--shard.index", options.shard.index,
                 "Which of them this is, from 0 (the ordinal at the end of the host name)")
      ->check(CLI::Range(0U, k_most_shards - 1))
      ->type_name("");
  add_log_flags(app, options.log);
}

CLI::App* add_probe(CLI::App& app, ProbeOptions& options) {
  CLI::App* probe =
      app.add_subcommand("probe", "Probe once, or a few times, and show the timeline");
  add_probe_flags(*probe, options);
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
  option("--listen", options.listen, "Address to serve on")
      ->check(check_with(config::parse_listen_address))
      ->capture_default_str();
  option("--profile", options.profile, "Profile of /v1; each is also under /<profile>/v1")
      ->check(check_with(sim::find_profile))
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

base::Result<RulesOptions::Format> parse_rules_format(const std::string& text) {
  if (text == "plain") {
    return RulesOptions::Format::plain;
  }
  if (text == "manifest") {
    return RulesOptions::Format::manifest;
  }
  return base::fail("expected plain or manifest");
}

CLI::App* add_rules(CLI::App& app, RulesOptions& options) {
  CLI::App* rules = app.add_subcommand(
      "rules", "Print Prometheus recording rules and alerts of the configured SLOs");
  rules
      ->add_option("--config.file", options.config_file,
                   "Configuration file, or - for standard input")
      ->capture_default_str()
      ->type_name("");
  add_parsed(*rules, "--format", options.format, parse_rules_format,
             "plain, a rule file, or manifest, a PrometheusRule of the operator (plain)");
  rules
      ->add_option("--runbook-url", options.runbook_url,
                   "Where docs/alerting.md is, for the alerts' runbook_url")
      ->capture_default_str()
      ->type_name("");
  return rules;
}

CLI::App* add_demo(CLI::App& app, DemoOptions& options) {
  CLI::App* demo = app.add_subcommand("demo", "Run daemon and simulator, and show a live table");
  demo->add_option("--web.listen-address", options.listen, "Address to serve on")
      ->check(check_with(config::parse_listen_address))
      ->capture_default_str()
      ->type_name("");
  add_parsed(*demo, "--run-for", options.run_for, base::parse_duration,
             "End after this time (never)");
  return demo;
}

CLI::App* add_healthcheck(CLI::App& app, HealthcheckOptions& options) {
  CLI::App* healthcheck = app.add_subcommand(
      "healthcheck", "Ask a daemon whether it is well, as a container's health check does");
  healthcheck->add_option("--url", options.url, "Where to ask")
      ->capture_default_str()
      ->type_name("");
  add_parsed(*healthcheck, "--timeout", options.timeout, base::parse_duration,
             "How long the answer may take (5s)");
  healthcheck
      ->add_option("--tls.ca-file", options.ca_file,
                   "Certificate authorities to trust instead of the system's")
      ->type_name("");
  healthcheck->add_flag("--tls.insecure-skip-verify", options.insecure,
                        "Do not verify the server, as where its certificate is for another name");
  return healthcheck;
}

/// A text that is generated from the command line, in place of running anything. Named as
/// Prometheus' own programs name theirs, and hidden from the help as there.
struct GeneratedText {
  const char* flag;
  std::string (*make)(const std::vector<help::CommandHelp>&);
};

std::string to_manual(const std::vector<help::CommandHelp>& commands) {
  return help::to_manual(commands, base::build_info().version);
}

constexpr std::array k_generated_texts{
    GeneratedText{"--help-man", &to_manual},
    GeneratedText{"--completion-script-bash", &help::to_bash_completion},
    GeneratedText{"--completion-script-zsh", &help::to_zsh_completion},
    GeneratedText{"--completion-script-fish", &help::to_fish_completion},
};

/// Declares the flags of the generated texts; the one that is given is put into `chosen`.
void add_generated_texts(CLI::App& app, const GeneratedText*& chosen) {
  for (const GeneratedText& each : k_generated_texts) {
    app.add_flag_callback(each.flag, [&chosen, &each] { chosen = &each; })->group("");
  }
}

std::string version_text() {
  const base::BuildInfo build = base::build_info();
  return fmt::format("inferometer, version {} (branch: {}, revision: {})", build.version,
                     build.branch, build.revision);
}

/// The command that the arguments lead to: `app` itself, or a subcommand of it.
const CLI::App& parsed_command(const CLI::App& app) {
  const auto subcommands = app.get_subcommands();
  return subcommands.empty() ? app : *subcommands.front();
}

/// The error about the first argument that is unknown.
std::string describe_unknown(const CLI::App& app) {
  const std::vector<std::string> arguments = app.remaining(true);
  const std::string argument = arguments.empty() ? "" : arguments.front();
  const CLI::App& command = parsed_command(app);
  std::vector<std::string> names;
  const bool is_flag = argument.starts_with('-');
  if (is_flag) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        names.push_back("--" + name);
      }
    }
  } else {
    for (const CLI::App* subcommand : command.get_subcommands([](auto*) { return true; })) {
      names.push_back(subcommand->get_name());
    }
  }
  const std::string word = argument.substr(0, is_flag ? argument.find('=') : argument.npos);
  if (names.empty()) {
    return fmt::format("unexpected argument {}", config::quote(word));
  }
  return fmt::format(
      "unknown {} {}: {}", is_flag ? "flag" : "command", config::quote(word),
      config::suggest(word, is_flag ? "flags" : "commands", {names.begin(), names.end()}));
}

/// Prints what CLI11 says about an ending, and gives the exit status.
int end(const CLI::App& app, const CLI::ParseError& ending) {
  if (ending.get_exit_code() == 0) {  // --help and --version
    std::ostringstream text;
    app.exit(ending, text, text);
    return print(text.str()) ? k_exit_ok : k_exit_failure;
  }
  const bool unknown = dynamic_cast<const CLI::ExtrasError*>(&ending) != nullptr;
  std::fprintf(stderr, "inferometer: %s\nRun with --help for more information.\n",
               unknown ? describe_unknown(app).c_str() : ending.what());
  return k_exit_usage;
}

}  // namespace

std::variant<Command, int> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Inferometer: measures the latency of LLM APIs and exports it to Prometheus.",
               "inferometer");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(0, 1);
  app.formatter(std::make_shared<HelpFormatter>());
  app.get_formatter()->column_width(38);

  DaemonOptions daemon;
  ProbeOptions probe;
  SimOptions sim;
  SelftestOptions selftest;
  RulesOptions rules;
  DemoOptions demo;
  HealthcheckOptions healthcheck;
  add_daemon_flags(app, daemon);
  const CLI::App* probe_command = add_probe(app, probe);
  const CLI::App* sim_command = add_sim(app, sim);
  const CLI::App* selftest_command = add_selftest(app, selftest);
  const CLI::App* rules_command = add_rules(app, rules);
  const CLI::App* demo_command = add_demo(app, demo);
  const CLI::App* healthcheck_command = add_healthcheck(app, healthcheck);
  const GeneratedText* generated = nullptr;
  add_generated_texts(app, generated);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& ending) {
    return end(app, ending);
  }
  if (generated != nullptr) {
    return print(generated->make(help::describe(app))) ? k_exit_ok : k_exit_failure;
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
  if (rules_command->parsed()) {
    return Command(rules);
  }
  if (demo_command->parsed()) {
    return Command(demo);
  }
  if (healthcheck_command->parsed()) {
    return Command(healthcheck);
  }
  return Command(daemon);
}

}  // namespace inferometer::cli
