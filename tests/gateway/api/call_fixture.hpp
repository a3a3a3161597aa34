// Calls of the API as handlers get them, on a thread that never runs.
#pragma once

#include <catch2/catch.hpp>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/api/call.hpp"
#include "gateway/http/session_list.hpp"
#include "gateway/telemetry/counters.hpp"
#include "gateway/worker/stores.hpp"
#include "gateway/worker/waiters.hpp"
#include "store/fake/fake_store.hpp"

namespace signalbox::api {

// Who makes a call: agents `reviewer` and `coder` of the main namespace, `painter` of `blue`, and
// the operator `ops`.
class Calls {
 public:
  Calls() : runtime_{std::make_shared<const Runtime>(config())} {}

  // The call is good until the next one.
  Call& make(std::string who, std::string target, std::string body = {},
             std::vector<Headers::Field> headers = {}) {
    target_ = std::move(target);
    body_ = std::move(body);
    headers_ = std::move(headers);
    request_ = Request{};
    request_.target = target_;
    request_.body = body_;
    request_.headers = Headers{headers_};
    call_.reset(new Call{request_, setting_, *runtime_, nullptr, path_parts(target_)});
    call_->principal = runtime_->principals.find(who + "-token");
    REQUIRE((call_->principal != nullptr || who.empty()));
    return *call_;
  }

  const std::vector<std::string>& stores_made() const noexcept { return stores_; }

  Health health;

 private:
  static std::shared_ptr<const Config> config() {
    auto config = std::make_shared<Config>();
    config->threads = 1;
    for (const char* name : {"reviewer", "coder", "painter"}) {
      AgentConfig& agent = config->agents.emplace_back();
      agent.name = name;
      agent.tokens.push_back({agent.name + "-token", "env NAME"});
    }
    config->agents.back().space = "blue";
    config->operators.push_back({"ops", {{"ops-token", "env NAME"}}});
    config->rules = RuleSet::load({}, recipients_of(*config), "acme").rules;
    REQUIRE(config->rules != nullptr);
    return config;
  }

  SystemClock clock_;
  std::vector<std::string> stores_;  // namespaces that a store was made for
  std::shared_ptr<const Runtime> runtime_;
  boost::asio::io_context io_;
  Stores fake_stores_{"main", std::make_unique<FakeStore>(clock_),
                      [this](const std::string& space) {
                        stores_.push_back(space);
                        return std::make_unique<FakeStore>(clock_);
                      }};
  Waiters waiters_;
  SessionList sessions_;
  ThreadCounters counters_;
  boost::asio::any_io_executor compressors_ = io_.get_executor();
  const ApiSetting setting_{.runtime = runtime_,
                            .io = io_,
                            .stores = fake_stores_,
                            .waiters = waiters_,
                            .sessions = sessions_,
                            .counters = counters_,
                            .compressors = compressors_,
                            .refused = nullptr,
                            .lines = nullptr,
                            .reloader = nullptr,
                            .health = health};
  std::string target_;
  std::string body_;
  std::vector<Headers::Field> headers_;
  Request request_;
  std::unique_ptr<Call> call_;
};

}  // namespace signalbox::api
