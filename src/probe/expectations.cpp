#include "probe/expectations.hpp"

#include <utility>

namespace inferometer::probe {

using base::Result;

void Expectations::keep(const std::vector<config::Target>& targets) {
  std::map<Key, std::shared_ptr<const Expectation>> compiled;
  for (const config::Target& target : targets) {
    const config::Expectation& expect = target.workload.expect;
    const Key key{expect.regex, expect.json};
    if (!compiled.contains(key)) {
      if (auto expectation = get(expect); expectation && *expectation != nullptr) {
        compiled.emplace(key, *std::move(expectation));
      }
    }
  }
  const base::LockGuard lock(m_mutex);
  m_compiled = std::move(compiled);
}

Result<std::shared_ptr<const Expectation>> Expectations::get(
    const config::Expectation& config) const {
  if (config == config::Expectation()) {
    return nullptr;
  }
  {
    const base::LockGuard lock(m_mutex);
    if (const auto found = m_compiled.find({config.regex, config.json});
        found != m_compiled.end()) {
      return found->second;
    }
  }
  return Expectation::compile(config).map([](Expectation compiled) {
    return std::make_shared<const Expectation>(std::move(compiled));
  });
}

}  // namespace inferometer::probe
