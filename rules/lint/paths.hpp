// What is known of a path in the bodies of some events: the linter's question to the catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/payload_catalog.hpp"
#include "rules/template/template_path.hpp"

namespace signalbox {

// Why a value may not be there: what the body may have at this prefix of the path, which is without
// indices.
struct WeakStep {
  std::string prefix;
  bool null = false;   // a null; otherwise nothing,
  bool empty = false;  // or a list without elements
};

struct PathFacts {
  bool open = false;   // anything may be there: nothing can be said
  bool found = false;  // some of the bodies have it
  bool everywhere = true;
  // What it may be where it is.
  bool text = false;
  bool any_text = false;                 // some text of which no list is known
  std::vector<std::string_view> values;  // what texts are known to be, where there is a list
  bool number = false;
  bool boolean = false;
  bool null = false;
  bool object = false;
  bool list = false;
  bool in_list = false;  // it is in an element of a list
  std::vector<WeakStep> weak;
  // Where it ends when it is not found: how far it led, and the names that are known there.
  std::size_t depth = 0;
  std::vector<std::string_view> names;
  std::vector<const PayloadShape*> ends;  // the shapes that it leads to

  bool allows(JsonKind kind) const noexcept;
};

// How a path goes through arrays.
enum class ArraySteps : std::uint8_t {
  any_element,  // a name goes into the elements, as in patterns
  by_index,     // only an index does, as in templates
};

PathFacts facts_of(const std::vector<const PayloadShape*>& bodies,
                   const std::vector<TemplatePath::Step>& steps, ArraySteps arrays);

// "pull_request.labels" of a pattern's path.
std::vector<TemplatePath::Step> steps_of(std::string_view path);

// "pull_request.labels" of steps, without indices.
std::string plain_path(const std::vector<TemplatePath::Step>& steps);

// Where bodies have what a path that they do not have may mean: without what other systems have in
// front of it (`body.`, `github.event.`), without the marks of a list (`labels[*].name`), or within
// one of the body's objects (`draft` of a pull request). Empty: nowhere.
std::string meant_path(const std::vector<const PayloadShape*>& bodies,
                       const std::vector<TemplatePath::Step>& steps, ArraySteps arrays);

// "text, a number or null"
std::string joined_by_or(const std::vector<std::string_view>& words);
std::string kinds_text(const PathFacts& facts);

}  // namespace signalbox
