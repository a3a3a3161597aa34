#include "store/redis/server_facts.hpp"

#include <charconv>

namespace signalbox {
namespace {

constexpr std::string_view evicting_is_refused =
    " would evict messages that were acknowledged; set maxmemory-policy noeviction";

// The value of `name:` in an INFO reply.
std::string_view info_value(std::string_view info, std::string_view name) {
  for (std::size_t at = 0; at < info.size();) {
    const std::size_t end = std::min(info.find_first_of("\r\n", at), info.size());
    const std::string_view line = info.substr(at, end - at);
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':') {
      return line.substr(name.size() + 1);
    }
    at = end + 1;
  }
  return {};
}

// The line behind the line `name`.
std::string_view config_value(std::string_view config, std::string_view name) {
  for (std::size_t at = 0; at < config.size();) {
    const std::size_t middle = std::min(config.find('\n', at), config.size());
    const std::size_t end = std::min(config.find('\n', middle + 1), config.size());
    if (config.substr(at, middle - at) == name) return config.substr(middle + 1, end - middle - 1);
    at = end + 1;
  }
  return {};
}

int number_at(std::string_view& text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{}) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with('.')) text.remove_prefix(1);
  return value;
}

bool older_than_6_2(std::string_view version) {
  const int major = number_at(version);
  const int minor = number_at(version);
  return major < 6 || (major == 6 && minor < 2);
}

}  // namespace

ServerFacts read_server_facts(std::string_view info, std::string_view config) {
  ServerFacts facts;
  facts.version = info_value(info, "redis_version");
  facts.maxmemory_policy = info_value(info, "maxmemory_policy");
  facts.append_only_file = info_value(info, "aof_enabled") == "1";
  facts.fsync = config_value(config, "appendfsync");
  facts.snapshots = config_value(config, "save");
  return facts;
}

std::optional<Error> refuse_server(const ServerFacts& facts) {
  if (facts.version.empty()) {
    return Error{Reason::store_refused,
                 "INFO tells no version of Redis: is this Redis, and may its user call INFO?"};
  }
  if (older_than_6_2(facts.version)) {
    return Error{Reason::store_refused, "Redis " + facts.version + " is too old; 6.2 is needed"};
  }
  if (!facts.maxmemory_policy.empty() && facts.maxmemory_policy != "noeviction") {
    return Error{Reason::store_refused,
                 ("maxmemory-policy " + facts.maxmemory_policy).append(evicting_is_refused)};
  }
  return std::nullopt;
}

std::string describe_durability(const ServerFacts& facts) {
  if (facts.append_only_file) {
    if (facts.fsync == "always") {
      return "append-only file, fsync always: nothing that was acknowledged is lost";
    }
    if (facts.fsync == "everysec") {
      return "append-only file, fsync everysec: a crash loses the last seconds";
    }
    if (facts.fsync == "no") {
      return "append-only file, fsync no: a crash loses what the system had not written, often 30 "
             "seconds";
    }
    return "append-only file, fsync unknown: a crash may lose seconds";
  }
  if (!facts.snapshots.empty()) {
    return "snapshots only (save " + facts.snapshots + "): a crash loses all since the last one";
  }
  return "no append-only file: a crash may lose everything";
}

}  // namespace signalbox
