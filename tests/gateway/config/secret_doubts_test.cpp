// What is said of secrets that can be used and that somebody should look at.
#include "gateway/config/secret_doubts.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "gateway/config/config.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

std::string doubts(std::string_view secret) {
  std::string all;
  for (const SecretDoubt& doubt : doubts_of(secret)) {
    CHECK(is_about_secrets(doubt.code));
    all.append(doubt.code).append(": ").append(doubt.text).append("\n");
  }
  return all;
}

TEST_CASE("a sound secret is not doubted", "[config]") {
  for (const std::string_view good : {"0123456789abcdef", "correct horse battery staple",
                                      "it's \"fine\" within!!", "\xC3\xA9t\xC3\xA9 0123456789ab"}) {
    INFO(good);
    CHECK(doubts(good) == "");
  }
}

TEST_CASE("each doubt of a secret is said", "[config]") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"     ", "weak-secret: is nothing but blanks\n"},
      {"x", "short-secret: has fewer than 16 bytes"},
      {"0123456789abcde", "short-secret: has fewer than 16 bytes"},
      {"aaaaaaaaaaaaaaaa", "weak-secret: repeats a few characters"},
      {"abcdefgabcdefgabcdefg", "weak-secret: repeats a few characters"},
      {"\xEF\xBB\xBF"
       "0123456789abcdef",
       "secret-form: begins with a byte order mark"},
      {"\"0123456789abcdef\"", "secret-form: stands in quotes"},
      {"'0123456789abcdef'", "secret-form: stands in quotes"},
      {"0123456789abcdef ", "secret-form: ends with a blank"},
      {"0123456789abcdef\t", "secret-form: ends with a blank"},
      {" 0123456789abcdef", "secret-form: begins with a blank"},
  };
  for (const auto& [secret, said] : rows) {
    INFO(secret);
    CHECK(doubts(secret).find(said) != std::string::npos);
  }
  CHECK(doubts(" x").find("short-secret") != std::string::npos);
  CHECK(doubts("") == "");
}

std::string said_of_file(std::string_view content, mode_t mode) {
  const Scratch scratch;
  const std::string secret = scratch.write("hook.txt", std::string{content});
  REQUIRE(::chmod(secret.c_str(), mode) == 0);
  const auto path = scratch.write("signalbox.yaml",
                                  "site: acme\nredis: embedded\nsources:\n"
                                  "  github: {connector: github, secrets: [{file: hook.txt}]}\n");
  std::string said;
  const auto loaded = load_config(path, scratch.environment(""));
  CHECK(loaded.config != nullptr);
  for (const Diagnostic& each : loaded.diagnostics) said += to_string(each) + "\n";
  CHECK(said.find("0123456789abcdef") == std::string::npos);
  return said;
}

TEST_CASE("a secret's file is doubted for its form and for who may write it", "[config]") {
  CHECK(said_of_file("0123456789abcdef\n", 0600) == "");
  CHECK(said_of_file("\xEF\xBB\xBF"
                     "0123456789abcdef\r\n",
                     0600)
            .find("byte order mark") != std::string::npos);
  CHECK(said_of_file("\"0123456789abcdef\"\n", 0600).find("stands in quotes") != std::string::npos);
  CHECK(said_of_file("0123456789abcdef", 0620).find("[secret-file-writable]") != std::string::npos);
  CHECK(said_of_file("0123456789abcdef", 0602).find("[secret-file-writable]") != std::string::npos);
  CHECK(said_of_file("0123456789abcdef", 0640) == "");
}

}  // namespace
}  // namespace signalbox
