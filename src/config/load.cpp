#include "config/load.hpp"

#include "config/choices.hpp"
#include "config/expand.hpp"
#include "config/names.hpp"
#include "config/read_file.hpp"
#include "config/schema.hpp"
#include "config/section/probe_entry.hpp"
#include "config/section/provider.hpp"
#include "config/section/slo.hpp"
#include "config/section/workload.hpp"
#include "config/yaml/document.hpp"
#include "config/yaml/reader.hpp"
#include "config/yaml/url_values.hpp"
#include "config/yaml/values.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace inferometer::config {
namespace {

constexpr std::size_t k_largest_configuration = std::size_t{4} * 1024 * 1024;

std::vector<std::string> read_list(const MappingReader& mapping, std::string_view key,
                                   std::string_view noun,
                                   base::Result<std::string> (*parse)(std::string_view)) {
  std::vector<std::string> items;
  Names names(noun, mapping.problems());
  mapping.each(key, [&](const Node& node) {
    std::string item;
    if (mapping.read_item(node, key, item, parse) && names.add(item, node.mark)) {
      items.push_back(std::move(item));
    }
  });
  return items;
}

Web read_web(const MappingReader& mapping) {
  Web web;
  if (mapping.find("listen") != nullptr) {
    web.listen = read_list(mapping, "listen", "address", parse_listen_address);
  }
  if (mapping.find("allowed_hosts") != nullptr) {
    web.allowed_hosts = read_list(mapping, "allowed_hosts", "host name", parse_host_name);
  }
  mapping.read("enable_probe", web.enable_probe, parse_boolean);
  mapping.read("enable_lifecycle", web.enable_lifecycle, parse_boolean);
  mapping.read("probe_requests_per_minute", web.probe_requests_per_minute,
               [](std::string_view text) { return parse_whole_number(text, 1, 1'000'000); });
  return web;
}

Trust read_trust(const MappingReader& mapping) {
  Trust trust;
  mapping.read("max_error", trust.max_error, parse_timeout);
  return trust;
}

Histograms read_histograms(const MappingReader& mapping) {
  Histograms histograms;
  mapping.read("classic", histograms.classic, parse_boolean);
  mapping.read("native", histograms.native, parse_boolean);
  mapping.read("native_schema", histograms.native_schema,
               [](std::string_view text) { return parse_choice(text, k_native_schemas); });
  if (!histograms.classic && !histograms.native) {
    mapping.problems().add(mapping.mark("native"), "classic and native are both false",
                           "leave one of them true");
  }
  return histograms;
}

/// What a package installs: all three lists are there and hold nothing. One of them that is empty
/// beside others is a mistake.
bool probes_nothing_yet(const MappingReader& file) {
  const auto holds_nothing = [&file](std::string_view key) {
    const Node* list = file.find(key);
    return list != nullptr && list->kind == Node::Kind::sequence && list->items.empty();
  };
  return holds_nothing("providers") && holds_nothing("workloads") && holds_nothing("probes") &&
         file.find("slos") == nullptr;
}

Config read_config(const Node& root, const std::filesystem::path& folder,
                   const LoadOptions& options, Problems& problems) {
  const MappingReader file(root, schema::k_file, problems);
  Config config;
  Settings defaults;
  if (const Node* node = file.find("defaults")) {
    defaults = read_settings(MappingReader(*node, schema::k_defaults, problems), defaults);
  }
  if (const Node* node = file.find("web")) {
    config.web = read_web(MappingReader(*node, schema::k_web, problems));
  }
  if (const Node* node = file.find("trust")) {
    config.trust = read_trust(MappingReader(*node, schema::k_trust, problems));
  }
  if (const Node* node = file.find("histograms")) {
    config.histograms = read_histograms(MappingReader(*node, schema::k_histograms, problems));
  }
  if (probes_nothing_yet(file)) {
    return config;
  }
  ReadProviders read = read_providers(file, options.protocols, folder, options.environment);
  config.providers = std::move(read.providers);
  config.auth_marks = std::move(read.auth_marks);
  PromptFiles prompt_files(folder);
  config.workloads = read_workloads(file, prompt_files);
  Expanded expanded =
      expand(read_probe_entries(file, defaults), config.providers, config.workloads, problems);
  config.slos = check_slos(read_slo_entries(file), config, expanded, problems);
  config.targets = std::move(expanded.targets);
  return config;
}

LoadResult fail(const Problems& problems) {
  return tl::make_unexpected(problems.sorted());
}

/// Of the whole file.
LoadResult fail(std::string message, std::string hint) {
  Problems problems;
  problems.add({}, std::move(message), std::move(hint));
  return fail(problems);
}

LoadResult fail_to_read(const base::Error& error) {
  return fail("cannot be read: " + error.message,
              "name a configuration file that this user can read");
}

bool can_be_read_once(const std::string& file_name) {
  std::error_code ignored;  // what is not there is not one of these
  return file_name == k_standard_input || std::filesystem::is_fifo(file_name, ignored);
}

}  // namespace

LoadResult load_text(std::string_view text, const std::string& file_name,
                     const LoadOptions& options) {
  Problems problems;
  const auto document = parse_document(text, options.environment, problems);
  if (!document) {
    return fail(problems);
  }
  if (document->root == nullptr || document->root->kind == Node::Kind::null) {
    problems.add({}, "is empty", "name providers, workloads and probes");
    return fail(problems);
  }
  Config config = read_config(*document->root, folder_of(file_name), options, problems);
  if (!problems.empty()) {
    return fail(problems);
  }
  config.variables = document->variables;
  return config;
}

LoadResult load_file(const std::string& file_name, const LoadOptions& options) {
  if (can_be_read_once(file_name)) {
    return fail("can be read only once, at the start", "restart to read another configuration");
  }
  const auto text = read_file(file_name, k_largest_configuration);
  if (!text) {
    return fail_to_read(text.error());
  }
  return load_text(*text, file_name, options);
}

LoadResult load_first(const std::string& file_name, const LoadOptions& options) {
  const auto content = read_file_or_pipe(file_name, k_largest_configuration);
  if (!content) {
    return fail_to_read(content.error());
  }
  return load_text(content->text, content->regular ? file_name : "", options);
}

std::string shown_name(const std::string& file_name) {
  return file_name == k_standard_input ? "<stdin>" : file_name;
}

Reloader::Reloader(std::string name, std::function<LoadResult()> load)
    : m_name(std::move(name)), m_load(std::move(load)) {}

base::Result<void> Reloader::reload() {
  const base::LockGuard loading(m_loading);
  LoadResult loaded = m_load();
  if (!loaded) {
    return base::fail(render(m_name, loaded.error()));
  }
  auto config = std::make_shared<const Config>(*std::move(loaded));
  const base::LockGuard lock(m_mutex);
  m_current.swap(config);  // the old one, if nobody holds it, goes after the lock
  return {};
}

std::shared_ptr<const Config> Reloader::current() const {
  const base::LockGuard lock(m_mutex);
  return m_current;
}

}  // namespace inferometer::config
