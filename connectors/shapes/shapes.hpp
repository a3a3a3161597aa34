// What the bodies of the connectors' events look like: the texts of connectors/shapes/*.txt as they
// were when this binary was built. Thread-safe.
#pragma once

#include <span>
#include <string_view>

#include "event/payload_catalog.hpp"

namespace signalbox {

struct ShapeText {
  std::string_view connector;  // the file's name without .txt
  std::string_view text;
};
// All of them, by name (embed.cmake).
std::span<const ShapeText> shape_texts() noexcept;

// Read anew each time, in some milliseconds.
PayloadCatalog payload_catalog();

}  // namespace signalbox
