#include "gateway/compose.hpp"

#include <cassert>

#include "gateway/api/api_handler.hpp"
#include "gateway/hooks/hooks_handler.hpp"
#include "gateway/worker/worker.hpp"

namespace signalbox {

void compose(Worker& worker, const SharedParts& parts) {
  assert(worker.stores != nullptr);
  worker.archiver = std::make_unique<Archiver>(worker.io, parts.compressors, worker.counters);
  worker.hooks_handler =
      std::make_unique<HooksHandler>(HooksSetting{.runtime = worker.runtime,
                                                  .refused = parts.refused,
                                                  .lines = parts.lines,
                                                  .ingest = {.thread = worker.index,
                                                             .io = worker.io,
                                                             .stores = *worker.stores,
                                                             .archiver = *worker.archiver,
                                                             .counters = worker.counters,
                                                             .parse_scratch = worker.parse_scratch,
                                                             .attempt_marks = worker.attempt_marks,
                                                             .spool = parts.spool}});
  worker.api_handler =
      std::make_unique<ApiHandler>(ApiSetting{.runtime = worker.runtime,
                                              .io = worker.io,
                                              .stores = *worker.stores,
                                              .waiters = worker.waiters,
                                              .sessions = worker.sessions,
                                              .counters = worker.counters,
                                              .compressors = worker.archiver->compressors(),
                                              .refused = parts.refused,
                                              .audit = parts.audit,
                                              .lines = parts.lines,
                                              .reloader = parts.reloader,
                                              .health = parts.health});
}

}  // namespace signalbox
