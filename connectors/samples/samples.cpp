#include "connectors/samples/samples.hpp"

#include <algorithm>
#include <array>

#include "connectors/samples/sample_maker.hpp"

namespace signalbox {
namespace {

#define SIGNALBOX_POINT_TO(name) &name##_samples,
constexpr auto makers = std::to_array<const SampleMaker*>({SIGNALBOX_SAMPLES(SIGNALBOX_POINT_TO)});
#undef SIGNALBOX_POINT_TO

const SampleMaker* find_maker(std::string_view connector) noexcept {
  const auto* const found = std::ranges::find(makers, connector, &SampleMaker::connector);
  return found == makers.end() ? nullptr : *found;
}

}  // namespace

std::optional<Sample> make_sample(std::string_view connector, std::string_view type,
                                  std::uint64_t seed, std::optional<Time> sent) {
  const SampleMaker* maker = find_maker(connector);
  if (maker == nullptr) return std::nullopt;
  const std::string prefix = std::string{connector} + ".";
  return maker->make(type.starts_with(prefix) ? std::string{type} : prefix + std::string{type},
                     seed, sent);
}

std::span<const std::string_view> sample_types(std::string_view connector) noexcept {
  const SampleMaker* maker = find_maker(connector);
  return maker == nullptr ? std::span<const std::string_view>{} : maker->types;
}

std::string_view first_sample_type(std::string_view connector) noexcept {
  const SampleMaker* maker = find_maker(connector);
  return maker == nullptr ? std::string_view{} : maker->first_type;
}

}  // namespace signalbox
