// What is known of bodies, against real ones: GitHub's examples ($SIGNALBOX_OCTOKIT_EXAMPLES), the
// recordings ($SIGNALBOX_SAMPLES) and our own samples. No field of a real body may be called
// unknown, no value of one may have a type that it cannot have, and no text may be missing in the
// list of those that are known.
#include "connectors/shapes/shapes.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "connectors/connector.hpp"
#include "connectors/request/names.hpp"
#include "connectors/samples/samples.hpp"
#include "tests/connectors/delivery.hpp"
#include "tests/foreign_files.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

const PayloadCatalog& catalog() {
  static const PayloadCatalog read = payload_catalog();
  return read;
}

// Walks a body beside its shape.
class BodyWalk {
 public:
  std::set<std::string> unknown;   // paths that the shape does not have
  std::set<std::string> mistyped;  // paths of values that it does not allow
  std::size_t listed = 0;          // texts that were looked up in a list

  void value(Json value, const PayloadShape& shape, const std::string& path) {
    if (shape.any) return;
    if (!shape.allows(value.kind())) {
      mistyped.insert(path);
    } else if (value.is(JsonKind::array)) {
      for (const Json element : value.elements()) this->value(element, *shape.element, path);
    } else if (value.is(JsonKind::object)) {
      object(value, *shape.object, path);
    } else if (value.is(JsonKind::string) && shape.values != nullptr) {
      ++listed;
      const std::string text{value.string_or({})};
      if (!std::ranges::binary_search(*shape.values, text)) mistyped.insert(path + "=" + text);
    }
  }

 private:
  void object(Json value, const PayloadObject& shape, const std::string& path) {
    for (const JsonField field : value.fields()) {
      const std::string inner = path + "." + std::string{field.key};
      const PayloadField* known = shape.find(field.key);
      if (known != nullptr) {
        this->value(field.value, known->shape, inner);
      } else if (!shape.open) {
        unknown.insert(inner);
      }
    }
  }
};

std::string joined(const std::set<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += path + "\n";
  return text;
}

BodyWalk walk(const std::string& type, Json body) {
  BodyWalk found;
  const PayloadShape* shape = catalog().body(type);
  if (shape == nullptr) {
    found.unknown.insert(type);
  } else {
    found.value(body, *shape, type);
  }
  return found;
}

void add(BodyWalk& all, const BodyWalk& more) {
  all.unknown.insert(more.unknown.begin(), more.unknown.end());
  all.mistyped.insert(more.mistyped.begin(), more.mistyped.end());
  all.listed += more.listed;
}

}  // namespace

TEST_CASE("GitHub's own examples have no field that is unknown or mistyped", "[octokit]") {
  const auto path = test::foreign_path("SIGNALBOX_OCTOKIT_EXAMPLES");
  if (!path) return;
  JsonDocument document;
  const auto index = document.parse_copy(test::read_file(*path));
  REQUIRE(index.has_value());
  BodyWalk all;
  for (const Json group : index->elements()) {
    for (const Json example : group["examples"].elements()) {
      const auto action = example["action"].string();
      add(all, walk("github." + std::string{group["name"].string_or({})} +
                        (action ? "." + snake_case(*action) : ""),
                    example));
    }
  }
  CHECK(joined(all.unknown) == "");
  CHECK(joined(all.mistyped) == "");
  CHECK(all.listed > 1000);
}

TEST_CASE("recorded bodies of Linear and Jira have no field that is unknown or mistyped",
          "[samples]") {
  const auto samples = test::foreign_path("SIGNALBOX_SAMPLES");
  if (!samples) return;
  BodyWalk all;
  for (const std::string connector : {"linear", "jira"}) {
    JsonDocument table_document;
    const auto table = table_document.parse_copy(
        test::read_file(test::source_path("tests/samples/") + connector + "_payloads.json"));
    REQUIRE(table.has_value());
    for (const auto& [file, expected] : table->fields()) {
      const std::string type{expected["type"].string_or({})};
      if (type.ends_with(".unknown")) continue;  // a body without the name of its event
      JsonDocument document;
      const auto body = document.parse_copy(
          test::read_file(*samples + "/payloads/" + connector + "/" + std::string{file}));
      REQUIRE(body.has_value());
      add(all, walk(type, *body));
    }
  }
  CHECK(joined(all.unknown) == "");
  CHECK(joined(all.mistyped) == "");
  CHECK(all.listed > 5);
}

TEST_CASE("our own samples have no field that is unknown or mistyped") {
  BodyWalk all;
  for (const Connector* connector : all_connectors()) {
    for (const std::string_view type : sample_types(connector->name)) {
      const auto sample = make_sample(connector->name, type, 1);
      REQUIRE(sample.has_value());
      JsonDocument document;
      const auto body = document.parse_copy(sample->body);
      REQUIRE(body.has_value());
      // Behind the action there may be the name of a variant.
      std::string plain{type};
      while (catalog().body(plain) == nullptr && plain.find('.') != std::string::npos)
        plain.resize(plain.rfind('.'));
      INFO(type);
      add(all, walk(plain, *body));
    }
  }
  CHECK(joined(all.unknown) == "");
  CHECK(joined(all.mistyped) == "");
  CHECK(all.listed > 10);
}

TEST_CASE("a text of shapes has the name of a connector, and events of that connector only") {
  REQUIRE_FALSE(shape_texts().empty());
  for (const ShapeText& shape : shape_texts()) {
    INFO("connectors/shapes/" << shape.connector << ".txt");
    CHECK(find_connector(shape.connector) != nullptr);
    const auto own = PayloadCatalog::parse(std::span{&shape.text, 1});
    REQUIRE(own.has_value());
    CHECK_FALSE(own->bodies().empty());
    for (const auto& [type, body] : own->bodies()) {
      CHECK(type.substr(0, type.find('.')) == shape.connector);
    }
  }
}

}  // namespace signalbox
