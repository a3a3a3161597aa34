#include "connectors/samples/sample_facts.hpp"

#include <fmt/format.h>

namespace signalbox::sample {

std::int64_t Facts::id(std::uint64_t what) const {
  return static_cast<std::int64_t>(mix(what) % 4'000'000'000) + 1;
}

std::string Facts::sha(std::uint64_t what) const {
  return fmt::format("{:016x}{:016x}{:08x}", mix(what), mix(what + 1), mix(what + 2) & 0xffffffff);
}

Time Facts::start() const {
  constexpr std::chrono::sys_days begin{std::chrono::year{2026} / 1 / 5};
  return sent_.value_or(begin + std::chrono::seconds{mix(7) % 30'000'000});
}

std::string Facts::time(unsigned later) const {
  return format_time(start() + std::chrono::seconds{later});
}

std::int64_t Facts::seconds() const {
  return std::chrono::floor<std::chrono::seconds>(start().time_since_epoch()).count();
}

std::string Facts::uuid(std::uint64_t what) const {
  const std::uint64_t high = mix(what);
  const std::uint64_t low = mix(what + 0x10000);
  return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", high >> 32, high >> 16 & 0xffff,
                     high & 0xfff, low >> 48 & 0xfff, low & 0xffff'ffff'ffff);
}

std::string Facts::node(std::string_view prefix, std::uint64_t what) const {
  return fmt::format("{}_kwDOCyMjSs{:x}", prefix, mix(what) & 0xffffffff);
}

// splitmix64, as it seeds other generators: https://prng.di.unimi.it/splitmix64.c
std::uint64_t Facts::mix(std::uint64_t what) const {
  std::uint64_t z = seed_ * 0x100 + (what + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace signalbox::sample
