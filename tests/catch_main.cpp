// The one translation unit that compiles Catch2's runner. A run of which every test was skipped
// exits with the code that ctest shows as "Skipped" (sb_test in cmake/options.cmake).
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <cstdlib>

#include "tests/foreign_files.hpp"

namespace signalbox::test {
namespace {

constexpr int skipped_exit_code = 77;

std::size_t tests_run = 0;
std::size_t tests_skipped = 0;
bool skips = false;  // the test that runs now

class SkipListener : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo&) override { skips = false; }
  void testCaseEnded(const Catch::TestCaseStats&) override {
    ++tests_run;
    tests_skipped += skips ? 1 : 0;
  }
};
CATCH_REGISTER_LISTENER(SkipListener)

}  // namespace

std::optional<std::string> foreign_path(const char* variable) {
  const char* path = std::getenv(variable);
  if (path != nullptr && *path != '\0') return path;
  WARN(variable << " is not set: the test is skipped");
  skips = true;
  return std::nullopt;
}

}  // namespace signalbox::test

int main(int argc, char** argv) {
  using namespace signalbox::test;
  // Catch2 returns how many assertions failed, which could be any code.
  if (Catch::Session{}.run(argc, argv) != 0) return EXIT_FAILURE;
  return tests_run > 0 && tests_skipped == tests_run ? skipped_exit_code : EXIT_SUCCESS;
}
