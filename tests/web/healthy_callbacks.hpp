#pragma once

#include "web/callbacks.hpp"

#include <string>
#include <utility>

namespace inferometer::web::test {

/// Callbacks of a daemon with two targets at which all is well.
inline Callbacks healthy_callbacks() {
  Callbacks callbacks;
  callbacks.metrics = [] { return std::string("up 1\n"); };
  callbacks.targets = [] {
    return std::vector<config::TargetKey>{{"openai", "gpt-4o", "chat"},
                                          {"openai", "gpt-4o", "long"},
                                          {"openai", "o3", "chat"},
                                          {"vllm", "meta/Llama 3", "chat"}};
  };
  callbacks.probe = [](const config::TargetKey& target, bool debug) {
    return base::Result<std::string>(target.provider + " " + target.model + " " + target.workload +
                                     (debug ? " debug\n" : "\n"));
  };
  callbacks.readiness = [] { return base::Result<void>(); };
  callbacks.reload = [] { return base::Result<void>(); };
  callbacks.redacted_config = [] { return std::string("providers: []\n"); };
  callbacks.status = [] { return Status{"1.2.3", {}, {}}; };
  return callbacks;
}

}  // namespace inferometer::web::test
