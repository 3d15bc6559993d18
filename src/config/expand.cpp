#include "config/expand.hpp"

#include "config/context_fit.hpp"
#include "config/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::config {
namespace {

std::size_t text_size(const SecretRef& secret) {
  return secret.name.size();
}

struct AuthSize {
  std::size_t operator()(const std::monostate& /*none*/) const { return 0; }
  std::size_t operator()(const BearerAuth& auth) const { return text_size(auth.token); }
  std::size_t operator()(const HeaderAuth& auth) const {
    return auth.name.size() + text_size(auth.value);
  }
  std::size_t operator()(const ApiKeyAuth& auth) const { return text_size(auth.key); }
  std::size_t operator()(const GoogleAuth& auth) const { return auth.service_account_file.size(); }
  std::size_t operator()(const AwsAuth& auth) const {
    return auth.region.size() + text_size(auth.access_key_id) + text_size(auth.secret_access_key) +
           (auth.session_token ? text_size(*auth.session_token) : 0);
  }
  std::size_t operator()(const GoogleMetadataAuth& auth) const { return auth.url.size(); }
  std::size_t operator()(const GoogleExternalAccountAuth& auth) const { return auth.file.size(); }
  std::size_t operator()(const AwsWebIdentityAuth& auth) const {
    return auth.region.size() + auth.role_arn.size() + auth.token_file.size() +
           auth.session_name.size() + auth.sts_url.size();
  }
  std::size_t operator()(const AwsPodIdentityAuth& auth) const {
    return auth.region.size() + auth.url.size() + (auth.token ? text_size(*auth.token) : 0);
  }
  std::size_t operator()(const AwsInstanceAuth& auth) const {
    return auth.region.size() + auth.url.size();
  }
  std::size_t operator()(const AzureManagedIdentityAuth& auth) const {
    return auth.resource.size() + auth.client_id.size() + auth.url.size() +
           (auth.header ? text_size(*auth.header) : 0);
  }
  std::size_t operator()(const AzureWorkloadIdentityAuth& auth) const {
    return auth.resource.size() + auth.client_id.size() + auth.tenant_id.size() +
           auth.token_file.size() + auth.authority.size();
  }
  std::size_t operator()(const OAuth2Auth& auth) const {
    return auth.token_url.size() + auth.client_id.size() + auth.scope.size() +
           text_size(auth.client_secret);
  }
};

std::size_t text_size(const Tls& tls) {
  return tls.ca_file.size() + tls.cert_file.size() + tls.key_file.size() + tls.server_name.size();
}

std::size_t text_size(const std::map<std::string, std::string>& values) {
  std::size_t size = 0;
  for (const auto& [name, value] : values) {
    size += name.size() + value.size();
  }
  return size;
}

std::size_t text_size(const ServerMetrics& metrics) {
  return metrics.url.size() + std::visit(AuthSize(), metrics.auth) + text_size(metrics.headers) +
         (metrics.tls ? text_size(*metrics.tls) : 0);
}

/// The text that each target copies of its provider, in bytes. Models are no part of it.
std::size_t text_size(const Provider& provider) {
  std::size_t size = provider.base_url.size() + provider.proxy.url.size() +
                     provider.proxy.username.size() + provider.proxy.no_proxy.size() +
                     text_size(provider.tls);
  size += std::visit(AuthSize(), provider.auth);
  size += provider.proxy.password ? text_size(*provider.proxy.password) : 0;
  size += provider.server_metrics ? text_size(*provider.server_metrics) : 0;
  return size + text_size(provider.headers) + text_size(provider.query) +
         text_size(provider.labels);
}

/// The same of its workload. Prompts are no part of it: all copies share them.
std::size_t text_size(const Workload& workload) {
  return workload.expect.regex.size() +
         (workload.prompt_file ? workload.prompt_file->path.size() : 0) +
         (workload.system_prompt_file ? workload.system_prompt_file->path.size() : 0);
}

constexpr std::size_t k_most_combinations = 10'000;
constexpr std::size_t k_most_target_text = std::size_t{64} * 1024 * 1024;

/// A provider that an entry names, and where it does.
struct ChosenProvider {
  const Provider* provider = nullptr;
  const Index<Model>* models = nullptr;
  Mark mark;
};

/// Targets of one entry that an entry before it has already.
struct Repeats {
  std::size_t count = 0;
  TargetKey first;
};

/// A target, and the line where its entry begins.
struct Placed {
  Target target;
  int line = 0;
};

class Expansion {
 public:
  Expansion(const std::vector<Provider>& providers, const std::vector<Workload>& workloads,
            Problems& problems)
      : m_providers(make_index(providers)),
        m_workloads(make_index(workloads)),
        m_problems(problems) {
    for (const Provider& provider : providers) {
      m_models.emplace(&provider, make_index(provider.models));
    }
  }

  void add(const ProbeEntry& entry) {
    const std::vector<ChosenProvider> choices = choose_providers(entry);
    const std::vector<const Workload*> workloads = choose_workloads(entry);
    if (!fits(entry, choices, workloads)) {
      return;
    }
    m_is_complete = m_is_complete && entry.is_complete && !choices.empty() && !workloads.empty() &&
                    choices.size() == entry.providers.size() &&
                    workloads.size() == entry.workloads.size();
    const bool has_known_model = check_models(entry, choices);
    Repeats repeats;
    for (const ChosenProvider& choice : choices) {
      const std::vector<const Model*> models = choose_models(entry, choice);
      if (models.empty() && has_known_model && !choice.models->empty()) {
        m_problems.add(choice.mark,
                       fmt::format("provider {} has none of the models of this probe",
                                   quote(choice.provider->name)),
                       "take it out, or name one of its models");
      }
      m_is_complete = m_is_complete && !models.empty();
      add_targets(entry, *choice.provider, models, workloads, repeats);
    }
    report(repeats, entry.mark);
  }

  Expanded take() {
    Expanded expanded{.targets = {}, .is_complete = m_is_complete && !m_is_over};
    expanded.targets.reserve(m_targets.size());
    for (auto& [key, placed] : m_targets) {
      expanded.targets.push_back(std::move(placed.target));
    }
    return expanded;
  }

 private:
  std::vector<ChosenProvider> choose_providers(const ProbeEntry& entry) const {
    std::vector<ChosenProvider> choices;
    for (const Reference& reference : entry.providers) {
      if (const auto found = m_providers.find(reference.name); found != m_providers.end()) {
        choices.push_back({found->second, &m_models.at(found->second), reference.mark});
      } else {
        report_unknown(reference, "provider", m_providers, m_problems);
      }
    }
    return choices;
  }

  std::vector<const Workload*> choose_workloads(const ProbeEntry& entry) const {
    std::vector<const Workload*> workloads;
    for (const Reference& reference : entry.workloads) {
      if (const auto found = m_workloads.find(reference.name); found != m_workloads.end()) {
        workloads.push_back(found->second);
      } else {
        report_unknown(reference, "workload", m_workloads, m_problems);
      }
    }
    return workloads;
  }

  static std::vector<const Model*> choose_models(const ProbeEntry& entry,
                                                 const ChosenProvider& choice) {
    std::vector<const Model*> models;
    if (!entry.models) {
      for (const Model& model : choice.provider->models) {
        models.push_back(&model);
      }
      return models;
    }
    for (const Reference& reference : *entry.models) {
      if (const auto found = choice.models->find(reference.name); found != choice.models->end()) {
        models.push_back(found->second);
      }
    }
    return models;
  }

  /// Counts the combinations that the entry names, whether they exist or not, and the text that
  /// they copy: they bound both the targets and the work to find them. Reports the first entry that
  /// goes too far.
  bool fits(const ProbeEntry& entry, const std::vector<ChosenProvider>& choices,
            const std::vector<const Workload*>& workloads) {
    if (m_is_over) {
      return false;
    }
    std::size_t workloads_text = 0;
    for (const Workload* workload : workloads) {
      workloads_text += text_size(*workload);
    }
    for (const ChosenProvider& choice : choices) {
      const std::size_t models = entry.models ? entry.models->size() : choice.models->size();
      const std::size_t combinations = models * std::max<std::size_t>(workloads.size(), 1);
      m_combinations += combinations;
      m_text += combinations * text_size(*choice.provider) + models * workloads_text;
    }
    m_is_over = m_combinations > k_most_combinations || m_text > k_most_target_text;
    if (m_is_over) {
      m_problems.add(
          entry.mark,
          m_combinations > k_most_combinations
              ? fmt::format("the probes name more than {} combinations of provider, model and "
                            "workload",
                            k_most_combinations)
              : fmt::format("the settings of the probes' providers and workloads, one copy for "
                            "each combination, hold more than {} bytes",
                            k_most_target_text),
          "split the file over several daemons");
    }
    return !m_is_over;
  }

  /// Reports models that no provider of the entry has; says whether one of them has any.
  bool check_models(const ProbeEntry& entry, const std::vector<ChosenProvider>& choices) {
    // What an unknown provider, or one with a refused list of models, has is not known.
    const bool is_certain =
        choices.size() == entry.providers.size() &&
        std::none_of(choices.begin(), choices.end(),
                     [](const ChosenProvider& choice) { return choice.models->empty(); });
    bool any_known = false;
    for (const Reference& reference : entry.models.value_or(std::vector<Reference>())) {
      const bool is_known = std::any_of(
          choices.begin(), choices.end(),
          [&](const ChosenProvider& choice) { return choice.models->contains(reference.name); });
      any_known = any_known || is_known;
      m_is_complete = m_is_complete && is_known;
      if (!is_known && is_certain && !choices.empty()) {
        report_unknown(reference, "model", all_models(choices), m_problems);
      }
    }
    return any_known;
  }

  static Index<Model> all_models(const std::vector<ChosenProvider>& choices) {
    Index<Model> models;
    for (const ChosenProvider& choice : choices) {
      models.insert(choice.models->begin(), choice.models->end());
    }
    return models;
  }

  void add_targets(const ProbeEntry& entry, const Provider& provider,
                   const std::vector<const Model*>& models,
                   const std::vector<const Workload*>& workloads, Repeats& repeats) {
    Provider without_models = provider;
    without_models.models.clear();
    const Timeouts timeouts = resolve(entry.settings.timeouts);
    for (const Model* model : models) {
      for (const Workload* workload : workloads) {
        Target target{.provider = without_models,
                      .model = *model,
                      .workload = *workload,
                      .interval = entry.settings.interval,
                      .timeouts = timeouts,
                      .max_in_flight = entry.settings.max_in_flight,
                      .connection = entry.settings.connection,
                      .max_idle = entry.settings.max_idle};
        check_fit(target, entry.mark);
        TargetKey key = target.key();
        const auto [known, is_new] =
            m_targets.try_emplace(std::move(key), Placed{std::move(target), entry.mark.line});
        if (!is_new && repeats.count++ == 0) {
          repeats.first = known->first;
        }
      }
    }
  }

  void check_fit(const Target& target, Mark mark) const {
    // Only the first hundred misfits will be seen, of up to ten thousand.
    if (m_problems.is_full()) {
      return;
    }
    if (auto misfit = find_misfit(target.model, target.workload)) {
      m_problems.add(
          mark,
          fmt::format("provider {}, model {}, workload {}: {}", quote(target.provider.name),
                      quote(target.model.name), quote(target.workload.name), misfit->message),
          std::move(misfit->hint));
    }
  }

  void report(const Repeats& repeats, Mark mark) const {
    if (repeats.count == 0) {
      return;
    }
    const TargetKey& key = repeats.first;
    std::string message = fmt::format(
        "provider {}, model {}, workload {} is already probed by the entry in line {}",
        quote(key.provider), quote(key.model), quote(key.workload), m_targets.at(key).line);
    if (repeats.count > 1) {
      message += fmt::format(", and {} more of this entry are too", repeats.count - 1);
    }
    m_problems.add(mark, std::move(message), "leave each to one entry");
  }

  const Index<Provider> m_providers;
  const Index<Workload> m_workloads;
  std::map<const Provider*, Index<Model>> m_models;
  Problems& m_problems;
  std::size_t m_combinations = 0;
  std::size_t m_text = 0;
  bool m_is_over = false;     ///< an entry went over a limit
  bool m_is_complete = true;  ///< so far, all that the entries name was read and exists
  std::map<TargetKey, Placed> m_targets;
};

}  // namespace

Expanded expand(const std::vector<ProbeEntry>& entries, const std::vector<Provider>& providers,
                const std::vector<Workload>& workloads, Problems& problems) {
  Expansion expansion(providers, workloads, problems);
  for (const ProbeEntry& entry : entries) {
    expansion.add(entry);
  }
  Expanded expanded = expansion.take();
  // Without any entry, the list itself is missing or was refused.
  expanded.is_complete = expanded.is_complete && !entries.empty();
  return expanded;
}

}  // namespace inferometer::config
