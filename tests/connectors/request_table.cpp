#include "tests/connectors/request_table.hpp"

#include <fmt/format.h>

#include <algorithm>
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

Delivery delivery_of(std::string_view connector, Json row) {
  auto delivery = Delivery::signed_by(connector, std::string{connector} + ".",
                                      row["body"].string_or({}), secret);
  if (connector == "github") delivery.remove("X-GitHub-Event");
  delivery.set_received(delivery.request().received +
                        Milliseconds{row["received_ms"].integer().value_or(0)});
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

std::size_t check_request_table(std::string_view connector) {
  JsonDocument document;
  const std::string path = source_path("tests/samples/").append(connector).append("_requests.json");
  const auto rows = document.parse_copy(read_file(path));
  REQUIRE(rows.has_value());
  std::size_t count = 0;
  for (const Json row : rows->elements()) {
    ++count;
    DYNAMIC_SECTION(row["name"].string_or({})) {
      const Json expected = row["expect"];
      auto delivery = delivery_of(connector, row);
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
