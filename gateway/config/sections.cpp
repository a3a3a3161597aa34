// The configuration as a whole, and its small sections. Those of listeners, parties and Redis have
// files of their own.
#include "gateway/config/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

namespace signalbox {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t threads_max = 256;
constexpr std::size_t name_chars_max = 63;

constexpr std::array<std::string_view, 4> log_levels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 4> log_formats{"auto", "text", "logfmt", "json"};

void read_mailboxes(YamlFile& file, const YAML::Node& node, Config& config) {
  YamlMapping section{file, node, "mailboxes"};
  read_within(file, section.take("visibility"), "mailboxes.visibility", seconds{1}, hours{12},
              config.visibility);
  read_count(file, section.take("max_deliveries"), "mailboxes.max_deliveries", 1, 1000,
             config.max_deliveries);
  read_count(file, section.take("max_messages"), "mailboxes.max_messages", 1, 10'000'000,
             config.mailbox_max);
  read_size(file, section.take("max_bytes"), "mailboxes.max_bytes", mib, 1024 * 1024 * mib,
            config.mailbox_bytes_max);
  section.finish();
}

void read_spool(YamlFile& file, const YAML::Node& node, Config& config) {
  YamlMapping section{file, node, "spool"};
  if (section.defined()) config.spool_max_bytes = 256 * mib;
  read_size(file, section.take("max_bytes"), "spool.max_bytes", mib, 1024 * 1024 * mib,
            config.spool_max_bytes);
  section.finish();
}

// One of four words; `into` keeps its default where there is none, or a wrong one.
void read_word(YamlFile& file, const YAML::Node& node, std::string_view key, std::string_view code,
               const std::array<std::string_view, 4>& words, std::string& into) {
  if (!node.IsDefined()) return;
  const auto text = file.text(node, key);
  if (!text) return;
  if (std::find(words.begin(), words.end(), *text) == words.end()) {
    file.error(node, code,
               fmt::format("{} must be {}, {}, {} or {}{}", key, words[0], words[1], words[2],
                           words[3], did_you_mean(*text, words)));
    return;
  }
  into = *text;
}

// Only where others can take over is there a balancer that must notice first: a gateway with a
// Redis of its own is alone.
void read_drain(YamlFile& file, const YAML::Node& timeout, const YAML::Node& node, Config& config) {
  read_within(file, timeout, "drain_timeout", Milliseconds{0}, minutes{10}, config.drain_timeout);
  const Milliseconds most = config.drain_timeout / 2;
  config.drain_delay =
      config.redis.embedded ? seconds{0} : std::min<Milliseconds>(seconds{5}, most);
  YamlMapping section{file, node, "drain"};
  const YAML::Node delay = section.take("delay");
  read_within(file, delay, "drain.delay", Milliseconds{0}, minutes{5}, config.drain_delay);
  section.finish();
  if (config.drain_delay > most) {
    file.error(delay, "out-of-range",
               "drain.delay must be at most half of drain_timeout, which it is a part of");
  }
}

void read_log(YamlFile& file, const YAML::Node& node, Config& config) {
  YamlMapping section{file, node, "log"};
  const YAML::Node level = section.take("level");
  const YAML::Node format = section.take("format");
  section.finish();
  read_word(file, level, "log.level", "unknown-level", log_levels, config.log_level);
  read_word(file, format, "log.format", "unknown-format", log_formats, config.log_format);
}

// The file stands in `data_dir` unless its path is absolute.
void read_audit(YamlFile& file, const YAML::Node& node, Config& config) {
  YamlMapping section{file, node, "audit"};
  if (!section.defined()) return;
  const YAML::Node path = section.need("file");
  read_size(file, section.take("max_bytes"), "audit.max_bytes", mib, 1024 * 1024 * mib,
            config.audit_max_bytes);
  section.finish();
  if (!path.IsDefined()) return;
  const auto text = file.text(path, "audit.file");
  if (text && text->empty()) {
    file.error(path, "wrong-type", "audit.file must not be empty");
  } else if (text) {
    const auto whole = std::filesystem::path{config.data_dir} / *text;
    config.audit_file = whole.lexically_normal().string();
  }
}

void read_site(YamlFile& file, const YAML::Node& node, Config& config) {
  if (!node.IsDefined()) return;
  const auto text = file.text(node, "site");
  if (text && !is_config_name(*text)) {
    file.error(node, "wrong-name", fmt::format("site must match {}", config_name_form()));
  }
  config.site = text.value_or("");
}

void read_data_dir(YamlFile& file, const YAML::Node& node, const YAML::Node& root, Config& config) {
  const auto text =
      node.IsDefined() ? file.text(node, "data_dir") : std::optional<std::string>{"signalbox-data"};
  if (!text || text->empty()) {
    if (text) file.error(node, "wrong-type", "data_dir must not be empty");
    return;
  }
  namespace fs = std::filesystem;
  const fs::path beside_file = fs::absolute(config.file).parent_path() / *text;
  config.data_dir = beside_file.lexically_normal().string();
  // Until 0.2 it was relative to the working directory: a gateway that then had its data there must
  // not begin anew with nothing.
  std::error_code ignored;
  const fs::path before = fs::absolute(*text).lexically_normal();
  if (before != config.data_dir && fs::exists(before / "appendonlydir", ignored) &&
      !fs::exists(config.data_dir, ignored)) {
    file.error(node.IsDefined() ? node : root, "moved",
               fmt::format("data_dir is relative to this file: {} is not there, and {} has data; "
                           "move it, or name it by its absolute path",
                           config.data_dir, before.string()));
  }
}

void set_defaults(Config& config) {
  config.threads = std::clamp(std::thread::hardware_concurrency(), 1U, threads_max);
  config.visibility = minutes{5};
  config.max_deliveries = 5;
  config.mailbox_max = 100'000;
  config.mailbox_bytes_max = 256 * mib;
  config.keep_events = hours{24 * 14};
  config.max_events = 1'000'000;
  config.max_event_bytes = 1024 * mib;
  config.drain_timeout = seconds{25};
  config.log_level = "info";
  config.audit_max_bytes = 64 * mib;
  config.log_format = "auto";
}

std::vector<RulePattern> read_rule_patterns(YamlFile& file, const YAML::Node& node) {
  std::vector<RulePattern> patterns;
  if (!node.IsDefined()) return patterns;
  if (!node.IsSequence()) {
    file.error(node, "wrong-type", "rules must be a list of files, as [rules/*.yaml]");
    return patterns;
  }
  for (const auto& element : node) {
    if (auto glob = file.text(element, "an entry of rules")) {
      patterns.push_back({std::move(*glob), element});
    }
  }
  return patterns;
}

}  // namespace

bool is_config_name(std::string_view text) noexcept {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= name_chars_max && plain(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

std::string config_name_form() {
  return fmt::format("[a-z0-9][a-z0-9_-]*, at most {} characters", name_chars_max);
}

void read_within(YamlFile& file, const YAML::Node& node, std::string_view what, Milliseconds least,
                 Milliseconds most, Milliseconds& into) {
  if (!node.IsDefined()) return;
  const auto value = file.duration(node, what);
  if (!value) return;
  if (*value < least || *value > most) {
    file.error(node, "out-of-range",
               fmt::format("{} must be from {} to {}", what, format_duration(least),
                           format_duration(most)));
    return;
  }
  into = *value;
}

void read_size(YamlFile& file, const YAML::Node& node, std::string_view what, std::uint64_t least,
               std::uint64_t most, std::uint64_t& into) {
  if (!node.IsDefined()) return;
  const auto value = file.bytes(node, what);
  if (!value) return;
  if (*value < least || *value > most) {
    file.error(node, "out-of-range",
               fmt::format("{} must be from {}KiB to {}KiB", what, least / kib, most / kib));
    return;
  }
  into = *value;
}

void refuse_keys(YamlFile& file, YamlMapping& mapping,
                 std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const YAML::Node node = mapping.take(key); node.IsDefined()) {
      file.error(node, "not-supported", fmt::format("'{}' is not supported by this version", key));
    }
  }
}

std::vector<RulePattern> read_sections(YamlFile& file, const YAML::Node& root,
                                       SecretReader& secrets, Config& config) {
  set_defaults(config);
  YamlMapping top{file, root, "the configuration"};
  read_site(file, top.need("site"), config);
  read_count(file, top.take("threads"), "threads", 1, threads_max, config.threads);
  read_listeners(file, top.take("hooks"), top.take("api"), secrets, config);
  read_redis(file, top.need("redis"), secrets, config);
  read_data_dir(file, top.take("data_dir"), root, config);
  read_sources(file, top.take("sources"), secrets, config);
  read_agents(file, top.take("agents"), secrets, config);
  read_operators(file, top.take("operators"), secrets, config);
  read_monitoring(file, top.take("monitoring"), secrets, config);
  auto patterns = read_rule_patterns(file, top.take("rules"));
  read_mailboxes(file, top.take("mailboxes"), config);
  YamlMapping events{file, top.take("events"), "events"};
  read_within(file, events.take("keep"), "events.keep", minutes{1}, hours{24 * 365},
              config.keep_events);
  read_count(file, events.take("max_events"), "events.max_events", 100, 1'000'000'000,
             config.max_events);
  read_size(file, events.take("max_bytes"), "events.max_bytes", mib, 1024 * 1024 * mib,
            config.max_event_bytes);
  events.finish();
  read_drain(file, top.take("drain_timeout"), top.take("drain"), config);
  read_spool(file, top.take("spool"), config);
  read_log(file, top.take("log"), config);
  read_audit(file, top.take("audit"), config);
  top.finish();
  check_listeners_differ(file, root, config);
  return patterns;
}

}  // namespace signalbox
