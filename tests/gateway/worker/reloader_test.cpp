// Reading the configuration again: what is published, what stays, and what needs a restart.
#include "gateway/worker/reloader.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>

#include "tests/gateway/captured_log.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view small = "site: acme\nredis: embedded\nrules: [rules.yaml]\n";

// A reloader over files of its own, that looks at them every few milliseconds.
class Reloading {
 public:
  Reloading() {
    write("rules.yaml", "rules: []\n");
    write("signalbox.yaml", small);
    reloader_ = std::make_unique<Reloader>(
        [this] { return load(); }, load().inputs,
        [this](std::shared_ptr<const Config> next) { return publish(std::move(next)); }, 5ms);
    reloader_->on_tick = [this] {
      const std::lock_guard lock{mutex_};
      ++ticks_;
      if (at_each_look_) at_each_look_();
      ticked_.notify_all();
    };
    reloader_->start();
  }
  ~Reloading() { reloader_->stop(); }
  Reloading(const Reloading&) = delete;
  Reloading& operator=(const Reloading&) = delete;

  // All of it at once: the reloader reads at any time.
  void write(std::string_view name, std::string_view text) {
    std::filesystem::rename(scratch_.write("next", text), scratch_.path(name));
  }
  std::uint64_t request() { return reloader_->request("a test"); }
  Reloader::Status status() const { return reloader_->status(); }
  // Waits for so many looks at the files more; false after some seconds.
  bool look(int times = 4) {
    std::unique_lock lock{mutex_};
    const int until = ticks_ + times;
    return ticked_.wait_for(lock, 10s, [&] { return ticks_ >= until; });
  }
  // Waits until it holds; false after some seconds.
  bool until(const std::function<bool(const Reloader::Status&)>& holds) {
    std::unique_lock lock{mutex_};
    return ticked_.wait_for(lock, 10s, [&] { return holds(reloader_->status()); });
  }
  // Done behind each look from now on, by the thread that looks.
  void at_each_look(std::function<void()> what) {
    const std::lock_guard lock{mutex_};
    at_each_look_ = std::move(what);
  }
  std::shared_ptr<const Config> published() {
    const std::lock_guard lock{mutex_};
    return published_;
  }
  void refuse(std::string why) {
    const std::lock_guard lock{mutex_};
    refusal_ = std::move(why);
  }

 private:
  LoadedConfig load() {
    return load_config(scratch_.path("signalbox.yaml"), scratch_.environment(test_environment));
  }
  std::optional<std::string> publish(std::shared_ptr<const Config> next) {
    const std::lock_guard lock{mutex_};
    if (!refusal_.empty()) return refusal_;
    published_ = std::move(next);
    return std::nullopt;
  }

  Scratch scratch_;
  std::mutex mutex_;
  std::condition_variable ticked_;
  int ticks_ = 0;
  std::function<void()> at_each_look_;
  std::shared_ptr<const Config> published_;
  std::string refusal_;
  std::unique_ptr<Reloader> reloader_;
};

}  // namespace

TEST_CASE("a request reads the configuration again, changed or not", "[reloader]") {
  Reloading reloading;
  CHECK(reloading.status().succeeded == 0);
  reloading.request();
  REQUIRE(reloading.until([](const auto& status) { return status.succeeded == 1; }));
  CHECK(reloading.published() != nullptr);
  CHECK(reloading.status().failure.empty());
}

TEST_CASE("who requests is told which attempt has read the files of then", "[reloader]") {
  Reloading reloading;
  for (int i = 0; i < 5; ++i) {
    reloading.write("rules.yaml", i % 2 == 0 ? "rules: [\n" : "rules: []\n");
    const std::uint64_t attempt = reloading.request();
    REQUIRE(reloading.until([&](const auto& status) { return status.attempts() >= attempt; }));
    const Reloader::Status status = reloading.status();
    CHECK(status.failure.empty() == (i % 2 == 1));
    CHECK(status.findings.empty() == (i % 2 == 1));
  }
}

TEST_CASE("files that do not change are left alone", "[reloader]") {
  Reloading reloading;
  REQUIRE(reloading.look(10));
  CHECK(reloading.status().succeeded == 0);
  CHECK(reloading.published() == nullptr);
}

TEST_CASE("a changed file is read, and so is a changed file of rules", "[reloader]") {
  Reloading reloading;
  reloading.write("signalbox.yaml", std::string{small} + "drain_timeout: 7s\n");
  REQUIRE(reloading.until([](const auto& status) { return status.succeeded == 1; }));
  CHECK(reloading.published()->drain_timeout == 7s);
  reloading.write("rules.yaml", "rules: []\n# longer than before\n");
  CHECK(reloading.until([](const auto& status) { return status.succeeded == 2; }));
}

TEST_CASE("a broken file changes nothing, and the way back is watched", "[reloader]") {
  Reloading reloading;
  reloading.write("signalbox.yaml", "site: acme\nredis: embedded\nunheard_of: 1\n");
  REQUIRE(reloading.until([](const auto& status) { return status.failed == 1; }));
  CHECK(reloading.published() == nullptr);
  CHECK(reloading.status().failure.find("unknown key 'unheard_of'") != std::string::npos);
  CHECK(reloading.status().succeeded == 0);
  REQUIRE(reloading.look());
  CHECK(reloading.status().failed == 1);  // the same fault is told once
  reloading.write("signalbox.yaml", small);
  REQUIRE(reloading.until([](const auto& status) { return status.succeeded == 1; }));
  CHECK(reloading.status().failure.empty());
  CHECK(reloading.published() != nullptr);
}

TEST_CASE("a file that is still being written is read once it stood still for a look",
          "[reloader]") {
  int writes = 0;
  bool read_early = false;
  Reloading reloading;
  reloading.at_each_look([&] {
    if (writes == 10) return;
    read_early = read_early || reloading.status().succeeded > 0;
    reloading.write("rules.yaml", "rules: []\n#" + std::string(std::size_t(++writes), '.') + "\n");
  });
  REQUIRE(reloading.until([](const auto& status) { return status.succeeded == 1; }));
  CHECK(writes == 10);
  CHECK_FALSE(read_early);
}

TEST_CASE("twenty findings of one attempt are in the log, and no more", "[reloader]") {
  const test::CapturedLog log;
  Reloading reloading;
  std::string wrong{small};
  for (int i = 0; i < 25; ++i) wrong += "unheard_of_" + std::to_string(i) + ": 1\n";
  reloading.write("signalbox.yaml", wrong);
  REQUIRE(reloading.until([](const auto& status) { return status.failed == 1; }));
  int lines = 0;
  const std::string text = log.text();
  for (auto at = text.find("msg=configuration"); at != std::string::npos;
       at = text.find("msg=configuration", at + 1))
    ++lines;
  CHECK(lines == 20);
}

TEST_CASE("a configuration that cannot be put into use has failed, and says why", "[reloader]") {
  Reloading reloading;
  reloading.refuse("a change of threads needs a restart");
  const Time loaded = reloading.status().loaded;
  reloading.request();
  REQUIRE(reloading.until([](const auto& status) { return status.failed == 1; }));
  CHECK(reloading.status().failure == "a change of threads needs a restart");
  CHECK(reloading.status().loaded == loaded);
}

TEST_CASE("what cannot change while the process runs is named", "[reloader]") {
  struct Row {
    std::string_view keys;
    std::function<void(Config&)> change;
  };
  const std::vector<Row> rows{
      {"hooks.listen", [](Config& c) { c.hooks.listen.port = 1; }},
      {"hooks.listen", [](Config& c) { c.hooks.listen.host = "127.0.0.9"; }},
      {"api.listen", [](Config& c) { c.api.listen.port = 1; }},
      {"threads", [](Config& c) { ++c.threads; }},
      {"redis", [](Config& c) { c.redis.embedded = true; }},
      {"redis", [](Config& c) { c.redis.prefix = "sb9"; }},
      {"redis",
       [](Config& c) {
         c.redis.password = Secret{"another", "env X"};
       }},
      {"spool", [](Config& c) { c.spool_max_bytes = 1; }},
      {"data_dir", [](Config& c) { c.data_dir = "/elsewhere"; }},
      {"threads, spool",
       [](Config& c) {
         ++c.threads;
         ++c.spool_max_bytes;
       }},
      {"", [](Config& c) { c.hooks.max_connections = 1; }},
      {"", [](Config& c) { c.site = "another"; }},
      {"", [](Config& c) { c.keep_events = 1h; }},
      {"", [](Config& c) { c.log_level = "debug"; }},
  };
  for (const Row& row : rows) {
    Config after;
    row.change(after);
    CHECK(restart_needed(Config{}, after) == row.keys);
  }
}

}  // namespace signalbox
