// Strict reading of YAML: positions in every message, unknown and repeated keys are errors, nothing
// is converted behind the author's back. Used by the rule loader and the gateway's configuration.
#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/clock.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {

// Bounds of one file. Aliases count as often as they are used, so that a few lines cannot stand for
// billions of values.
inline constexpr int yaml_depth_max = 64;
inline constexpr std::size_t yaml_values_max = 1'000'000;

// A file being read, and what is found wrong with it.
class YamlFile {
 public:
  YamlFile(std::string name, std::vector<Diagnostic>& diagnostics)
      : name_{std::move(name)}, diagnostics_{diagnostics} {}

  // The document's root. Syntax errors, several documents, and repeated keys in any mapping are
  // reported; an undefined node is returned then. `text` must outlive this.
  YAML::Node parse(const std::string& text);

  // Where the scalar that stands at `scalar` holds `part` for the `nth` time, counted from 0; the
  // scalar's own place where it is spelled otherwise there.
  YAML::Mark place_within(const YAML::Mark& scalar, std::string_view part, std::size_t nth) const;

  void error(const YAML::Node& at, std::string_view code, std::string message);
  void warning(const YAML::Node& at, std::string_view code, std::string message);
  void report(const YAML::Mark& at, Severity severity, std::string_view code, std::string message);

  const std::string& name() const noexcept { return name_; }
  // True when an error was reported since construction.
  bool failed() const noexcept { return failed_; }

  // Scalars of the wanted form; anything else is reported with `what` as its name.
  std::optional<std::string> text(const YAML::Node& node, std::string_view what);
  std::optional<bool> boolean(const YAML::Node& node, std::string_view what);
  std::optional<std::int64_t> integer(const YAML::Node& node, std::string_view what,
                                      std::int64_t least, std::int64_t most);
  std::optional<Milliseconds> duration(const YAML::Node& node, std::string_view what);
  std::optional<std::uint64_t> bytes(const YAML::Node& node,
                                     std::string_view what);  // "25MiB", "64KiB", "512"
  // A list of texts, or one text in place of a list.
  std::vector<std::string> texts(const YAML::Node& node, std::string_view what);

 private:
  void find_repeated_keys(const YAML::Node& node, int depth);
  void syntax_error(const YAML::Exception& wrong);
  std::string name_;
  std::vector<Diagnostic>& diagnostics_;
  std::string_view source_;
  std::size_t values_ = 0;
  bool failed_ = false;
};

// A key that people write who know another system, and what to write here.
struct KeyHint {
  std::string_view keys;  // separated by blanks
  std::string_view says;
};

// A mapping whose keys must all be known. Call take() for each key that may occur, then finish().
class YamlMapping {
 public:
  // Reports when `node` is defined and no mapping; `what` names it in messages.
  YamlMapping(YamlFile& file, const YAML::Node& node, std::string_view what);

  // The value of a key, undefined where it is absent. The key counts as known from now on.
  YAML::Node take(std::string_view key);
  // The same; its absence is reported.
  YAML::Node need(std::string_view key);
  // Reports each key that was not taken, with its hint or the nearest known one.
  void finish(std::span<const KeyHint> hints = {});

  bool defined() const noexcept { return defined_; }

 private:
  YamlFile& file_;
  YAML::Node node_;
  std::string what_;
  bool defined_ = false;
  std::map<std::string, std::pair<YAML::Node, YAML::Node>> entries_;  // key -> (key node, value)
  std::vector<std::string> known_;
};

// "25MiB" -> bytes. Units B, KB, MB, GB (powers of 1000) and KiB, MiB, GiB. Nothing for anything
// else.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace signalbox
