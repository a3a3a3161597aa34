#include "connectors/shapes/shapes.hpp"

#include <stdexcept>
#include <vector>

namespace signalbox {

PayloadCatalog payload_catalog() {
  std::vector<std::string_view> texts;
  for (const ShapeText& shape : shape_texts()) texts.push_back(shape.text);
  auto catalog = PayloadCatalog::parse(texts);
  if (!catalog) throw std::logic_error{"connectors/shapes: " + catalog.error().detail};
  return std::move(*catalog);
}

}  // namespace signalbox
