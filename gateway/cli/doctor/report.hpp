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
// Says whether the addresses of the listeners could be taken; of use where nobody answers.
void examine_ports(DoctorReport& report, const Config& config);
// Warns of what the kernel does to a Redis of this machine that holds `used_bytes`.
void examine_kernel(DoctorReport& report, std::uint64_t used_bytes);

// redis.cpp: the store, asked directly; at most `doctor_redis_timeout`.
inline constexpr std::chrono::seconds doctor_redis_timeout{5};
void examine_redis(DoctorReport& report, const Config& config);

// gateway.cpp: the running gateway, its rules and mailboxes. `config` may be null.
void examine_gateway(DoctorReport& report, Invocation& invocation, const Installation& installation,
                     const std::shared_ptr<const Config>& config);

// The rest grade by a figure alone, wherever that is from.

inline constexpr std::uint64_t room_bytes_bad = std::uint64_t{128} << 20U;  // less is bad
inline constexpr std::uint64_t room_bytes_warning = std::uint64_t{1} << 30U;
void examine_room(DoctorReport& report, const std::string& directory, std::uint64_t free_bytes,
                  bool takes_files);

// Warns beyond 80 % of `most_bytes`, and finds more than 95 % bad; 0 stands for no limit.
void examine_memory(DoctorReport& report, std::uint64_t used_bytes, std::uint64_t most_bytes);

inline constexpr std::chrono::hours certificate_warning{14 * 24};  // with less time left
void examine_expiry(DoctorReport& report, const std::string& check, Time expiry, Time now,
                    const std::string& certificate);

// Warns from a second on, and finds a minute bad. `ahead` is how far the other clock is before
// ours.
void examine_clock(DoctorReport& report, const std::string& check, const std::string& whose,
                   Milliseconds ahead, Milliseconds precision);

}  // namespace signalbox
