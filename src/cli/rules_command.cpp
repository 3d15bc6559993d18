#include "cli/cli.hpp"
#include "cli/terminal/output.hpp"
#include "config/load.hpp"
#include "daemon/daemon.hpp"
#include "slo/rules.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace inferometer::cli {

void print_alert_notes(const std::string& name, const config::Config& config) {
  for (const slo::AlertNote& note : slo::alert_notes(config)) {
    fmt::print(stderr, "{}: {}: {}\n", name, note.never ? "warning" : "note", note.text);
  }
}

int run_rules(const RulesOptions& options) {
  const std::string name = config::shown_name(options.config_file);
  const auto config = config::load_first(options.config_file, daemon::load_options());
  if (!config) {
    std::fputs(config::render(name, config.error()).c_str(), stderr);
    return k_exit_usage;
  }
  if (config->slos.empty()) {
    fmt::print(stderr, "{}: there are no SLOs to write rules of: add slos\n", name);
    return k_exit_usage;
  }
  print_alert_notes(name, *config);
  const auto groups = slo::make_rules(*config, options.runbook_url);
  const std::string text = options.format == RulesOptions::Format::manifest
                               ? slo::to_manifest(groups)
                               : slo::to_rule_file(groups);
  return print(text) ? k_exit_ok : k_exit_failure;
}

}  // namespace inferometer::cli
