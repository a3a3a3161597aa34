// Commands that need no server: check, test, explain of a file, sample, eval; and sample --post,
// which needs the public listener only.
#include <catch2/catch.hpp>
#include <sstream>

#include "connectors/connector.hpp"
#include "gateway/hooks/local_event.hpp"
#include "tests/gateway/cli/run.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

constexpr std::string_view rules = R"(rules:
  - name: review-opened
    events: [github.pull_request.opened]
    match: {pull_request: {draft: [false]}}
    send:
      - {to: reviewer, kind: assign, task: review, summary: 'Review ${body.pull_request.title}'}
    tests:
      - {type: github.pull_request.opened, event: opened.json, expect: [{to: reviewer, kind: assign}]}
      - {type: github.pull_request.opened, event: opened.json, expect: [{to: reviewer, kind: note}]}
      - {type: github.pull_request.closed, event: opened.json, expect: []}
      - {type: github.pull_request.opened, event: no-such-file.json, expect: []}
)";

// An installation in a directory of its own.
struct Place {
  Scratch scratch;
  std::string config;
  std::string hooks = "127.0.0.1:18080";

  explicit Place(const std::string& hooks_port = "18080") {
    config = scratch.write(
        "signalbox.yaml",
        "site: acme\nredis: embedded\nhooks: {listen: '127.0.0.1:" + hooks_port +
            "'}\n"
            "sources: {github: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}}\n"
            "agents: {reviewer: {tokens: [{env: REVIEWER_TOKEN}]}}\n"
            "rules: [rules/*.yaml]\n");
    scratch.write("rules/review.yaml", rules);
    scratch.write("rules/opened.json", sample());
  }

  static std::string sample() {
    return signalbox::run({"sample", "github", "pull_request.opened"}).out;
  }

  Ran run(std::vector<std::string> arguments,
          std::string_view environment = test_environment) const {
    arguments.insert(arguments.begin(), {"--config", config});
    return run_without_config(arguments, environment);
  }

  Ran run_without_config(const std::vector<std::string>& arguments,
                         std::string_view environment = "") const {
    const auto variables = scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") + "\n" +
                                               std::string{environment});
    const Ran ran = signalbox::run(arguments, variables);
    return {ran.status, without_path(ran.out), without_path(ran.err)};
  }

  std::string without_path(std::string text) const {
    const std::string path = scratch.path("");
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
      text.erase(at, path.size());
    }
    return text;
  }
};

TEST_CASE("check accepts what serve would take", "[cli][local]") {
  const Place place;
  const Ran ran = place.run({"check"});
  CHECK(ran.status == 0);
  CHECK(
      ran.out ==
      "rules/review.yaml:11:51: warning: there is no file 'no-such-file.json'; it counts from the "
      "rule's file [missing-file]\n0 errors, 1 warning in 2 files\n");
  place.scratch.write("rules/no-such-file.json", "{}");
  CHECK(place.run({"check"}).out == "good: 1 rule in 2 files\n");
}

TEST_CASE("check without secrets warns, and --strict makes that a finding", "[cli][local]") {
  const Place place;
  const Ran warned = place.run({"check"}, "");
  CHECK(warned.status == 0);
  CHECK(warned.out.find("signalbox.yaml:4:55: warning: environment variable "
                        "GITHUB_WEBHOOK_SECRET is not set [secret-missing]\n") !=
        std::string::npos);
  CHECK(place.run({"check", "--strict"}, "").status == 1);
}

TEST_CASE("check finds what is wrong in rules, and exits 1", "[cli][local]") {
  const Place place;
  const auto wrong = place.scratch.write(
      "wrong.yaml", "rules:\n  - {name: x, events: [github], send: [{to: reviwer, kind: note}]}\n");
  const Ran ran = place.run({"check", wrong});
  CHECK(ran.status == 1);
  CHECK(ran.out ==
        "wrong.yaml:2:45: error: unknown recipient 'reviwer'; did you mean 'reviewer'? "
        "[unknown-recipient]\n"
        "1 error, 0 warnings in 1 file\n");
  const Ran json = place.run({"check", wrong, "--json"});
  CHECK(json.status == 1);
  CHECK(json.out.find(R"("line":2,"column":45,"severity":"error","code":"unknown-recipient")") !=
        std::string::npos);
  CHECK(place.run({"check", "/no/such/file"}).status == 2);
}

TEST_CASE("test runs the rules' tests and says what differs", "[cli][local]") {
  const Place place;
  const Ran ran = place.run({"test"}, "");
  CHECK(ran.status == 1);
  CHECK(ran.out.find("pass  review-opened  github.pull_request.opened  rules/review.yaml:8\n") !=
        std::string::npos);
  CHECK(ran.out.find("FAIL  review-opened  github.pull_request.opened  rules/review.yaml:9\n") !=
        std::string::npos);
  CHECK(ran.out.find("      the body makes this a github.pull_request.opened, not a "
                     "github.pull_request.closed\n") != std::string::npos);
  CHECK(ran.out.find("      rules/no-such-file.json: No such file or directory\n") !=
        std::string::npos);
  CHECK(ran.out.ends_with("1 passed, 3 failed\n"));
  const Ran json = place.run({"test", "--json"});
  CHECK(json.out.starts_with(R"({"passed":1,"failed":3,"tests":[{"rule":"review-opened",)"));
}

TEST_CASE("explain of a file decides here, and shows what would be sent", "[cli][local]") {
  const Place place;
  const std::string body = place.scratch.path("rules/opened.json");
  const Ran ran = place.run({"explain", body, "--type", "github.pull_request.opened"}, "");
  CHECK(ran.status == 0);
  CHECK(ran.out.find("accepted\n  matched  review-opened  rules/review.yaml:2\n") !=
        std::string::npos);
  CHECK(ran.out.find("task review  to reviewer\n  summary   Review ") != std::string::npos);
  CHECK(place.run({"explain", body}).status == 2);
  CHECK(place.run({"explain", body, "--type", "no-such-provider.push"}).status == 1);
  const Ran unknown = place.run(
      {"explain", body, "--type", "github.pull_request.opened", "--rule", "review-opend"});
  CHECK(unknown.status == 2);
  CHECK(unknown.err.find("did you mean 'review-opened'?") != std::string::npos);
}

TEST_CASE("the example installation is right and passes its own tests", "[cli][local]") {
  Scratch scratch;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err, false, 0};
  const std::string config = test::source_path("deploy/examples/signalbox.yaml");
  const std::string variables =
      std::string{test_environment} + "SIGNALBOX_OPERATOR_TOKEN=operator-token-0004\n";
  for (const char* command : {"check", "test"}) {
    const std::vector<std::string> arguments{"--config", config, command};
    INFO(out.str() << err.str());
    CHECK(run_cli(arguments, terminal, scratch.environment(variables), Time{}) == 0);
  }
}

TEST_CASE(
    "rules without a configuration may write to anybody, and are checked and tested all the same",
    "[cli][local]") {
  const Place place;
  const std::string text =
      "rules:\n  - name: all\n    events: [github.pull_request.opened]\n    match: {action: "
      "[opend]}\n"
      "    send: [{to: [whoever, 'topic:any'], kind: note}]\n    tests:\n"
      "      - {type: github.pull_request.opened, event: opened.json, expect: []}\n";
  const auto rules_only = place.scratch.write("rules/alone.yaml", text);
  const Ran checked = place.run_without_config({"check", rules_only});
  CHECK(checked.status == 0);
  CHECK(checked.out.find("rules/alone.yaml:4:13: warning: ") != std::string::npos);
  CHECK(checked.err.find("any recipient is taken") != std::string::npos);
  CHECK(place.run_without_config({"test", rules_only}).status == 0);
  CHECK(place.run({"check", rules_only}).out.find("unknown recipient 'whoever'") !=
        std::string::npos);
  CHECK(
      place.run_without_config({"check", place.scratch.write("b.yaml", "rules: [{}]\n")}).status ==
      1);
}

TEST_CASE("a sample is the same for the same seed, under both names of its type", "[cli][local]") {
  const Place place;
  const Ran one = place.run({"sample", "github", "pull_request.opened"});
  CHECK(one.status == 0);
  CHECK(one.out.starts_with(R"({"action":"opened",)"));
  CHECK(place.run({"sample", "github", "github.pull_request.opened"}).out == one.out);
  CHECK(place.run({"sample", "github", "pull_request.opened", "--seed", "2"}).out != one.out);
  const Ran wrong = place.run({"sample", "github", "pull_request.open"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err.find("did you mean 'pull_request.opened'?") != std::string::npos);
  CHECK(place.run({"sample", "githib", "push"}).err.find("did you mean 'github'?") !=
        std::string::npos);
  CHECK(place.run({"sample", "--list"}).out.find("github.pull_request.opened\n") !=
        std::string::npos);
  CHECK(place.run({"sample"}).status == 2);
}

TEST_CASE("a posted sample is signed so that the connector accepts it", "[cli][local]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(
        200,
        R"({"status":"accepted","event":"e_1","work":"github:acme/api#42","messages":1,"rules":["review-opened"]})");
  }};
  const Place place{server.port()};
  const Ran ran = place.run(
      {"sample", "github", "pull_request.opened", "--post", "github", "--delivery", "d-1"});
  CHECK(ran.err == "");
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "accepted  e_1  github:acme/api#42\n"
        "  messages  1\n"
        "  rules     review-opened\n"
        "\n"
        "next: signalbox inbox --agent reviewer\n"
        "      signalbox explain e_1\n");

  const std::string sent = server.last_request();
  CHECK(sent.starts_with("POST /hooks/github HTTP/1.1\r\n"));
  const auto header = [&](const std::string& name) {
    const auto at = sent.find(name + ": ") + name.size() + 2;
    return sent.substr(at, sent.find("\r\n", at) - at);
  };
  const std::string signature = header("X-Hub-Signature-256");
  std::string body = sent.substr(sent.find("\r\n\r\n") + 4);
  const std::size_t length = body.size();
  body.append(json_padding, '\0');
  const std::vector<Headers::Field> fields{{"X-Hub-Signature-256", signature}};
  SourceKeys keys{.connector = find_connector("github"), .keys = {}};
  keys.add("a-webhook-secret-of-32-characters");
  const Unverified request{"github", Headers{fields}, std::string_view{body}.substr(0, length),
                           Time{}};
  CHECK(verify(keys, request).has_value());
  CHECK(header("X-GitHub-Delivery") == "d-1");
}

TEST_CASE("a body of one's own is signed and posted as it is, with what is set in it",
          "[cli][local]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200, R"({"status":"accepted","event":"e_1","messages":0})");
  }};
  const Place place{server.port()};
  const Scratch scratch;
  const auto own = scratch.write("own.json", R"({"action": "opened", "n": 1e400})");
  const auto posted = [&](std::vector<std::string> more) {
    std::vector<std::string> line{"sample", "github", "issues.opened", "--post", "github"};
    line.insert(line.end(), more.begin(), more.end());
    const Ran ran = place.run(line);
    CHECK(ran.err == "");
    CHECK(ran.status == 0);
    return server.last_request();
  };
  const auto whole = posted({"--body", own});
  CHECK(
      whole.ends_with("\r\n\r\n"
                      R"({"action": "opened", "n": 1e400})"));
  CHECK(whole.find("X-GitHub-Event: issues\r\n") != std::string::npos);
  const auto changed = posted({"--body", own, "--set", "labels[0].name=bug", "--set", "action=x"});
  CHECK(changed.ends_with(R"({"action": "x", "n": 1e400,"labels":[{"name":"bug"}]})"));
  CHECK(posted({"--set", "issue.title=Mine"}).find(R"("title":"Mine")") != std::string::npos);
  CHECK(place.run({"sample", "github", "issues.opened", "--set", "nothing"}).status == 2);
  CHECK(place.run({"sample", "github", "issues.opened", "--body", "/nowhere"}).status == 2);
}

TEST_CASE("a post without a configuration says what it lacks", "[cli][local]") {
  const Scratch scratch;
  const auto lines = "XDG_CONFIG_HOME=" + scratch.path("none") +
                     "\nSIGNALBOX_URL=http://127.0.0.1:1\nSIGNALBOX_TOKEN=a-token-of-my-own\n";
  const auto post = [&](std::vector<std::string> more) {
    std::vector<std::string> line{"sample", "github", "push", "--post", "github"};
    line.insert(line.end(), more.begin(), more.end());
    return run(line, scratch.environment(lines));
  };
  const Ran both = post({});
  CHECK(both.status == 2);
  CHECK(both.err.find("--secret-file") != std::string::npos);
  CHECK(both.err.find("--hooks-url") != std::string::npos);
  const Ran secret = post({"--hooks-url", "http://127.0.0.1:1"});
  CHECK(secret.err.find("--secret-file") != std::string::npos);
  CHECK(secret.err.find("--hooks-url") == std::string::npos);
}

TEST_CASE("two posts without a seed are two events", "[cli][local]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(200,
                              R"({"status":"no_match","event":"e_1","messages":0,"rules":[]})");
  }};
  const Place place{server.port()};
  for (int i = 0; i < 2; ++i) {
    CHECK(place.run({"sample", "github", "push", "--post", "github"}).status == 0);
  }
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  const auto body = [](const std::string& request) {
    return request.substr(request.find("\r\n\r\n"));
  };
  CHECK(body(requests[0]) != body(requests[1]));
}

TEST_CASE("a post that is refused exits 1; one that cannot be signed exits 2", "[cli][local]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(401, R"({"title":"No.","status":401,"reason":"unauthorized"})");
  }};
  const Place place{server.port()};
  const Ran refused = place.run({"sample", "github", "push", "--post", "github"});
  CHECK(refused.status == 1);
  CHECK(refused.err == "signalbox: 401 unauthorized: No.\n");
  CHECK(place.run({"sample", "github", "push", "--post", "githib"}).status == 2);
  const Ran unsigned_post = place.run({"sample", "github", "push", "--post", "github"}, "");
  CHECK(unsigned_post.status == 2);
  CHECK(unsigned_post.err.find("no secret of source 'github' can be read here") !=
        std::string::npos);
}

TEST_CASE("eval lists for each event the patterns that match it", "[cli][local]") {
  const Place place;
  const auto patterns =
      place.scratch.write("p", "{\"a\":[1]}\n{\"a\":[{\"exists\":true}]}\n{\"b\":[1]}\n");
  const auto events = place.scratch.write("e", "{\"a\":1}\n{\"a\":2}\n{\"c\":1}\n");
  const Ran ran = place.run({"eval", "--patterns", patterns, "--events", events});
  CHECK(ran.status == 0);
  CHECK(ran.out == "[0,1]\n[1]\n[]\n");
  const auto broken = place.scratch.write("broken", "{\"a\":[1]}\n{\"a\":1}\n");
  const Ran wrong = place.run({"eval", "--patterns", broken, "--events", events});
  CHECK(wrong.status == 2);
  CHECK(wrong.err.starts_with("signalbox: broken:2: "));
}

TEST_CASE("eval says whether an event matches a pattern, and what it failed first",
          "[cli][local]") {
  const Place place;
  const auto event = place.scratch.write("event", R"({"action":"closed","n":2})");
  const std::string pattern = R"({"n":[2],"action":["opened"]})";
  const Ran ran = place.run({"eval", "--pattern", pattern, "--event", "@" + event});
  CHECK(ran.status == 1);
  CHECK(ran.out == "no match  action: wants [\"opened\"], saw \"closed\"\n");
  const Ran good =
      place.run({"eval", "--pattern", pattern, "--event", R"({"n":2,"action":"opened"})"});
  CHECK(good.status == 0);
  CHECK(good.out == "match\n");
  const Ran json = place.run({"eval", "--pattern", pattern, "--event", "{}", "--json"});
  CHECK(json.status == 1);
  CHECK(json.out == R"x({"result":false,"failed_path":"n","expected":"[2]","actual":"(missing)"})x"
                    "\n");
}

TEST_CASE("a local event is what the gateway would make of the same body", "[cli][local]") {
  const auto local = LocalEvent::make("github.pull_request.opened", Place::sample(), "d", Time{});
  REQUIRE(local.has_value());
  CHECK((*local)->event().type == "github.pull_request.opened");
  CHECK((*local)->event().work->readable.starts_with("github:acme/api#"));
  const auto broken = LocalEvent::make("github.push", "{", "d", Time{});
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().reason == Reason::malformed_body);
}

TEST_CASE("a secret's file is read up to 4096 bytes", "[cli][local][limits]") {
  FakeServer server{[](const std::string&) {
    return FakeServer::answer(202, R"({"status":"no_match","event":"e_1","messages":0})");
  }};
  Scratch scratch;
  const auto with = [&](std::size_t bytes) {
    const auto file = scratch.write("secret", std::string(bytes, 's'));
    return signalbox::run({"sample", "github", "issues.opened", "--post", "github", "--hooks-url",
                           server.url(), "--secret-file", file})
        .status;
  };
  CHECK(with(4'096) == 0);
  CHECK(with(4'097) == 2);
}

TEST_CASE("eval reads events of up to 64 MiB", "[cli][local][limits]") {
  Scratch scratch;
  const auto with = [&](std::size_t bytes) {
    const auto file = scratch.write("event", R"({"a":1})" + std::string(bytes - 7, ' '));
    return signalbox::run({"eval", "--pattern", R"({"a":[1]})", "--event", "@" + file}).status;
  };
  CHECK(with(std::size_t{64} * 1024 * 1024) == 0);
  CHECK(with(std::size_t{64} * 1024 * 1024 + 1) == 2);
}

}  // namespace
}  // namespace signalbox
