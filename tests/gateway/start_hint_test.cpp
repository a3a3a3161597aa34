// What a gateway that has just started advises.
#include <catch2/catch.hpp>

#include "gateway/gateway.hpp"

namespace signalbox {
namespace {

SourceConfig source_for(const std::string& name, const Connector& connector) {
  SourceConfig made;
  made.name = name;
  made.connector = &connector;
  return made;
}

constexpr Connector without_samples{.name = "without_samples",
                                    .delivery_header = "X-Delivery",
                                    .answer_deadline = Milliseconds{1},
                                    .deduplicate_id = Milliseconds{1},
                                    .deduplicate_digest = Milliseconds{1},
                                    .check_signature = nullptr,
                                    .parse = nullptr,
                                    .sign = nullptr};

TEST_CASE("the first source is advised whose connector has samples, with one of its own",
          "[gateway]") {
  Config config;
  CHECK(start_hint(config).empty());
  config.sources.push_back(source_for("early", without_samples));
  CHECK(start_hint(config).empty());
  config.sources.push_back(source_for("tracker", *find_connector("linear")));
  CHECK(start_hint(config) == "signalbox sample linear issue.create --post tracker");
  config.sources.push_back(source_for("gh", *find_connector("github")));
  CHECK(start_hint(config) == "signalbox sample linear issue.create --post tracker");
  config.sources.erase(config.sources.begin(), config.sources.begin() + 2);
  CHECK(start_hint(config) == "signalbox sample github pull_request.opened --post gh");
  config.sources = {source_for("site", *find_connector("jira"))};
  CHECK(start_hint(config) == "signalbox sample jira issue_created --post site");
}

}  // namespace
}  // namespace signalbox
