#include "tests/source_tree.hpp"

namespace signalbox::test {

std::string source_path(std::string_view path) {
  return std::string{SIGNALBOX_SOURCE_DIR "/"}.append(path);
}

}  // namespace signalbox::test
