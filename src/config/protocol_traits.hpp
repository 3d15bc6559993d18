#pragma once

#include <string>

namespace inferometer::config {

/// What a configuration must know of a protocol that it names.
struct ProtocolTraits {
  std::string name;
  bool takes_ignore_eos = false;
};

}  // namespace inferometer::config
