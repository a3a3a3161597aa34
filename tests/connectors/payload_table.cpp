#include "tests/connectors/payload_table.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/connectors/delivery.hpp"
#include "tests/connectors/request_table.hpp"
#include "tests/source_tree.hpp"

namespace signalbox::test {
namespace {

constexpr std::string_view secret = "a secret for recordings";

// Those of the recordings' own sites.
const TrackerKeys trackers{.teams = {"ENG", "KOR", "WEB"},
                           .projects = {"BUG", "TES", "TEST", "GOLD", "PRJA"}};

std::size_t count_files(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    count += entry.path().extension() == ".json" ? 1 : 0;
  }
  return count;
}

}  // namespace

std::size_t check_payloads(std::string_view connector, const std::string& samples) {
  JsonDocument document;
  const std::string path = source_path("tests/samples/").append(connector).append("_payloads.json");
  const auto table = document.parse_copy(read_file(path));
  REQUIRE(table.has_value());
  const std::string directory = samples + "/payloads/" + std::string{connector};
  std::size_t count = 0;
  for (const auto& [file, expected] : table->fields()) {
    ++count;
    INFO(file);
    auto delivery = Delivery::signed_by(connector, std::string{connector} + ".",
                                        read_file(directory + "/" + std::string{file}), secret);
    delivery.set_replay_window(std::nullopt);
    delivery.set_trackers(trackers);
    const auto event = delivery.parse(secret);
    INFO((event ? "" : event.error().detail));
    REQUIRE(event.has_value());
    check_event(expected, *event);
  }
  CHECK(count_files(directory) == count);
  return count;
}

}  // namespace signalbox::test
