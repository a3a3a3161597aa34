// Whatever a holder of the secret signs as a connector's provider becomes an event with safe names,
// or is refused. An input is a line with the connector's name (another one: the first connector's)
// and then the body. A new connector is among them by its row.
#include <optional>

#include "connectors/connector.hpp"
#include "connectors/request/names.hpp"
#include "tests/fuzz/expect_references.hpp"

using namespace signalbox;
using fuzz::expect;

namespace {

constexpr std::size_t alias_bytes_max = 512;
constexpr std::size_t person_bytes_max = 256;

void check(const Event& event) {
  expect(event.type.starts_with(event.connector + "."), "a type starts with its connector");
  expect(is_plain_name(event.type, {}, event.connector.size() + 2 + 2 * name_bytes_max),
         "a type is plain");
  expect(is_plain_name(event.delivery), "a delivery id is plain");
  expect(event.subject.empty() || is_plain_name(event.subject, ":/#", alias_bytes_max),
         "a subject is plain");
  expect(event.body.is(JsonKind::object), "a body is an object");
  expect(event.actor.id.size() <= person_bytes_max, "an actor's id is bounded");
  expect(event.actor.name.size() <= person_bytes_max, "an actor's name is bounded");
  fuzz::expect_references(event.references, event.work ? event.work->readable : "nothing");
  fuzz::expect_places(event.places);
  if (!event.work) return;
  expect(event.subject == event.work->readable, "the subject is the work");
  expect(is_plain_name(event.work->canonical, ":/", alias_bytes_max), "a canonical name is plain");
  for (const std::string& alias : event.work->aliases) {
    expect(is_plain_name(alias, ":/=", alias_bytes_max), "an alias is plain");
  }
}

void run(const Connector& connector, std::string_view text) {
  static ParseScratch scratch;
  static const auto trackers =
      std::make_shared<const TrackerKeys>(TrackerKeys{.teams = {"ENG"}, .projects = {"PROJ"}});
  const SecretPair secret = connector.invent_secret();
  SourceKeys keys{
      .connector = &connector, .keys = {}, .replay_window = std::nullopt, .trackers = trackers};
  expect(!keys.add(secret.checking), "an invented secret is a key");
  std::string body{text};
  body.append(json_padding, '"');
  const std::string_view signed_body = std::string_view{body}.substr(0, text.size());
  const auto headers = connector.sign({}, "fuzz-1", signed_body, secret.signing);
  const std::vector<Headers::Field> fields(headers.begin(), headers.end());
  Unverified request{
      .source = connector.name, .headers = Headers{fields}, .body = signed_body, .received = {}};
  const auto verified = verify(keys, request);
  expect(verified.has_value(), "what was signed is verified");
  if (const auto event = connector.parse(*verified, scratch)) check(*event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const std::string_view name = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  const Connector* named = find_connector(name);
  run(named == nullptr ? *all_connectors().front() : *named, rest);
  return 0;
}
