// References in any text: bounded, plain, and found in one pass (libFuzzer's time limit is the
// judge). An input is the text of a description, a branch, a commit's message and a URL at once.
#include "connectors/references/references.hpp"
#include "tests/fuzz/expect_references.hpp"

using namespace signalbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TrackerKeys trackers{.teams = {"ENG", "V2"}, .projects = {"PROJ", "V2"}};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  ReferenceCollector found{trackers, "acme/api"};
  found.add_words({text, ReferencePlace::description, Trust::member}, true);
  found.add_keys({text, ReferencePlace::branch, Trust::member}, Relation::implements);
  found.add_keys({text, ReferencePlace::commit, Trust::outsider}, Relation::mentions);
  found.add_url({text, ReferencePlace::attachment, Trust::owner}, Relation::mentions);
  fuzz::expect_references(found.take("github:acme/api#42"), "github:acme/api#42");
  return 0;
}
