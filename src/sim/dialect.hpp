#pragma once

#include "sim/behaviour.hpp"

namespace inferometer::sim {

/// Makes `behaviour` that of the servers that speak the dialect: the dialect itself, and the
/// settings that stand for the rest of it, each of which may be set otherwise afterwards.
/// Source: wire-protocols §1 and §3.
void adopt_dialect(Behaviour& behaviour, Dialect dialect);

}  // namespace inferometer::sim
