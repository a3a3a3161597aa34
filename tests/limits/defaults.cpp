// Times and sizes that tests elsewhere lower, since they would wait for minutes else or write
// gigabytes: here are the figures that hold where nobody gives another. What becomes of a wait that
// is too long is shown by the test beside it, with a shorter one.
#include <utility>

#include "connectors/connector.hpp"
#include "coordination/record.hpp"
#include "gateway/cli/client/api_client.hpp"
#include "store/redis/link_machine.hpp"
#include "store/redis/redis_connection.hpp"
#include "store/redis/redis_store.hpp"
#include "store/server/embedded_redis.hpp"
#include "store/spool/spool.hpp"
#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

std::string within(Milliseconds limit, std::int64_t ms) {
  return Milliseconds{ms} <= limit ? "" : "too late";
}

// connection_test: "a server that is silent for too long is given up for a new connection"
std::string silent(std::int64_t ms) { return within(ConnectionLimits{}.silence_max, ms); }
// link_machine_test: "a greeting of which not all is answered in time is given up"
std::string connecting(std::int64_t ms) { return within(LinkMachine::connect_timeout, ms); }
// backoff_test: "a back-off begins with the first pause, doubles, and stays at the longest"
std::string tried_again(std::int64_t ms) { return within(RedisStore::retry_pause_max, ms); }
std::string restarted(std::int64_t ms) { return within(EmbeddedRedis::restart_max, ms); }
// embedded_redis_test, each of them
std::string locked(std::int64_t ms) { return within(EmbeddedRedisOptions{}.lock_timeout, ms); }
std::string starting(std::int64_t ms) { return within(EmbeddedRedisOptions{}.start_timeout, ms); }
std::string loading(std::int64_t ms) { return within(EmbeddedRedisOptions{}.load_timeout, ms); }
std::string stopping(std::int64_t ms) { return within(EmbeddedRedisOptions{}.stop_timeout, ms); }
// http_client_test: "a server that is not there, says nothing or says nonsense is not reachable"
std::string calling(std::int64_t ms) { return within(call_timeout, ms); }

std::string same_send(std::int64_t ms) {
  SendCommand send;
  send.caller = "agent:coder";
  send.idempotency_key = "k";
  const Commit commit = plan_send(send, MailboxRoom{1, 1'000'000}, std::string(attempt_chars, 'x'));
  return within(std::min(commit.seen.at(0).window, commit.record.keep), ms);
}
// Of ids and of bodies, where the configuration says nothing.
std::string same_delivery(const char* connector, std::int64_t ms) {
  const Connector& provider = *find_connector(connector);
  return within(std::min(provider.deduplicate_id, provider.deduplicate_digest), ms);
}
std::string same_github(std::int64_t ms) { return same_delivery("github", ms); }
std::string same_jira(std::int64_t ms) { return same_delivery("jira", ms); }
std::string same_linear(std::int64_t ms) { return same_delivery("linear", ms); }

// spool_test: "an entry is taken up to the longest that there may be"
std::string spooled(std::int64_t bytes) {
  return std::cmp_less_equal(bytes, Spool::Sizes{}.entry_bytes_max) ? "" : "too long";
}

}  // namespace

std::span<const Limit> default_limits() {
  static constexpr Limit limits[]{
      {"store/redis/redis_connection.hpp:silence_max", 5'000, 5'001, silent, "too late"},
      {"store/redis/link_machine.hpp:connect_timeout", 2'000, 2'001, connecting, "too late"},
      {"store/redis/redis_store.hpp:retry_pause_max", 500, 501, tried_again, "too late"},
      {"store/server/embedded_redis.hpp:restart_max", 10'000, 10'001, restarted, "too late"},
      {"store/server/embedded_redis.hpp:lock_timeout", 10'000, 10'001, locked, "too late"},
      {"store/server/embedded_redis.hpp:start_timeout", 10'000, 10'001, starting, "too late"},
      {"store/server/embedded_redis.hpp:load_timeout", 600'000, 600'001, loading, "too late"},
      {"store/server/embedded_redis.hpp:stop_timeout", 10'000, 10'001, stopping, "too late"},
      {"gateway/cli/client/api_client.hpp:call_timeout", 30'000, 30'001, calling, "too late"},
      {"store/spool/spool.hpp:entry_bytes_max", 268'435'456, 268'435'457, spooled, "too long"},
      {"coordination/record.hpp:idempotency_window", 86'400'000, 86'400'001, same_send, "too late"},
      {"connectors/github/github.cpp:deduplicate_window", 259'200'000, 259'200'001, same_github,
       "too late"},
      {"connectors/jira/jira.cpp:deduplicate_window", 259'200'000, 259'200'001, same_jira,
       "too late"},
      {"connectors/linear/linear.cpp:deduplicate_window", 259'200'000, 259'200'001, same_linear,
       "too late"},
  };
  return limits;
}

}  // namespace signalbox::test
