#include "gateway/worker/reloader.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "event/text_list.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

void add_fingerprint(std::string& text, const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) {
    text += fmt::format("{} -\n", path);
    return;
  }
  text += fmt::format("{} {} {} {} {}.{}\n", path, facts.st_dev, facts.st_ino, facts.st_size,
                      facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

std::string fingerprint(const ConfigInputs& inputs) {
  std::string text;
  for (const std::string& path : inputs.files) add_fingerprint(text, path);
  for (const std::string& pattern : inputs.patterns) {
    for (const std::string& path : expand_pattern(pattern)) add_fingerprint(text, path);
  }
  return text;
}

void add_inputs(ConfigInputs& to, const ConfigInputs& from) {
  add_missing(to.files, from.files);
  add_missing(to.patterns, from.patterns);
}

std::string first_error(const LoadedConfig& loaded) {
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity == Severity::error) return to_string(diagnostic);
  }
  return "the configuration is wrong";
}

}  // namespace

Reloader::Reloader(Load load, ConfigInputs inputs, Publish publish, Milliseconds interval)
    : load_{std::move(load)},
      inputs_{std::move(inputs)},
      publish_{std::move(publish)},
      interval_{interval},
      seen_{fingerprint(inputs_)} {
  status_.loaded = SystemClock{}.now();
}

void Reloader::start() {
  thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
}

void Reloader::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::uint64_t Reloader::request(std::string why) {
  std::uint64_t attempt = 0;
  {
    const std::lock_guard lock{mutex_};
    requested_ = std::move(why);
    attempt = status_.attempts() + (under_way_ ? 2 : 1);
  }
  wake_.notify_all();
  return attempt;
}

Reloader::Status Reloader::status() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

void Reloader::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    const auto why = next_reason(stopping);
    if (stopping.stop_requested()) return;
    if (why) reload(*why);
    if (on_tick) on_tick();
  }
}

// Waits for a request, until it is time to look at the files.
std::optional<std::string> Reloader::next_reason(const std::stop_token& stopping) {
  {
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stopping, interval_, [this] { return requested_.has_value(); });
    if (requested_) return std::exchange(requested_, std::nullopt);
  }
  if (stopping.stop_requested() || !files_changed()) return std::nullopt;
  return "a file changed";
}

bool Reloader::files_changed() {
  std::string now = fingerprint(inputs_);
  if (now == seen_) {
    pending_.clear();
    return false;
  }
  if (now == pending_) return true;
  pending_ = std::move(now);
  return false;
}

void Reloader::reload(const std::string& why) {
  log_line(Severity::info, "reload", {{"why", why}});
  {
    const std::lock_guard lock{mutex_};
    under_way_ = true;
  }
  // Before reading: a change that comes while we read is seen the next time.
  std::string before = fingerprint(inputs_);
  const LoadedConfig loaded = load_();
  std::optional<std::string> refused;
  if (loaded.config) refused = publish_(loaded.config);
  ConfigInputs inputs = loaded.inputs;
  if (!loaded.config || refused) add_inputs(inputs, inputs_);  // the way back is watched, too
  const bool same_files = inputs == inputs_;
  inputs_ = std::move(inputs);
  seen_ = same_files ? std::move(before) : fingerprint(inputs_);
  pending_.clear();
  report(loaded, refused);
}

void Reloader::report(const LoadedConfig& loaded, const std::optional<std::string>& refused) {
  std::vector<std::string> findings;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (findings.size() == reported_max) break;
    findings.push_back(to_string(diagnostic));
    log_line(diagnostic.severity, "configuration", {{"detail", findings.back()}});
  }
  const bool good = loaded.config && !refused;
  const std::string failure = good ? "" : refused.value_or(first_error(loaded));
  if (good) {
    log_line(Severity::info, "reloaded",
             {{"rules", std::to_string(loaded.config->rules->rules().size())},
              {"ruleset", loaded.config->rules->digest()}});
    for (const SetAside& aside : loaded.config->set_aside) {
      log_line(Severity::error, "rule file set aside",
               {{"file", aside.file},
                {"owner", aside.owner},
                {"detail", aside.why},
                {"effect", aside.earlier ? "its last good version is in use"
                                         : "none of its rules is in use"}});
    }
  } else {
    log_line(Severity::error, "reload failed",
             {{"detail", failure}, {"effect", "the configuration in use stays"}});
  }
  const std::lock_guard lock{mutex_};
  under_way_ = false;
  (good ? status_.succeeded : status_.failed)++;
  status_.findings = std::move(findings);
  if (good) {
    status_.loaded = SystemClock{}.now();
    status_.rules = loaded.config->rules->rules().size();
    status_.ruleset = loaded.config->rules->digest();
  }
  status_.failure = failure;
}

std::string restart_needed(const Config& before, const Config& after) {
  std::string keys;
  const auto check = [&](bool same, std::string_view key) {
    if (!same) keys += fmt::format("{}{}", keys.empty() ? "" : ", ", key);
  };
  check(before.hooks.listen == after.hooks.listen, "hooks.listen");
  check(before.api.listen == after.api.listen, "api.listen");
  check(before.threads == after.threads, "threads");
  check(before.redis == after.redis, "redis");
  check(before.spool_max_bytes == after.spool_max_bytes, "spool");
  check(before.data_dir == after.data_dir, "data_dir");
  return keys;
}

}  // namespace signalbox
