// The configuration of a worker under test, changed as a reload would change it.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "gateway/worker/runtime.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox::test {

// From now on; of what was composed before only the runtime is another.
inline void change_configuration(WorkerFixture& fixture,
                                 const std::function<void(Config&)>& change) {
  auto config = std::make_shared<Config>(*fixture.worker->runtime->config);
  change(*config);
  fixture.worker->runtime = std::make_shared<const Runtime>(std::move(config));
}

inline void use_rules(Config& config, const std::string& yaml) {
  const RuleFile file{"rules.yaml", yaml};
  auto loaded = RuleSet::load({&file, 1}, recipients_of(config), config.site);
  if (!loaded.rules) throw std::runtime_error(to_string(loaded.diagnostics.front()));
  config.rules = std::move(loaded.rules);
}

}  // namespace signalbox::test
