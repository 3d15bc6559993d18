#pragma once

#include "sim/model/behaviour.hpp"

namespace inferometer::sim {

/// Makes `behaviour` that of the servers that speak the dialect: the dialect itself, and the
/// settings that stand for the rest of it, each of which may be set otherwise afterwards.
/// Source: wire-protocols §1 and §3.
void adopt_dialect(Behaviour& behaviour, Dialect dialect);

/// The parts of its counts that a usage object of chat completions names.
struct UsageParts {
  bool cached_input = true;
  bool reasoning = true;
};

/// What servers of the behaviour's dialect name, unless `usage_details` says otherwise. vLLM and
/// SGLang name cached input only if started with a flag.
[[nodiscard]] UsageParts usage_parts(const Behaviour& behaviour);

}  // namespace inferometer::sim
