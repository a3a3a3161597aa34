#include "connectors/samples/samples.hpp"

#include <array>

#include "connectors/samples/github.hpp"
#include "connectors/samples/jira.hpp"
#include "connectors/samples/linear.hpp"

namespace signalbox {
namespace {

struct Maker {
  std::string_view prefix;  // the connector's name and a dot
  std::optional<Sample> (*make)(std::string_view type, std::uint64_t seed,
                                std::optional<Time> sent);
  std::span<const std::string_view> (*types)() noexcept;
};

// GitHub signs no time, so its samples need not be of now.
std::optional<Sample> make_github(std::string_view type, std::uint64_t seed, std::optional<Time>) {
  return make_github_sample(type, seed);
}

constexpr std::array<Maker, 3> makers{{{"github.", make_github, github_sample_types},
                                       {"jira.", make_jira_sample, jira_sample_types},
                                       {"linear.", make_linear_sample, linear_sample_types}}};

const Maker* find_maker(std::string_view connector) noexcept {
  for (const Maker& maker : makers) {
    if (maker.prefix.substr(0, maker.prefix.size() - 1) == connector) return &maker;
  }
  return nullptr;
}

}  // namespace

std::optional<Sample> make_sample(std::string_view connector, std::string_view type,
                                  std::uint64_t seed, std::optional<Time> sent) {
  const Maker* maker = find_maker(connector);
  if (maker == nullptr) return std::nullopt;
  std::string full{type};
  if (!type.starts_with(maker->prefix)) full.insert(0, maker->prefix);
  return maker->make(full, seed, sent);
}

std::span<const std::string_view> sample_types(std::string_view connector) noexcept {
  const Maker* maker = find_maker(connector);
  return maker == nullptr ? std::span<const std::string_view>{} : maker->types();
}

}  // namespace signalbox
