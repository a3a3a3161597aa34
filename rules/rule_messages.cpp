#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "event/ids.hpp"
#include "event/json_escape.hpp"
#include "event/trace_context.hpp"
#include "rules/rule.hpp"

namespace signalbox {
namespace {

constexpr std::size_t data_bytes_usual = 256;
constexpr std::size_t shown_items_max = 3;  // of those that failed

Error failure(std::string detail) { return Error{Reason::invalid_argument, std::move(detail)}; }

// The same one, with where it happened.
Error failure(std::string_view where, const Error& error) {
  return Error{error.reason, fmt::format("{}: {}", where, error.detail)};
}

// Where a message would be too large, texts of the event are cut behind so many bytes: the most of
// them that fits, so that the message is sent all the same.
constexpr std::array<std::size_t, 5> cuts{0, 16 * 1024, 4 * 1024, 1024, 256};

struct MessageWork {
  std::string id;       // "w_…", or empty
  std::string subject;  // its readable name; may be empty
};

Result<MessageWork> work_of(const Rule& rule, const Event& event) {
  MessageWork own = event.work ? MessageWork{event.work->id, event.work->readable}
                               : MessageWork{{}, event.subject};
  if (!rule.work) return own;
  const auto name = rule.work->text({event, {}});
  if (!name) return failure("work: " + name.error().detail);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (name->empty() || name->size() > work_bytes_max ||
      std::any_of(name->begin(), name->end(), is_control)) {
    return failure(
        fmt::format("work: must be 1 to {} bytes without control characters", work_bytes_max));
  }
  if (event.work) {
    const WorkRef& work = *event.work;
    const bool alias =
        std::find(work.aliases.begin(), work.aliases.end(), *name) != work.aliases.end();
    if (alias || *name == work.readable || *name == work.canonical) return own;
  }
  return MessageWork{work_id(*name), *name};
}

Result<std::string> data_of(const RuleSend& send, const TemplateScope& scope) {
  std::string data = "{";
  data.reserve(data_bytes_usual);
  if (send.summary) {
    const auto summary = send.summary->text(scope);
    if (!summary) return failure("summary", summary.error());
    data += ",\"summary\":";
    append_json_string(data, *summary);
  }
  if (send.data) {
    if (const auto done = send.data->append_fields(data, scope); !done) {
      return failure("data", done.error());
    }
  }
  if (data.size() > 1) data.erase(1, 1);  // the first field's comma
  data += '}';
  return data;
}

// Renders the messages of one rule for one event.
class Renderer {
 public:
  Renderer(const Rule& rule, const Event& event, std::string_view site, MessageWork work,
           unsigned generation)
      : rule_{rule}, event_{event}, generation_{generation} {
    message_.site = site;
    message_.subject = std::move(work.subject);
    message_.time = event.time;
    message_.sender = "rule:" + rule.info.name;
    message_.work = std::move(work.id);
    message_.cause = event.id;
    message_.hop = 1;
    message_.trust = event.trust;
    message_.actor_kind = event.actor.kind;
  }

  Result<bool> send(const RuleSend& send) {
    if (!send.for_each) return one(send, {});
    const auto value = send.for_each->resolve({event_, {}});
    if (!value) return failure("for_each: " + value.error().detail);
    const auto* list = std::get_if<Json>(&*value);
    if (list == nullptr || !list->is(JsonKind::array)) {
      return failure(fmt::format("for_each: {} is no list", send.for_each->text()));
    }
    std::size_t position = 0;
    std::size_t wanted = 0;
    for (const Json item : list->elements()) {
      // Each item has its number, so that no other's fate changes its messages' ids.
      const std::size_t next = index_ + 1;
      const std::size_t at = position++;
      if (!send.where || send.where->wants(item)) {
        if (++wanted > for_each_items_max) {
          return failure(fmt::format("for_each: {} has more than {} items", send.for_each->text(),
                                     for_each_items_max));
        }
        if (auto done = item_alone(send, item, at); !done) return done;
      }
      index_ = next;
    }
    return true;
  }

  // The messages, and the items that failed.
  Rendered take() {
    if (items_failed_ > shown_items_max)
      failed_ += fmt::format("; and {} more items", items_failed_ - shown_items_max);
    return {std::move(messages_), std::move(failed_)};
  }

  void begin(std::size_t send) { send_ = send; }

 private:
  // An item that cannot be rendered is named, and keeps no other from being sent.
  Result<bool> item_alone(const RuleSend& send, Json item, std::size_t at) {
    const std::size_t before = messages_.size();
    auto done = one(send, item);
    if (done || full_) return done;
    messages_.resize(before);
    if (++items_failed_ > shown_items_max) return true;
    failed_ += fmt::format("{}send {}, {}[{}], {}", failed_.empty() ? "" : "; ", send_,
                           send.for_each->text(), at, done.error().detail);
    return true;
  }

  // The messages of a `send`, or of one item of its fan-out: one for each mailbox.
  Result<bool> one(const RuleSend& send, Json item) {
    const std::size_t before = messages_.size();
    for (const std::size_t cut : cuts) {
      messages_.resize(before);
      auto done = one_cut(send, {event_, item, cut});
      if (done) ++index_;
      const bool smaller_fits =
          !done && done.error().reason == Reason::body_too_large && cut != cuts.back();
      if (!smaller_fits) return done;
    }
    return true;
  }

  Result<bool> one_cut(const RuleSend& send, const TemplateScope& scope) {
    auto data = data_of(send, scope);
    if (!data) return data.error();
    message_.data = std::move(*data);
    message_.kind = send.kind;
    message_.task = send.task;
    for (const std::string& mailbox : send.mailboxes) {
      if (messages_.size() == rule_messages_max) {
        full_ = true;
        return failure(fmt::format("more than {} messages for one event", rule_messages_max));
      }
      message_.recipient = mailbox;
      // By the event's id, not the provider's: two sites of Jira may choose the same one.
      message_.id =
          message_id({event_.source, event_.id, rule_.info.name, index_, mailbox, generation_});
      message_.traceparent = child_traceparent(event_.traceparent, message_.id);
      std::string json = render(message_);
      if (json.size() > message_bytes_max) {
        return Error{Reason::body_too_large,
                     fmt::format("the message is larger than {} bytes", message_bytes_max)};
      }
      messages_.push_back({std::move(message_.id), mailbox, message_.work, rule_.info.name,
                           send.kind, send.task, std::move(json)});
    }
    return true;
  }

  const Rule& rule_;
  const Event& event_;
  unsigned generation_;
  Message message_;
  std::size_t send_ = 0;   // as people count
  std::size_t index_ = 0;  // of the send, counted over fan-outs
  bool full_ = false;      // of messages
  std::vector<OutgoingMessage> messages_;
  std::size_t items_failed_ = 0;
  std::string failed_;
};

}  // namespace

Rendered render_messages(const Rule& rule, const Event& event, std::string_view site,
                         unsigned generation) {
  auto work = work_of(rule, event);
  if (!work) return {{}, work.error().detail};
  Renderer renderer{rule, event, site, *std::move(work), generation};
  for (std::size_t i = 0; i < rule.sends.size(); ++i) {
    renderer.begin(i + 1);
    if (const auto done = renderer.send(rule.sends[i]); !done)
      return {{}, fmt::format("send {}, {}", i + 1, done.error().detail)};
  }
  return renderer.take();
}

}  // namespace signalbox
