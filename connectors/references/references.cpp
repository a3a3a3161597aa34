#include "connectors/references/references.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/references/reference_text.hpp"
#include "connectors/request/names.hpp"
#include "event/ascii.hpp"

namespace signalbox {
namespace {

constexpr std::size_t references_usual = 4;

bool holds(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

std::string_view digits_only(std::string_view text) {
  return !text.empty() && text.size() <= 9 && text.front() != '0' &&
                 text.find_first_not_of("0123456789") == std::string_view::npos
             ? text
             : std::string_view{};
}

// "[ENG-1](…)", "<https://…>", "**#12**": Markdown around a target.
std::size_t skip_wrapping(std::string_view text) {
  constexpr std::size_t wrapping_max = 4;
  const std::size_t end = std::min(text.find_first_not_of("[(<*_"), text.size());
  return end <= wrapping_max ? end : 0;
}

// What separates the targets of one word: ", ", " and ", " & ", ", and ".
std::size_t skip_separator(std::string_view text) {
  std::size_t at = 0;
  const auto blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  };
  bool separated = false;
  blanks();
  if (text.substr(at).starts_with(',')) {
    separated = true;
    ++at;
    blanks();
  }
  for (const std::string_view word : {"and ", "& "}) {
    if (!text.substr(at).starts_with(word)) continue;
    separated = true;
    at += word.size();
    blanks();
    break;
  }
  return separated ? at : 0;
}

}  // namespace

ReferenceCollector::ReferenceCollector(const TrackerKeys& trackers, std::string_view repository,
                                       std::string_view host)
    : trackers_{trackers}, repository_{repository}, host_{host} {}

void ReferenceCollector::add(std::string target, Relation relation, ReferencePlace seen,
                             Trust trust) {
  if (target.empty()) return;
  const auto same = [&](const Reference& other) {
    return other.relation == relation && other.seen == seen && other.target == target;
  };
  if (const auto known = std::ranges::find_if(references_, same); known != references_.end()) {
    known->trust = std::max(known->trust, trust);
  } else if (references_.size() < references_max) {
    if (references_.empty()) references_.reserve(references_usual);
    references_.push_back({std::move(target), relation, seen, trust});
  }
}

std::string_view ReferenceCollector::within_budget(std::string_view text) {
  text = text.substr(0, bytes_left_);
  bytes_left_ -= text.size();
  return text;
}

void ReferenceCollector::add_key(std::string_view project, std::string_view number,
                                 const AuthoredText& written, Relation relation, bool bare) {
  const bool any_case = written.seen == ReferencePlace::branch;
  // Linear takes a bare key from a branch or a title, from a commit's message behind a word only.
  const bool for_linear = !bare || written.seen != ReferencePlace::commit;
  const std::string team = any_case ? ascii_upper(project) : std::string{project};
  if (for_linear && holds(trackers_.teams, team)) {
    add(fmt::format("linear:{}-{}", team, number), relation, written.seen, written.trust);
  }
  if (holds(trackers_.projects, project)) {
    add(fmt::format("jira:{}-{}", project, number), relation, written.seen, written.trust);
  }
}

void ReferenceCollector::add_keys(const AuthoredText& written, Relation relation) {
  if (trackers_.teams.empty() && trackers_.projects.empty()) return;
  std::string_view rest = within_budget(written.text);
  while (!rest.empty()) {
    if (const auto key = read_key(rest)) {
      add_key(key->project, key->number, written, relation, true);
    }
    // To the next word, wherever this one ends.
    while (!rest.empty() && is_key_character(rest.front())) rest.remove_prefix(1);
    while (!rest.empty() && !is_key_character(rest.front())) rest.remove_prefix(1);
  }
}

std::size_t ReferenceCollector::add_target(std::string_view text, const AuthoredText& written,
                                           Relation relation, bool closes_on_github) {
  if (const auto url = read_url(text); !url.empty()) {
    const bool elsewhere = url.find("/issues/") == std::string_view::npos &&
                           url.find("/pull/") == std::string_view::npos;
    add_url({url, written.seen, written.trust},
            elsewhere || closes_on_github ? relation : Relation::mentions);
    return url.size();
  }
  if (const auto number = read_number(text)) {
    const auto repository = number->repository.empty() ? repository_ : number->repository;
    if (!repository.empty()) {
      add(fmt::format("github:{}#{}", repository, number->number),
          closes_on_github ? relation : Relation::mentions, written.seen, written.trust);
    }
    return number->size;
  }
  const auto key = read_key(text);
  if (!key) return 0;
  add_key(key->project, key->number, written, relation, false);
  return key->project.size() + 1 + key->number.size();
}

std::size_t ReferenceCollector::add_targets(std::string_view text, const AuthoredText& written,
                                            Relation relation, bool closes_on_github) {
  std::size_t at = 0;
  std::size_t next = 0;
  while (true) {
    next += skip_wrapping(text.substr(next));
    const std::size_t size = add_target(text.substr(next), written, relation, closes_on_github);
    if (size == 0) return at;
    at = next + size;
    // GitHub wants its word in front of each number; Linear takes lists.
    closes_on_github = false;
    const std::size_t separator = skip_separator(text.substr(at));
    if (separator == 0) return at;
    next = at + separator;
  }
}

void ReferenceCollector::add_words(const AuthoredText& written, bool closes) {
  std::string_view rest = within_budget(written.text);
  Backticks failed;
  while (!rest.empty()) {
    if (const std::size_t code = skip_code(rest, failed); code > 0) {
      rest.remove_prefix(code);
      continue;
    }
    if (!is_key_character(rest.front())) {
      if (starts_paragraph(rest)) failed = {};
      rest.remove_prefix(1);
      continue;
    }
    const auto word = read_linking_word(rest);
    if (word) {
      Relation relation = Relation::mentions;
      if (closes && word->linking != Linking::mentions) {
        relation = word->linking == Linking::implements ? Relation::implements : Relation::fixes;
      }
      rest.remove_prefix(word->size);
      rest.remove_prefix(add_targets(rest, written, relation, word->linking == Linking::closes));
      continue;
    }
    while (!rest.empty() && is_key_character(rest.front())) rest.remove_prefix(1);
  }
}

void ReferenceCollector::add_url(const AuthoredText& url, Relation relation) {
  const std::string_view text = read_url(url.text);
  const std::string host = host_of(text);
  if (host.empty()) return;
  std::string_view path = text.substr(std::min(text.find('/', text.find("://") + 3), text.size()));
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::string_view first = next_part(path);
  const std::string_view second = next_part(path);
  const std::string_view third = next_part(path);
  const std::string_view fourth = next_part(path);
  if (host == host_) {
    const bool item = third == "issues" || third == "pull" || third == "discussions";
    const auto number = digits_only(fourth);
    if (item && !number.empty() && is_plain_name(first) && is_plain_name(second)) {
      add(fmt::format("github:{}/{}#{}", first, second, number), relation, url.seen, url.trust);
    }
    return;
  }
  const bool linear = host == "linear.app" && second == "issue";
  if (!linear && first != "browse") return;
  const auto key = read_key(linear ? third : second);
  if (!key) return;
  const auto& known = linear ? trackers_.teams : trackers_.projects;
  if (!holds(known, key->project)) return;
  add(fmt::format("{}:{}-{}", linear ? "linear" : "jira", key->project, key->number), relation,
      url.seen, url.trust);
}

std::vector<Reference> ReferenceCollector::take(std::string_view own) {
  std::erase_if(references_, [&](const Reference& each) { return each.target == own; });
  return std::move(references_);
}

}  // namespace signalbox
