// What the bodies of the connectors' events look like: the texts of connectors/shapes/*.txt as they
// were when this binary was built. Thread-safe.
#pragma once

#include "event/payload_catalog.hpp"

namespace signalbox {

// Read anew each time, in some milliseconds.
PayloadCatalog payload_catalog();

}  // namespace signalbox
