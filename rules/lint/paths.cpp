#include "rules/lint/paths.hpp"

#include <algorithm>
#include <array>

namespace signalbox {
namespace {

class PathWalk {
 public:
  PathWalk(PathFacts& facts, const std::vector<TemplatePath::Step>& steps, ArraySteps arrays)
      : facts_{facts}, steps_{steps}, arrays_{arrays} {}

  bool run(const PayloadShape& body) {
    found_ = false;
    go(body, 0, {});
    return found_;
  }

 private:
  void go(const PayloadShape& shape, std::size_t at, const std::string& path) {
    if (shape.any) {
      facts_.open = true;
      return;
    }
    if (at == steps_.size()) return end(shape);
    const auto* key = std::get_if<std::string>(&steps_[at]);
    if (shape.element != nullptr && (key == nullptr || arrays_ == ArraySteps::any_element)) {
      weak({path, false, true});
      facts_.in_list = true;
      go(*shape.element, key == nullptr ? at + 1 : at, path);
    }
    if (shape.object == nullptr || key == nullptr) return;
    if (shape.null || shape.is_scalar()) weak({path, true, false});
    const PayloadField* field = shape.object->find(*key);
    if (field == nullptr) return miss(*shape.object, at);
    const std::string inner = path.empty() ? *key : path + '.' + *key;
    if (!field->always) weak({inner, false, false});
    go(field->shape, at + 1, inner);
  }

  void end(const PayloadShape& shape) {
    found_ = true;
    facts_.found = true;
    facts_.ends.push_back(&shape);
    facts_.text |= shape.text;
    texts(shape);
    facts_.number |= shape.number;
    facts_.boolean |= shape.boolean;
    facts_.null |= shape.null;
    facts_.object |= shape.object != nullptr;
    facts_.list |= shape.element != nullptr;
    // A pattern looks at what is in an array, however deep.
    if (shape.element == nullptr || arrays_ == ArraySteps::by_index) return;
    if (shape.element->any) facts_.open = true;
    facts_.in_list = true;
    end(*shape.element);
  }

  void texts(const PayloadShape& shape) {
    if (!shape.text) return;
    if (shape.values == nullptr) {
      facts_.any_text = true;
      return;
    }
    for (const std::string& value : *shape.values) {
      if (std::ranges::find(facts_.values, value) == facts_.values.end())
        facts_.values.push_back(value);
    }
  }

  void miss(const PayloadObject& object, std::size_t at) {
    if (object.open) facts_.open = true;
    if (at < facts_.depth) return;
    if (at > facts_.depth) facts_.names.clear();
    facts_.depth = at;
    for (const PayloadField& field : object.fields) facts_.names.push_back(field.name);
  }

  void weak(const WeakStep& found) {
    const auto same = [&](const WeakStep& step) {
      return step.prefix == found.prefix && step.null == found.null && step.empty == found.empty;
    };
    if (std::ranges::none_of(facts_.weak, same)) facts_.weak.push_back(found);
  }

  PathFacts& facts_;
  const std::vector<TemplatePath::Step>& steps_;
  ArraySteps arrays_;
  bool found_ = false;
};

}  // namespace

bool PathFacts::allows(JsonKind kind) const noexcept {
  switch (kind) {
    case JsonKind::null:
      return null;
    case JsonKind::boolean:
      return boolean;
    case JsonKind::number:
      return number;
    case JsonKind::string:
      return text;
    case JsonKind::array:
      return list;
    case JsonKind::object:
      break;
  }
  return object;
}

PathFacts facts_of(const std::vector<const PayloadShape*>& bodies,
                   const std::vector<TemplatePath::Step>& steps, ArraySteps arrays) {
  PathFacts facts;
  PathWalk walk{facts, steps, arrays};
  for (const PayloadShape* body : bodies) facts.everywhere = walk.run(*body) && facts.everywhere;
  return facts;
}

std::vector<TemplatePath::Step> steps_of(std::string_view path) {
  std::vector<TemplatePath::Step> steps;
  for (;;) {
    const std::size_t dot = path.find('.');
    steps.emplace_back(std::string{path.substr(0, dot)});
    if (dot == std::string_view::npos) return steps;
    path.remove_prefix(dot + 1);
  }
}

std::string plain_path(const std::vector<TemplatePath::Step>& steps) {
  std::string path;
  for (const TemplatePath::Step& step : steps) {
    if (const auto* key = std::get_if<std::string>(&step)) path += path.empty() ? *key : '.' + *key;
  }
  return path;
}

namespace {

using Steps = std::vector<TemplatePath::Step>;

bool leads_somewhere(const std::vector<const PayloadShape*>& bodies, const Steps& steps,
                     ArraySteps arrays) {
  if (steps.empty()) return false;
  const PathFacts facts = facts_of(bodies, steps, arrays);
  return facts.found && !facts.open;
}

// `labels[*].name`, `labels[].name`, `labels.*.name` -> `labels.name`
Steps without_list_marks(const Steps& steps) {
  Steps plain;
  for (const TemplatePath::Step& step : steps) {
    const auto* key = std::get_if<std::string>(&step);
    if (key == nullptr) continue;
    if (std::string name = key->substr(0, key->find('[')); !name.empty() && name != "*")
      plain.emplace_back(std::move(name));
  }
  return plain;
}

// The objects of the body that have the path, those first that an event is about.
std::string within_object(const std::vector<const PayloadShape*>& bodies, const Steps& steps,
                          ArraySteps arrays) {
  constexpr std::array<std::string_view, 5> everywhere{"enterprise", "installation", "organization",
                                                       "repository", "sender"};
  std::string last_resort;
  for (const PayloadShape* body : bodies) {
    if (body->object == nullptr) continue;
    for (const PayloadField& field : body->object->fields) {
      if (field.shape.object == nullptr) continue;
      Steps inner{field.name};
      inner.insert(inner.end(), steps.begin(), steps.end());
      if (!leads_somewhere(bodies, inner, arrays)) continue;
      if (std::ranges::find(everywhere, field.name) == everywhere.end()) return plain_path(inner);
      if (last_resort.empty()) last_resort = plain_path(inner);
    }
  }
  return last_resort;
}

}  // namespace

std::string meant_path(const std::vector<const PayloadShape*>& bodies, const Steps& steps,
                       ArraySteps arrays) {
  constexpr std::size_t leading = 3;
  if (arrays == ArraySteps::any_element) {
    const Steps plain = without_list_marks(steps);
    if (plain != steps && leads_somewhere(bodies, plain, arrays)) return plain_path(plain);
  }
  for (std::size_t i = 1; i <= leading && i < steps.size(); ++i) {
    const Steps rest(steps.begin() + static_cast<std::ptrdiff_t>(i), steps.end());
    if (leads_somewhere(bodies, rest, arrays)) return plain_path(rest);
  }
  return within_object(bodies, steps, arrays);
}

std::string joined_by_or(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::string kinds_text(const PathFacts& facts) {
  std::vector<std::string_view> words;
  if (facts.text) words.emplace_back("text");
  if (facts.number) words.emplace_back("a number");
  if (facts.boolean) words.emplace_back("true or false");
  if (facts.null) words.emplace_back("null");
  if (facts.object) words.emplace_back("an object");
  if (facts.list) words.emplace_back("a list");
  return joined_by_or(words);
}

}  // namespace signalbox
