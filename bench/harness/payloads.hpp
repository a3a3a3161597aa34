// The bodies that benches work on: GitHub's own examples where SIGNALBOX_OCTOKIT_EXAMPLES names
// them (npm @octokit/webhooks-examples, api.github.com/index.json; mean 9.9 KB), else this
// project's samples, which are smaller. Figures of the two are not comparable.
#pragma once

#include <string>
#include <vector>

namespace signalbox::bench {

struct Payload {
  std::string type;    // "github.pull_request.opened"
  std::string padded;  // the body, and what a parser may read behind it
  std::size_t size = 0;

  std::string_view body() const noexcept { return std::string_view{padded}.substr(0, size); }
};

// Never empty. Throws std::runtime_error where the file is not what it should be.
std::vector<Payload> load_payloads();

}  // namespace signalbox::bench
