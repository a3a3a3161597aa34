// RedisStore: what is asked of the server itself, and what a gateway leaves there to find it again.
#include <charconv>

#include "store/redis/redis_store.hpp"
#include "store/redis/server_error.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

void append(std::string& out, const std::vector<std::string>& words) {
  CommandWriter writer{out, words.size()};
  for (const std::string& word : words) writer.add(word);
}

Error refused_with(const Reply& reply) {
  const ServerError meaning = classify(reply.text);
  const bool passes = meaning == ServerError::not_now || meaning == ServerError::script_missing;
  return Error{passes ? Reason::store_unavailable : Reason::store_refused,
               describe_server_error(reply.text)};
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// {the store's id, "<count>:<ms>" of the gateway's mark, now}, the texts empty where there is none.
Result<StoreMemory> read_memory(const Reply& reply) {
  if (reply.elements.size() != 3) return unexpected_reply("memory");
  StoreMemory memory;
  memory.store = reply.elements[0].text;
  const std::string_view mark = reply.elements[1].text;
  const std::size_t colon = mark.find(':');
  if (colon != std::string_view::npos) {
    memory.count = static_cast<std::uint64_t>(number_of(mark.substr(0, colon)));
    memory.marked = Time{Milliseconds{number_of(mark.substr(colon + 1))}};
  }
  memory.now = Time{Milliseconds{reply.elements[2].integer}};
  return memory;
}

}  // namespace

// With XX it is set only where it is there already, which it never is; and yet it is refused where
// any write would be.
std::vector<std::string> write_probe(std::string_view prefix) {
  return {"SET", std::string{prefix} + "probe", "1", "XX"};
}

Task<Result<bool>> RedisStore::ping(Deadline deadline) {
  const Encode encode = [](std::string& out, Sending) { CommandWriter{out, 1}.add("PING"); };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return true;
}

Task<Result<bool>> RedisStore::probe_write(Deadline deadline) {
  const std::vector<std::string> words = write_probe(prefix_);
  const Encode encode = [&words](std::string& out, Sending) { append(out, words); };
  const auto reply = co_await ask(encode, deadline);
  if (!reply) co_return reply.error();
  if (reply->is(Reply::Kind::error)) co_return refused_with(*reply);
  co_return true;
}

Task<Result<ServerFacts>> RedisStore::inspect(Deadline deadline) {
  const Encode ask_info = [](std::string& out, Sending) { CommandWriter{out, 1}.add("INFO"); };
  const auto info = co_await ask(ask_info, deadline);
  if (!info) co_return info.error();
  if (info->is(Reply::Kind::error)) co_return refused_with(*info);
  std::string config;
  // Two questions: before version 7 CONFIG GET takes one name. Managed servers allow none.
  for (const std::string_view name : {"appendfsync", "save"}) {
    const Encode ask_config = [&name](std::string& out, Sending) {
      CommandWriter{out, 3}.add("CONFIG").add("GET").add(name);
    };
    const auto reply = co_await ask(ask_config, deadline);
    if (!reply) co_return reply.error();
    if (reply->is(Reply::Kind::error)) break;
    for (const Reply& element : reply->elements) config += element.text + "\n";
  }
  co_return read_server_facts(info->text, config);
}

Task<Result<StoreMemory>> RedisStore::recall(std::string_view gateway, Deadline deadline) {
  const Encode encode = [this, &gateway](std::string& out, Sending sending) {
    begin(out, ScriptName::memory, sending, 1).add(gateway);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return read_memory(*reply);
}

Task<Result<StoreMemory>> RedisStore::remember(std::string_view gateway, std::uint64_t count,
                                               std::string_view store, Milliseconds keep,
                                               Deadline deadline) {
  const std::tuple arguments{gateway, count, store, keep.count()};
  const Encode encode = [this, &arguments](std::string& out, Sending sending) {
    const auto& [who, number, id, keep_ms] = arguments;
    begin(out, ScriptName::memory, sending, 4).add(who).add(number).add(id).add(keep_ms);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return read_memory(*reply);
}

}  // namespace signalbox
