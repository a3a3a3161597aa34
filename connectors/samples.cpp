#include "connectors/samples.hpp"

#include "connectors/samples_github.hpp"

namespace signalbox {

std::optional<Sample> make_sample(std::string_view connector, std::string_view type,
                                  std::uint64_t seed) {
  if (connector != "github") return std::nullopt;
  std::string full{type};
  if (!type.starts_with("github.")) full.insert(0, "github.");
  return make_github_sample(full, seed);
}

std::span<const std::string_view> sample_types(std::string_view connector) noexcept {
  if (connector != "github") return {};
  return github_sample_types();
}

}  // namespace signalbox
