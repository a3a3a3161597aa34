#include "tests/rules/automaton/random_patterns.hpp"

#include <array>

namespace signalbox {
namespace {

SpelledJson scalar_of(std::string spelling) {
  SpelledJson json;
  json.spelling = std::move(spelling);
  return json;
}

SpelledJson list_of(std::vector<SpelledJson> elements) {
  SpelledJson json;
  json.shape = SpelledJson::Shape::array;
  json.elements = std::move(elements);
  return json;
}

SpelledJson object_of(std::string key, SpelledJson value) {
  SpelledJson json;
  json.shape = SpelledJson::Shape::object;
  json.fields.emplace_back('"' + key + '"', std::move(value));
  return json;
}

constexpr std::array keys{"a", "b", "c", "ab", "a.b", "b.c", "a.a.b", "\\u0061", "b.", ""};
constexpr std::array letters{"a", "b", "A", "B", "1", "*", ".", "-", "é", "É", "ß", "S", "ſ", "k"};
constexpr std::array escaped{"\\u0061",        "\\n",     "\\\"", "\\ud800",
                             "\\ud83d\\ude00", "\\u00e9", "\\/"};
constexpr std::array addresses{"10.0.0.1", "10.0.0.01",   "10.0.1.1",       "11.0.0.1",
                               "::1",      "2001:db8::1", "::ffff:10.0.0.1"};
constexpr std::array blocks{"10.0.0.0/8", "10.0.0.0/24", "10.0.1.0/30", "2001:db8::/32",
                            "::/0",       "0.0.0.0/0",   "10.0.0.0/31"};
constexpr std::array numbers{"0",     "-0",
                             "1",     "1.0",
                             "10e-1", "2",
                             "-1",    "300",
                             "3e2",   "3.0e2",
                             "0.1",   "1e-1",
                             "1.5",   "5",
                             "6",     "12345678901234567890",
                             "1e400", "100000000000000000000",
                             "1E20"};

}  // namespace

std::string SpelledJson::text() const {
  if (shape == Shape::scalar) return spelling;
  std::string out = shape == Shape::object ? "{" : "[";
  for (const auto& [key, value] : fields) {
    if (out.size() > 1) out += ',';
    out += key + ':' + value.text();
  }
  for (const SpelledJson& element : elements) {
    if (out.size() > 1) out += ',';
    out += element.text();
  }
  return out + (shape == Shape::object ? "}" : "]");
}

std::string RandomJson::key() {
  const unsigned at = below(4) > 0 ? below(3) : below(static_cast<unsigned>(keys.size()));
  return keys[at];
}

std::string RandomJson::characters() {
  if (below(10) == 0) return addresses[below(addresses.size())];
  std::string out;
  for (unsigned i = below(below(8) == 0 ? 12 : 4); i > 0; --i) {
    out += below(12) == 0
               ? escaped[below(escaped.size())]
               : letters[below(below(3) == 0 ? static_cast<unsigned>(letters.size()) : 4)];
  }
  return out;
}

std::string RandomJson::string() { return '"' + characters() + '"'; }

std::string RandomJson::number() { return numbers[below(numbers.size())]; }

std::string RandomJson::scalar() {
  switch (below(8)) {
    case 0:
      return "true";
    case 1:
      return below(2) == 0 ? "false" : "null";
    case 2:
    case 3:
      return number();
    default:
      return string();
  }
}

SpelledJson RandomJson::value(unsigned depth) {
  const unsigned kind = below(7);
  if (kind < 3 || depth > 4) return scalar_of(scalar());
  return kind < 5 ? object(depth) : array(depth);
}

SpelledJson RandomJson::object(unsigned depth) {
  SpelledJson json;
  json.shape = SpelledJson::Shape::object;
  for (unsigned i = below(depth == 0 ? 6 : 4); i > 0; --i) {
    json.fields.emplace_back('"' + key() + '"', value(depth + 1));
  }
  return json;
}

SpelledJson RandomJson::array(unsigned depth) {
  std::vector<SpelledJson> elements;
  for (unsigned i = below(4); i > 0; --i) elements.push_back(value(depth + 1));
  return list_of(std::move(elements));
}

SpelledJson RandomJson::pattern_object(unsigned depth, bool with_or) {
  SpelledJson json;
  json.shape = SpelledJson::Shape::object;
  for (unsigned i = 1 + below(depth == 0 ? 3 : 2); i > 0; --i) {
    if (with_or && below(8) == 0) {
      std::vector<SpelledJson> alternatives;
      for (unsigned n = 2 + below(2); n > 0; --n) {
        alternatives.push_back(pattern_object(depth + 1, depth < 2));
      }
      json.fields.emplace_back("\"$or\"", list_of(std::move(alternatives)));
    } else if (depth < 3 && below(3) == 0) {
      json.fields.emplace_back('"' + key() + '"', pattern_object(depth + 1, with_or));
    } else {
      json.fields.emplace_back('"' + key() + '"', list());
    }
  }
  return json;
}

SpelledJson RandomJson::list() {
  std::vector<SpelledJson> tests;
  for (unsigned i = 1 + below(below(3) == 0 ? 4 : 1); i > 0; --i) tests.push_back(test());
  return list_of(std::move(tests));
}

// What makes the operand of each operator; all_operators() has the same names, which a test holds.
class RandomJson::Operands {
 public:
  explicit Operands(RandomJson& random) : random_{random} {}

  // {"prefix": "a"} and the like.
  SpelledJson expression() {
    static const std::vector<Maker> makers{
        {"exactly", &Operands::text},      {"prefix", &Operands::affix},
        {"suffix", &Operands::affix},      {"equals-ignore-case", &Operands::text},
        {"wildcard", &Operands::wildcard}, {"anything-but", &Operands::anything_but},
        {"numeric", &Operands::numeric},   {"exists", &Operands::exists},
        {"cidr", &Operands::block}};
    const Maker& maker = makers[random_.below(static_cast<unsigned>(makers.size()))];
    return object_of(maker.name, (this->*maker.make)());
  }

 private:
  struct Maker {
    const char* name;
    SpelledJson (Operands::*make)();
  };

  SpelledJson text() { return scalar_of(random_.string()); }

  SpelledJson exists() { return scalar_of(random_.below(2) == 0 ? "true" : "false"); }

  SpelledJson block() {
    return scalar_of('"' + std::string{blocks[random_.below(blocks.size())]} + '"');
  }

  SpelledJson affix() {
    return random_.below(3) == 0 ? object_of("equals-ignore-case", text()) : text();
  }

  SpelledJson wildcard() {
    std::string out;
    for (unsigned i = random_.below(4); i > 0; --i) {
      out += random_.below(2) == 0 ? "*" : letters[random_.below(4)];
      out += random_.below(2) == 0 ? letters[random_.below(4)] : "";
    }
    if (random_.below(8) == 0) out += "\\\\*";
    return scalar_of('"' + out + '"');
  }

  SpelledJson anything_but() {
    constexpr std::array names{"prefix", "suffix", "equals-ignore-case", "wildcard"};
    const bool inner = random_.below(2) == 0;
    const std::string name = names[random_.below(names.size())];
    const bool of_numbers = random_.below(3) == 0;
    const auto one = [&] {
      if (inner) return name == "wildcard" ? wildcard() : text();
      return of_numbers ? scalar_of(random_.number()) : text();
    };
    SpelledJson values = one();
    if (random_.below(2) == 0) {
      values = list_of({values});
      for (unsigned i = random_.below(3); i > 0; --i) values.elements.push_back(one());
    }
    return inner ? object_of(name, std::move(values)) : values;
  }

  SpelledJson numeric() {
    constexpr std::array comparisons{"\"=\"", "\"<\"", "\"<=\"", "\">\"", "\">=\""};
    const unsigned first = random_.below(comparisons.size());
    std::vector<SpelledJson> list{scalar_of(comparisons[first]), scalar_of(random_.number())};
    if (first >= 3 && random_.below(2) == 0) {
      list.push_back(scalar_of(comparisons[1 + random_.below(2)]));
      list.push_back(scalar_of(random_.number()));
    }
    return list_of(std::move(list));
  }

  RandomJson& random_;
};

SpelledJson RandomJson::test() {
  return below(3) == 0 ? scalar_of(scalar()) : Operands{*this}.expression();
}

}  // namespace signalbox
