#include "connectors/shapes/shapes.hpp"

#include <array>
#include <stdexcept>

#include "connectors/shapes/shape_texts.hpp"

namespace signalbox {

PayloadCatalog payload_catalog() {
  const std::array<std::string_view, 3> texts{github_shapes, jira_shapes, linear_shapes};
  auto catalog = PayloadCatalog::parse(texts);
  if (!catalog) throw std::logic_error{"connectors/shapes: " + catalog.error().detail};
  return std::move(*catalog);
}

}  // namespace signalbox
