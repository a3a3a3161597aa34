#include "tests/gateway/worker_fixture.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>

#include "gateway/compose.hpp"
#include "gateway/config/config.hpp"
#include "gateway/telemetry/api_counters.hpp"
#include "gateway/telemetry/archive_counters.hpp"
#include "gateway/telemetry/message_counters.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox::test {

namespace asio = boost::asio;

const std::string_view fixture_secret = "a-webhook-secret-of-32-characters";

namespace {

constexpr std::string_view configuration = R"(site: acme
redis: embedded
threads: 1
sources:
  github: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET, scope: ["acme/*"]}]}
  office: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}], allow_ips: [10.0.0.0/8]}
  forge: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}], namespace: blue}
  mirror: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}], deduplicate: {id: off, digest: off}}
agents:
  reviewer: {tokens: [{env: REVIEWER_TOKEN}, {env: REVIEWER_READS, scope: read}], topics: [all]}
  coder: {tokens: [{env: CODER_TOKEN}], topics: [all]}
  painter: {tokens: [{env: PAINTER_TOKEN}], topics: [all], namespace: blue}
operators:
  - {name: ops, tokens: [{env: OPERATOR_TOKEN}, {env: OPERATOR_READS, scope: read},
                         {env: OPERATOR_OLD, expires: 2026-11-22T10:00:00Z}]}
rules: [rules.yaml]
)";

constexpr std::string_view rules = R"(rules:
  - name: review
    events: [github.pull_request]
    send: [{to: reviewer, kind: assign, summary: 'Review ${body.pull_request.title}'}]
  - name: triage
    events: [github.issues]
    send: [{to: reviewer, kind: assign, summary: '${body.issue.nowhere}'}]
  - name: milestone-told
    events: [github.milestone]
    send: [{to: reviewer, kind: note, summary: 'A milestone'}]
  - name: milestone-due
    events: [github.milestone]
    send: [{to: coder, kind: assign, summary: 'Due ${body.milestone.due_on}'}]
  - name: paint
    events: [github.label]
    send: [{to: painter, kind: note, summary: 'A label'}]
)";

struct KnownToken {
  std::string_view who;
  std::string_view token;
};
constexpr std::array<KnownToken, 8> tokens{{{"reviewer", "reviewer-token-0001"},
                                            {"coder", "coder-token-00000002"},
                                            {"painter", "painter-token-000004"},
                                            {"ops", "operator-token-0003"},
                                            {"reviewer reading", "reviewer-token-0005"},
                                            {"ops reading", "operator-token-0006"},
                                            {"ops expired", "operator-token-0007"},
                                            {"monitoring", "monitoring-token-0008"}}};

std::shared_ptr<const Config> load(std::string_view more) {
  const Scratch scratch;
  const auto environment = scratch.environment(std::string{test_environment} +
                                               "PAINTER_TOKEN=painter-token-000004\n"
                                               "REVIEWER_READS=reviewer-token-0005\n"
                                               "OPERATOR_READS=operator-token-0006\n"
                                               "OPERATOR_OLD=operator-token-0007\n"
                                               "MONITORING_TOKEN=monitoring-token-0008\n");
  scratch.write("rules.yaml", rules);
  const auto path = scratch.write("signalbox.yaml", std::string{configuration} + std::string{more});
  const auto loaded = load_config(path, environment);
  if (loaded.config) return loaded.config;
  throw std::runtime_error(to_string(loaded.diagnostics.front()));
}

Task<Response> answer(Handler& handler, std::shared_ptr<Pending> pending) {
  co_return co_await handler.handle(pending->request->view());
}

}  // namespace

void FakeQueue::append(std::string entry, Done done) {
  if (full) return done(Error{Reason::store_unavailable, "the spool is full"});
  entries.push_back(std::move(entry));
  done(std::nullopt);
}

std::optional<std::string> FakeQueue::front() {
  return entries.empty() ? std::optional<std::string>{} : entries.front();
}

void FakeQueue::set_aside(const std::string& entry) {
  aside.push_back(entry);
  entries.pop_front();
}

HeldRequest::HeldRequest(Sent sent, Time received) : sent_{std::move(sent)} {
  fields_.assign(sent_.headers.begin(), sent_.headers.end());
  const std::size_t length = sent_.body.size();
  sent_.body.append(json_padding, ' ');
  request_.method = sent_.method;
  request_.target = sent_.target;
  request_.headers = Headers{fields_};
  request_.body = std::string_view{sent_.body}.substr(0, length);
  request_.peer = sent_.peer;
  request_.received = received;
  request_.started = std::chrono::steady_clock::now();
  request_.socket = sent_.socket;
  request_.account = sent_.account;
  request_.memory = this;
}

// As a session does it: what the views showed is overwritten.
void HeldRequest::let_go() {
  let_go_ = true;
  request_.method = request_.target = request_.body = {};
  request_.headers = Headers{};
  for (std::string* text : {&sent_.method, &sent_.target, &sent_.body})
    text->assign(text->size(), '?');
}

std::string pull_request_body(std::string_view title) {
  return fmt::format(
      R"({{"action":"opened","number":42,"pull_request":{{"number":42,"id":42,"title":"{}",)"
      R"("updated_at":"2026-11-22T09:00:00Z"}},)"
      R"("repository":{{"id":7001,"full_name":"acme/api","html_url":"https://github.com/acme/api"}},)"
      R"("sender":{{"login":"ada","id":7,"type":"User"}}}})",
      title);
}

Sent delivery(std::string_view type, std::string id, std::string body, std::string_view source) {
  Sent sent;
  sent.target = fmt::format("/hooks/{}", source);
  sent.headers = find_connector("github")->sign(type, id, body, fixture_secret);
  sent.body = std::move(body);
  return sent;
}

void drop_header(HeaderTexts& headers, std::string_view name) {
  std::erase_if(headers, [&](const auto& header) { return iequals(header.first, name); });
}

void set_header(HeaderTexts& headers, std::string_view name, std::string value) {
  drop_header(headers, name);
  headers.emplace_back(name, std::move(value));
}

Sent call(std::string method, std::string target, std::string_view who, std::string body) {
  Sent sent;
  sent.method = std::move(method);
  sent.target = std::move(target);
  sent.body = std::move(body);
  for (const KnownToken& token : tokens) {
    if (token.who == who)
      set_header(sent.headers, "Authorization", fmt::format("Bearer {}", token.token));
  }
  return sent;
}

WorkerFixture::WorkerFixture(std::string_view more) : config_{load(more)} {
  health.checks = [] { return std::vector<HealthCheck>{{"redis", true, "fine"}}; };
  health.metrics = [] { return std::string{"signalbox_up 1\n"}; };
  compose(false);
}

WorkerFixture::~WorkerFixture() {
  worker->io.stop();
  worker->waiters.abandon();
  worker->io.destroy_pending();
}

void WorkerFixture::compose(bool with_spool) {
  with_spool_ = with_spool;
  worker = std::make_unique<Worker>(std::make_shared<const Runtime>(config_), 0);
  worker->stores = std::make_unique<Stores>(
      "main", open_store("main"), [this](const auto& space) { return open_store(space); });
  const SharedParts parts{.compressors = worker->io.get_executor(),
                          .spool = with_spool ? &spool : nullptr,
                          .refused = &refused,
                          .audit = &audit,
                          .lines = &lines,
                          .health = health};
  signalbox::compose(*worker, parts);
}

std::unique_ptr<Store> WorkerFixture::open_store(std::string_view space) {
  return std::make_unique<StumblingStore>(store(space), weather);
}

FakeStore& WorkerFixture::store(std::string_view space) {
  auto& found = stores_[std::string{space}];
  if (!found) found = std::make_unique<FakeStore>(clock);
  return *found;
}

std::shared_ptr<Pending> WorkerFixture::begin(Handler& handler, Sent sent) {
  auto pending = std::make_shared<Pending>();
  pending->request = std::make_unique<HeldRequest>(std::move(sent), clock.now());
  asio::co_spawn(worker->io, answer(handler, pending),
                 [pending](const std::exception_ptr& thrown, Response response) {
                   if (thrown) std::rethrow_exception(thrown);
                   pending->response = std::move(response);
                 });
  poll();
  return pending;
}

Response WorkerFixture::hooks(Sent sent) {
  const auto pending = begin(*worker->hooks_handler, std::move(sent));
  if (!pending->response) throw std::runtime_error("a webhook waits that should not");
  return std::move(*pending->response);
}

Response WorkerFixture::api(Sent sent) {
  const auto pending = begin(*worker->api_handler, std::move(sent));
  if (!pending->response) throw std::runtime_error("a call waits that should not");
  return std::move(*pending->response);
}

Result<Ack> WorkerFixture::ingest_only(Sent sent, Deadline started) {
  const std::string source = sent.target.substr(sent.target.rfind('/') + 1);
  HeldRequest request{std::move(sent), clock.now()};
  Unverified unverified;
  unverified.source = source;
  unverified.headers = request.view().headers;
  unverified.body = request.view().body;
  unverified.received = request.view().received;
  const IngestSetting setting{.thread = 0,
                              .io = worker->io,
                              .stores = *worker->stores,
                              .archiver = *worker->archiver,
                              .counters = worker->counters,
                              .parse_scratch = worker->parse_scratch,
                              .attempt_marks = worker->attempt_marks,
                              .spool = with_spool_ ? &spool : nullptr};
  return run(ingest(worker->runtime, setting, unverified, started));
}

void WorkerFixture::poll() {
  worker->io.restart();
  worker->io.poll();
}

void WorkerFixture::sweep(std::chrono::steady_clock::time_point now) {
  worker->sessions.sweep(now);
  worker->waiters.sweep(now);
  poll();
}

MailboxCounts WorkerFixture::counts(std::string mailbox, std::string_view space) {
  return run(store(space).peek(std::move(mailbox), 1, Deadline{}))->counts;
}

std::vector<std::string> WorkerFixture::messages(std::string mailbox, std::string_view space) {
  const auto peeked = run(store(space).peek(std::move(mailbox), receive_max, Deadline{}));
  std::vector<std::string> texts;
  for (const PeekedMessage& message : peeked->messages) texts.push_back(message.json);
  return texts;
}

const SourceCounters& WorkerFixture::source(std::string_view name) const {
  return *worker->runtime->seat(0, worker->runtime->find_source(name).value()).counters;
}

std::uint64_t WorkerFixture::counted(DeliveryStatus status) const {
  return source().by_status[static_cast<std::size_t>(status)].value();
}

std::uint64_t WorkerFixture::sent(MessageKind kind) const {
  return worker->counters.messages.stored[static_cast<std::size_t>(kind)].value();
}

std::uint64_t WorkerFixture::bodies_archived() const {
  return worker->counters.archive.archived.value();
}

std::uint64_t WorkerFixture::bodies_not_archived() const {
  return worker->counters.archive.not_archived.value();
}

std::uint64_t WorkerFixture::hooks_refused(Reason reason) const {
  return worker->counters.hooks.refused[static_cast<std::size_t>(reason)].value();
}

std::uint64_t WorkerFixture::api_refused(Reason reason) const {
  return worker->counters.api.refused[static_cast<std::size_t>(reason)].value();
}

std::string member(const Response& response, std::string_view name) {
  boost::json::error_code failed;
  const auto value = boost::json::parse(response.body, failed);
  if (failed || !value.is_object()) return {};
  const auto* found = value.get_object().if_contains(name);
  if (found == nullptr) return {};
  return found->is_string() ? std::string{found->get_string()} : boost::json::serialize(*found);
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (iequals(known, name)) return value;
  }
  return {};
}

}  // namespace signalbox::test
