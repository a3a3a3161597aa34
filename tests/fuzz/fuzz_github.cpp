// Whatever a holder of the secret signs becomes an event with safe names, or is refused; what
// nobody signed is never parsed. An input is two lines, the event's and the content type's header,
// and then the body.
#include <optional>

#include "connectors/connector.hpp"
#include "connectors/request/names.hpp"
#include "tests/fuzz/expect_references.hpp"

using namespace signalbox;
using fuzz::expect;

namespace {

constexpr std::string_view secret = "a secret for fuzzing";

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

void check(const Event& event) {
  expect(event.type.starts_with("github."), "a type starts with its connector");
  expect(is_plain_name(event.type, {}, 8 + 2 * name_bytes_max), "a type is plain");
  expect(is_plain_name(event.delivery), "a delivery id is plain");
  expect(event.subject.find_first_of("\n\r\0\x1b{}\"") == std::string::npos,
         "a subject is one plain line");
  expect(event.body.is(JsonKind::object), "a body is an object");
  fuzz::expect_references(event.references, event.work ? event.work->readable : "nothing");
  fuzz::expect_places(event.places);
  if (!event.work) return;
  expect(event.subject == event.work->readable, "the subject is the work");
  expect(is_plain_name(event.work->canonical, ":/", 1024), "a canonical name is plain");
  for (const std::string& alias : event.work->aliases) {
    expect(is_plain_name(alias, ":/=", 1024), "an alias is plain");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Connector& github = *find_connector("github");
  static ParseScratch scratch;
  static SourceKeys keys = [] {
    SourceKeys made{.connector = &github, .keys = {}};
    expect(!made.add(secret), "a secret is a key");
    return made;
  }();
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const std::string_view event_name = take_line(rest);
  const std::string_view content_type = take_line(rest);
  std::string body{rest};
  body.append(json_padding, '"');
  const std::string_view signed_body = std::string_view{body}.substr(0, rest.size());

  const auto headers = github.sign("github.push", "fuzz-1", signed_body, secret);
  std::vector<Headers::Field> fields(headers.begin(), headers.end());
  for (auto& [name, value] : fields) {
    if (name == "X-GitHub-Event") value = event_name;
    if (name == "Content-Type") value = content_type;
  }
  Unverified request{.source = "github", .headers = Headers{fields}, .body = signed_body};
  const auto verified = verify(keys, request);
  expect(verified.has_value(), "what was signed is verified");
  if (const auto event = github.parse(*verified, scratch)) check(*event);

  if (!rest.empty()) {
    request.body.remove_suffix(1);
    expect(!verify(keys, request).has_value(), "what was not signed is not verified");
  }
  return 0;
}
