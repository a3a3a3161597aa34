// Findings as SARIF 2.1.0.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "gateway/cli/check/check_findings.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/telemetry/version.hpp"
#include "rules/lint/lint.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

constexpr std::string_view schema_uri =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

// RFC 3986: what is not unreserved is escaped, slashes stay.
std::string uri_of(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || std::string_view{"/-._~"}.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

json::string_view level_of(Severity severity) noexcept {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

// The codes that occur, with their place in the list.
class CodeList {
 public:
  std::size_t index_of(const std::string& code) {
    const auto [known, added] = places_.emplace(code, codes_.size());
    if (added) codes_.push_back(descriptor(code));
    return known->second;
  }
  json::array take() { return std::move(codes_); }

 private:
  static json::object descriptor(const std::string& code) {
    json::object row{{"id", code}};
    for (const LintCode& known : all_lint_codes()) {
      if (known.code == code)
        row["shortDescription"] = json::object{{"text", json_text(known.meaning)}};
    }
    return row;
  }

  std::map<std::string, std::size_t> places_;
  json::array codes_;
};

json::object location_of(const Diagnostic& diagnostic) {
  json::object physical{{"artifactLocation", json::object{{"uri", uri_of(diagnostic.file)}}}};
  if (diagnostic.line > 0) {
    json::object region{{"startLine", diagnostic.line}};
    if (diagnostic.column > 0) region["startColumn"] = diagnostic.column;
    physical["region"] = std::move(region);
  }
  return json::object{{"physicalLocation", std::move(physical)}};
}

}  // namespace

std::string findings_sarif(const CheckFindings& findings) {
  CodeList codes;
  json::array results;
  for (const Diagnostic& diagnostic : findings.diagnostics) {
    results.push_back(json::object{{"ruleId", diagnostic.code},
                                   {"ruleIndex", codes.index_of(diagnostic.code)},
                                   {"level", level_of(diagnostic.severity)},
                                   {"message", json::object{{"text", diagnostic.message}}},
                                   {"locations", json::array{location_of(diagnostic)}}});
  }
  const json::object driver{
      {"name", "signalbox"}, {"version", json_text(version)}, {"rules", codes.take()}};
  const json::object run{{"tool", json::object{{"driver", driver}}},
                         {"columnKind", "unicodeCodePoints"},
                         {"results", std::move(results)}};
  return json::serialize(json::object{
      {"$schema", json_text(schema_uri)}, {"version", "2.1.0"}, {"runs", json::array{run}}});
}

}  // namespace signalbox
