#include "tests/sim/actors/providers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/request/freshness.hpp"

namespace signalbox::sim {
namespace {

using namespace std::chrono_literals;

constexpr int tries_most = 4;
constexpr Milliseconds provider_patience{12'000};
constexpr std::string_view repository =
    R"("repository":{"id":7001,"full_name":"acme/api","html_url":"https://github.com/acme/api"},)"
    R"("sender":{"login":"ada","id":7,"type":"User"})";

enum GithubKind : std::uint64_t { pull_request, issue, dispatch, unheard_of };

}  // namespace

void Providers::fill_github(KnownDelivery& delivery, std::uint64_t kind) {
  const std::uint64_t number = 1 + world_.dice.upto(3);
  const std::string item = fmt::format(
      R"({{"number":{0},"id":{0},"title":"Change {1}","updated_at":"at-{1}","bulk":"{2}"}})",
      number, count_, delivery.marker);
  switch (kind) {
    case pull_request:
      delivery.type = "github.pull_request.opened";
      delivery.body = fmt::format(R"({{"action":"opened","number":{},"pull_request":{},{}}})",
                                  number, item, repository);
      break;
    case issue:
      delivery.type = "github.issues.opened";
      delivery.body = fmt::format(R"({{"action":"opened","issue":{},{}}})", item, repository);
      break;
    case dispatch:  // nothing in it tells two of them apart
      delivery.type = "github.workflow_dispatch";
      delivery.unique = false;
      delivery.marker = "bulk-of-a-dispatch";
      delivery.body = fmt::format(
          R"({{"ref":"refs/heads/main","workflow":"ci.yml","bulk":"bulk-of-a-dispatch",{}}})",
          repository);
      break;
    default:
      delivery.type = fmt::format("github.invented_{}.done", number);
      delivery.body = fmt::format(R"({{"action":"done","novelty":{},{}}})", item, repository);
  }
  delivery.content = delivery.secret + delivery.body;
}

void Providers::fill_linear(KnownDelivery& delivery, std::int64_t offset_ms) {
  delivery.signed_at = world_.time.wall() + Milliseconds{offset_ms};
  delivery.type = "linear.issue.update";
  const std::string rest = fmt::format(
      R"("type":"Issue","action":"update","createdAt":"at-{0}","organizationId":"org-1",)"
      R"("data":{{"id":"issue-{1}","identifier":"ENG-{1}","title":"Change {0}"}},"bulk":"{2}")",
      count_, 1 + world_.dice.upto(3), delivery.marker);
  delivery.body = fmt::format(R"({{{},"webhookTimestamp":{}}})", rest,
                              delivery.signed_at->time_since_epoch().count());
  delivery.content = delivery.secret + rest;
}

void Providers::fill_jira(KnownDelivery& delivery, std::int64_t offset_ms) {
  delivery.signed_at = world_.time.wall() + Milliseconds{offset_ms};
  delivery.type = "jira.issue_updated";
  delivery.body = fmt::format(
      R"({{"timestamp":{0},"webhookEvent":"jira:issue_updated","issue":{{"id":"100{1}","key":"PROJ-{1}",)"
      R"("self":"https://acme.atlassian.net/rest/api/2/issue/100{1}","fields":{{"summary":"Change {2}"}}}},)"
      R"("user":{{"accountId":"a-1","accountType":"atlassian"}},"bulk":"{3}"}})",
      delivery.signed_at->time_since_epoch().count(), 1 + world_.dice.upto(3), count_,
      delivery.marker);
  delivery.content = delivery.secret + delivery.body;
}

KnownDelivery Providers::make() {
  ++count_;
  KnownDelivery delivery;
  const std::uint64_t which = world_.dice.upto(6);
  const bool elsewhere = which < 4 && world_.dice.percent(25);
  const SourceName& source =
      elsewhere ? source_named("forge") : source_names[which < 4 ? 0 : which - 3];
  delivery.source = source.name;
  delivery.id = fmt::format("delivery-{}", count_);
  delivery.marker = fmt::format("bulk-{}-of-it", count_);
  delivery.secret = source.secrets[world_.dice.upto(source.secrets.size())];
  // Providers' clocks are not ours.
  const std::int64_t offset = world_.dice.percent(20) ? world_.dice.between(-60'000, 299'000) : 0;
  if (delivery.source == "linear") {
    fill_linear(delivery, offset);
  } else if (delivery.source == "jira") {
    fill_jira(delivery, offset);
  } else {
    fill_github(delivery, which);
  }
  return delivery;
}

Asked webhook_of(const KnownDelivery& delivery) {
  Asked asked;
  asked.target = "/hooks/" + delivery.source;
  asked.body = delivery.body;
  asked.headers = find_connector(source_named(delivery.source).connector)
                      ->sign(delivery.type, delivery.id, delivery.body, delivery.secret);
  return asked;
}

Asked Providers::request_of(const KnownDelivery& delivery) {
  KnownDelivery sent = delivery;
  const bool refuse = world_.defect == Defect::refuse_unheard_of;
  if (refuse && sent.type.starts_with("github.invented")) sent.type = "github.pull_request";
  return webhook_of(sent);
}

void Providers::send(std::size_t index) {
  Sent& one = sent_[index];
  ++one.tries;
  world_.act(
      fmt::format("deliver {} {} ({}. time)", one.delivery.id, one.delivery.type, one.tries));
  world_.server.events.sent(one.delivery);
  world_.network.ask(
      request_of(one.delivery), provider_patience,
      [this, index](const Response& response, Time received) {
        const HookAnswer answer = read_hook_answer(response);
        world_.act(fmt::format("{} is answered {} {}", sent_[index].delivery.id, answer.status,
                               answer.outcome + answer.reason));
        world_.server.events.answered(sent_[index].delivery, received, answer);
        if (answer.outcome == "deferred") world_.server.spool.deferred(answer.event);
      },
      [this, index](const std::optional<Response>& response) { told(index, response); });
}

// A provider tries again; an operator mends the rules for what came to nothing, and sends it again.
void Providers::told(std::size_t index, const std::optional<Response>& response) {
  Sent& one = sent_[index];
  const HookAnswer answer = response ? read_hook_answer(*response) : HookAnswer{};
  one.taken = one.taken || answer.status == 200;
  if (one.tries >= tries_most) return;
  if (!response || answer.status >= 500) {
    if (world_.dice.percent(30)) return;  // GitHub never does
    world_.schedule.after(world_.dice.milliseconds(500, 240'000), [this, index] { send(index); });
  } else if ((answer.outcome == "no_match" || answer.outcome == "dropped" ||
              answer.outcome == "partly_dropped") &&
             world_.dice.percent(40)) {
    world_.schedule.after(world_.dice.milliseconds(1'000, 60'000), [this, index] {
      fate_.reload(world_.dice.percent(70) ? RuleVersion::whole : RuleVersion::moved);
      send(index);
    });
  }
}

// What one source has sent comes from another one too, which is another event.
void Providers::deliver_mirrored() {
  if (sent_.empty()) return deliver_new();
  Sent copy{some_sent().delivery, 0, false};
  if (copy.delivery.source != "github") return deliver_new();
  copy.delivery.source = "mirror";
  copy.delivery.secret = source_named("mirror").secrets[0];
  copy.delivery.content = copy.delivery.secret + copy.delivery.body;
  world_.trace.saw("a body comes from two sources");
  sent_.push_back(std::move(copy));
  send(sent_.size() - 1);
}

void Providers::deliver_new() {
  sent_.push_back(Sent{make(), 0, false});
  send(sent_.size() - 1);
}

// Mostly a young one.
Providers::Sent& Providers::some_sent() {
  const std::size_t among =
      world_.dice.percent(70) ? std::min<std::size_t>(sent_.size(), 6) : sent_.size();
  return sent_[sent_.size() - 1 - world_.dice.upto(among)];
}

void Providers::deliver_again() {
  if (sent_.empty()) return deliver_new();
  const std::size_t index = static_cast<std::size_t>(
      std::find_if(sent_.begin(), sent_.end(),
                   [chosen = &some_sent()](const Sent& each) { return &each == chosen; }) -
      sent_.begin());
  send(index);
  if (world_.dice.percent(30)) send(index);  // two at once
}

// Ids are unsigned: whoever has seen a delivery can send its body under another one.
void Providers::replay_under_new_id() {
  if (sent_.empty()) return deliver_new();
  Sent copy{some_sent().delivery, 0, false};
  copy.delivery.id = fmt::format("replay-{}", ++count_);
  sent_.push_back(std::move(copy));
  send(sent_.size() - 1);
}

void Providers::replay_late() {
  if (sent_.empty()) return deliver_new();
  Sent copy{some_sent().delivery, 0, false};
  if (!copy.delivery.signed_at) return deliver_new();
  const Milliseconds longest = std::max(id_window, digest_window);
  const bool at_the_edge = world_.dice.percent(50);
  const Time when = *copy.delivery.signed_at + longest +
                    (at_the_edge ? world_.dice.milliseconds(-15, 15)
                                 : -world_.dice.milliseconds(0, digest_window.count()));
  const auto wait =
      std::max(Milliseconds{0}, std::chrono::floor<Milliseconds>(when - world_.time.wall()));
  if (world_.dice.percent(70)) copy.delivery.id = fmt::format("replay-{}", ++count_);
  sent_.push_back(std::move(copy));
  world_.schedule.after(wait, [this, index = sent_.size() - 1] { send(index); });
}

void Providers::deliver_at_an_edge() {
  ++count_;
  KnownDelivery delivery;
  const SourceName& source = source_names[1 + world_.dice.upto(2)];
  delivery.source = source.name;
  delivery.id = fmt::format("edge-{}", count_);
  delivery.marker = fmt::format("bulk-{}-of-it", count_);
  delivery.secret = source.secrets[0];
  const Milliseconds oldest = std::max(id_window, digest_window);
  const std::int64_t edge = world_.dice.percent(50) ? clock_skew_max.count() : -oldest.count();
  const std::int64_t beside = world_.dice.between(-15, 15);
  if (delivery.source == "linear") {
    fill_linear(delivery, edge + beside);
  } else {
    fill_jira(delivery, edge + beside);
  }
  sent_.push_back(Sent{std::move(delivery), 0, false});
  send(sent_.size() - 1);
}

void Providers::forge() {
  KnownDelivery delivery = sent_.empty() || world_.dice.percent(50) ? make() : some_sent().delivery;
  delivery.id = fmt::format("forged-{}", ++count_);
  const std::string genuine = delivery.secret;
  switch (world_.dice.upto(3)) {
    case 0:
      delivery.secret = "guessed";
      break;
    case 1:  // another source's secret
      delivery.secret = source_named(delivery.source == "github" ? "forge" : "github").secrets[0];
      break;
    default:  // nothing of it may be parsed
      delivery.secret = "guessed";
      delivery.body = "{\"no\": json";
  }
  if (world_.defect == Defect::accept_forged) delivery.secret = genuine;
  Asked asked = request_of(delivery);
  if (world_.defect != Defect::accept_forged && world_.dice.percent(20)) {
    std::erase_if(asked.headers, [](const auto& header) {
      return header.first.find("ignature") != std::string::npos;
    });
  }
  world_.act("forge " + delivery.id);
  world_.network.ask(
      std::move(asked), provider_patience,
      [this](const Response& response, Time) {
        world_.server.events.forged_answered(read_hook_answer(response));
      },
      [](const std::optional<Response>&) {});
}

void Providers::settle() {
  for (std::size_t i = sent_.size() > 12 ? sent_.size() - 12 : 0; i < sent_.size(); ++i) send(i);
}

}  // namespace signalbox::sim
