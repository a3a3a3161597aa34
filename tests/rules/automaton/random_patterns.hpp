// Random patterns and events that collide: few field names, small alphabets, arrays of objects,
// escapes, numbers in several spellings, every operator. A test holds the table of what makes their
// operands to all_operators().
#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace signalbox {

// JSON as it is spelled: scalars and keys are kept as they will be written.
struct SpelledJson {
  enum class Shape { scalar, object, array } shape = Shape::scalar;
  std::string spelling;  // of a scalar
  std::vector<std::pair<std::string, SpelledJson>> fields;
  std::vector<SpelledJson> elements;

  std::string text() const;
};

class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : random_{seed} {}

  SpelledJson event() { return object(0); }
  // May be no valid pattern.
  SpelledJson pattern() { return pattern_object(0, true); }
  unsigned below(unsigned count) { return static_cast<unsigned>(random_()) % count; }

 private:
  SpelledJson object(unsigned depth);
  SpelledJson array(unsigned depth);
  SpelledJson value(unsigned depth);
  SpelledJson pattern_object(unsigned depth, bool with_or);
  SpelledJson list();
  SpelledJson test();
  class Operands;
  std::string key();
  std::string characters();
  std::string string();
  std::string number();
  std::string scalar();

  std::mt19937 random_;
};

}  // namespace signalbox
