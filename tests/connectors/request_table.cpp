#include "tests/connectors/request_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"
#include "tests/source_tree.hpp"

namespace signalbox::test {
namespace {

constexpr std::string_view secret = "a secret for tests";

std::vector<std::string> texts(Json list) {
  std::vector<std::string> out;
  for (const Json each : list.elements()) out.emplace_back(each.string_or({}));
  return out;
}

// The object `base` with the members of `change`, objects member by member, and without the members
// of the paths in `without`, each of which has to be there.
class Merge {
 public:
  Merge(Json base, Json change, std::vector<std::string> without) : without_{std::move(without)} {
    text_ = object(base, change, {});
    INFO("each path of `without` is a member of the base");
    CHECK(without_.empty());
  }
  const std::string& text() const noexcept { return text_; }

 private:
  std::string object(Json base, Json change, const std::string& path) {
    std::string out;
    const auto add = [&out](std::string_view key, std::string_view value) {
      out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", key, value);
    };
    for (const auto& [key, value] : base.fields()) {
      const std::string own = path + std::string{key};
      if (std::erase(without_, own) > 0) continue;
      const Json other = change[key];
      const bool both = value.is(JsonKind::object) && (!other || other.is(JsonKind::object));
      add(key, both ? object(value, other, own + ".") : std::string{(other ? other : value).raw()});
    }
    for (const auto& [key, value] : change.fields()) {
      if (!base[key]) add(key, value.raw());
    }
    return "{" + out + "}";
  }

  std::vector<std::string> without_;
  std::string text_;
};

std::string body_of(Json bodies, Json row) {
  if (const auto text = row["text"].string()) return std::string{*text};
  if (const Json body = row["body"]) return std::string{body.raw()};
  const Json base = bodies[row["base"].string_or({})];
  REQUIRE(base.is(JsonKind::object));
  return Merge{base, row["change"], texts(row["without"])}.text();
}

// A word that nobody reads would be a case that nobody checks.
void check_words(Json row) {
  constexpr std::array<std::string_view, 13> words{
      "name",  "headers",  "base",        "body",         "text",         "change",    "without",
      "teams", "projects", "received_ms", "content_type", "exclude_body", "max_age_ms"};
  std::size_t bodies = 0;
  for (const auto& [key, value] : row.fields()) {
    INFO(key);
    CHECK((key == "expect" || std::ranges::find(words, key) != words.end()));
    bodies += key == "base" || key == "body" || key == "text" ? 1 : 0;
  }
  CHECK(bodies == 1);
}

BodyTerms terms_of(Json row) {
  BodyTerms terms;
  const auto kind = row["content_type"].string_or({});
  if (kind == "json") terms.content_type = ContentType::json;
  if (kind == "form") terms.content_type = ContentType::form;
  terms.exclude_body = row["exclude_body"].boolean().value_or(false);
  if (const auto age = row["max_age_ms"].integer()) terms.max_age = Milliseconds{*age};
  return terms;
}

Delivery delivery_of(std::string_view connector, Json bodies, Json row) {
  auto delivery =
      Delivery::signed_by(connector, std::string{connector} + ".", body_of(bodies, row), secret);
  if (connector == "github") delivery.remove("X-GitHub-Event");
  delivery.set_received(delivery.request().received +
                        Milliseconds{row["received_ms"].integer().value_or(0)});
  delivery.set_terms(terms_of(row));
  delivery.set_trackers({.teams = texts(row["teams"]), .projects = texts(row["projects"])});
  for (const auto& [name, value] : row["headers"].fields()) {
    if (const auto text = value.string()) {
      delivery.set(name, *text);
    } else {
      delivery.remove(name);
    }
  }
  return delivery;
}

void check_refusal(Json expected, const Result<Event>& event) {
  REQUIRE_FALSE(event.has_value());
  CHECK(describe(event.error().reason).name == expected["reason"].string_or({}));
  CHECK(event.error().detail.find(expected["detail"].string_or({})) != std::string::npos);
}

// "implements linear:ENG-1, seen in a branch of a member": one line each, in any order.
std::vector<std::string> references_of(const Event& event) {
  std::vector<std::string> out;
  for (const Reference& each : event.references) {
    out.push_back(fmt::format("{} {} {} {}", to_string(each.relation), each.target,
                              to_string(each.seen), to_string(each.trust)));
  }
  std::ranges::sort(out);
  return out;
}

std::string canonical(const Event& event) { return event.work ? event.work->canonical : ""; }

void check_work(Json expected, const Event& event) {
  if (const Json work = expected["work"]) CHECK(canonical(event) == work.string_or({}));
  if (const Json name = expected["readable"])
    CHECK(event.work.value().readable == name.string_or({}));
  if (const Json names = expected["aliases"]) {
    CHECK(event.work.value().aliases == texts(names));
  }
}

}  // namespace

void check_event(Json expected, const Event& event) {
  std::size_t known = 0;
  const auto text = [&](std::string_view key, std::string_view actual) {
    if (const Json wanted = expected[key]) {
      ++known;
      CHECK(actual == wanted.string_or({}));
    }
  };
  text("type", event.type);
  text("subject", event.subject);
  text("actor", to_string(event.actor.kind));
  text("actor_name", event.actor.name);
  text("actor_id", event.actor.id);
  text("trust", to_string(event.trust));
  if (const Json guards = expected["guards"]) {
    ++known;
    CHECK(event.digest_guards == guards.boolean());
  }
  for (const auto& [key, value] : expected["field"].fields()) {
    CHECK(event.body[key].string_or({}) == value.string_or({}));
  }
  if (const Json places = expected["places"]) {
    ++known;
    CHECK(event.places == texts(places));
  }
  if (const Json references = expected["references"]) {
    ++known;
    auto wanted = texts(references);
    std::ranges::sort(wanted);
    CHECK(references_of(event) == wanted);
  }
  for (const auto& key : {"work", "readable", "aliases", "field"}) known += expected[key] ? 1 : 0;
  check_work(expected, event);
  std::size_t members = 0;
  for ([[maybe_unused]] const auto& field : expected.fields()) ++members;
  CHECK(known == members);
}

RequestCount check_request_table(std::string_view connector) {
  JsonDocument document;
  const std::string path = source_path("tests/samples/").append(connector).append("_requests.json");
  const auto table = document.parse_copy(read_file(path));
  REQUIRE(table.has_value());
  RequestCount count;
  for (const Json row : (*table)["requests"].elements()) {
    ++(row["expect"]["reason"] ? count.refused : count.taken);
    DYNAMIC_SECTION(row["name"].string_or({})) {
      const Json expected = row["expect"];
      check_words(row);
      auto delivery = delivery_of(connector, (*table)["bodies"], row);
      const auto event = delivery.parse(secret);
      if (expected["reason"]) {
        check_refusal(expected, event);
      } else {
        INFO((event ? "" : event.error().detail));
        REQUIRE(event.has_value());
        check_event(expected, *event);
      }
    }
  }
  return count;
}

}  // namespace signalbox::test
