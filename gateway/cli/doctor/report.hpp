// What is examined by `signalbox doctor`, topic by topic. Each examination writes lines to the
// report, with what to do about whatever is not good, and never a secret. They change nothing but
// for one unnamed file that is made in data_dir and gone again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/cli/client/settings.hpp"

namespace signalbox {

enum class Grade : std::uint8_t { good, warning, bad };

std::string_view to_string(Grade grade) noexcept;

struct DoctorLine {
  std::string check;  // stable: "redis.durability", "mailbox.reviewer"
  Grade grade = Grade::good;
  std::string found;   // one line
  std::string advice;  // one line; empty only when good
};

class DoctorReport {
 public:
  void good(std::string check, std::string found);
  void warning(std::string check, std::string found, std::string advice);
  void bad(std::string check, std::string found, std::string advice);

  const std::vector<DoctorLine>& lines() const noexcept { return lines_; }
  std::size_t count(Grade grade) const noexcept;

 private:
  std::vector<DoctorLine> lines_;
};

// configuration.cpp: the configuration, its rules, secrets, files and certificates. Null
// when nothing else can be said for want of one.
std::shared_ptr<const Config> examine_configuration(DoctorReport& report,
                                                    const Installation& installation);

// machine.cpp: data_dir, descriptors, and whether somebody else listens.
void examine_machine(DoctorReport& report, const Config& config);
// Only of use where nobody answers: whether the addresses of the listeners could be taken.
void examine_ports(DoctorReport& report, const Config& config);
// What the kernel does to a Redis of this machine that holds `used_bytes`.
void examine_kernel(DoctorReport& report, std::uint64_t used_bytes);

// redis.cpp: the store, asked directly; at most `doctor_redis_timeout`.
inline constexpr std::chrono::seconds doctor_redis_timeout{5};
void examine_redis(DoctorReport& report, const Config& config);

// gateway.cpp: the running gateway, its rules and mailboxes. `config` may be null.
void examine_gateway(DoctorReport& report, Invocation& invocation, const Installation& installation,
                     const std::shared_ptr<const Config>& config);

// Warns from a second on, and finds a minute bad. `ahead` is how far the other clock is before
// ours.
void examine_clock(DoctorReport& report, const std::string& check, const std::string& whose,
                   Milliseconds ahead, Milliseconds precision);

}  // namespace signalbox
