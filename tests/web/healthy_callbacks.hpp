#pragma once

#include "measure/make_measurement.hpp"
#include "web/callbacks.hpp"
#include "web/make_status.hpp"
#include "web/routes.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace inferometer::web::test {

/// Callbacks of a daemon with two targets and one measurement, at which all is well.
inline Callbacks healthy_callbacks() {
  Callbacks callbacks;
  callbacks.settings = [] { return std::make_shared<const config::Web>(); };
  callbacks.metrics = [](exposition::Format, const std::vector<std::string>& names) {
    std::string page = "up 1\n";
    for (const std::string& name : names) {
      page += name + " 1\n";
    }
    return page;
  };
  callbacks.targets = [] {
    return std::vector<config::TargetKey>{{"openai", "gpt-4o", "chat"},
                                          {"openai", "gpt-4o", "long"},
                                          {"openai", "o3", "chat"},
                                          {"vllm", "meta/Llama 3", "chat"}};
  };
  callbacks.probe = [](const ProbeRequest& request) {
    const config::TargetKey& target = request.target;
    return ProbeResult(target.provider + " " + target.model + " " + target.workload +
                       (request.debug ? " debug\n" : "\n"));
  };
  callbacks.measurement = [](std::string_view id) -> std::shared_ptr<const measure::Measurement> {
    auto measurement = std::make_shared<const measure::Measurement>(measure::make_success());
    return measurement->id == id ? measurement : nullptr;
  };
  callbacks.health = [] { return base::Result<void>(); };
  callbacks.readiness = [] { return base::Result<void>(); };
  callbacks.reload = [] { return base::Result<void>(); };
  callbacks.redacted_config = [] { return std::string("providers: []\n"); };
  callbacks.measurements = [] {
    return Measurements{std::make_shared<const measure::Measurement>(measure::make_success())};
  };
  callbacks.retention = [] { return Retention{}; };
  callbacks.status = [] {
    return make_status({make_target("openai", measure::Outcome::success),
                        make_target("vllm", measure::Outcome::stalled)});
  };
  return callbacks;
}

inline constexpr std::size_t k_max_probes = 2;

/// The query of /probe for one of those targets.
inline const std::string k_good_probe = "provider=openai&model=o3&workload=chat";

/// What the routes over `callbacks` answer.
inline http::Response get_from(const Callbacks& callbacks, const std::string& path,
                               const std::string& query = {}) {
  return make_routes(callbacks, k_max_probes)({"GET", path, query});
}

}  // namespace inferometer::web::test
