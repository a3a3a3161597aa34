// Whether the store that was started is the one that the data directory had: what stands between an
// append-only file that is gone and a gateway that goes on as if nothing had been acknowledged.
#pragma once

#include "gateway/store_watch.hpp"
#include "store/server/embedded_redis.hpp"

namespace signalbox {

// Who this gateway is for the marks that it leaves: random.
std::string new_gateway_id();

// The mark to go on from. store_refused with what to do where the store is empty, another or
// further back than the mark says; with `allow_empty` that is logged only. Asks the store, and
// changes nothing.
Result<StoreMark> check_embedded_store(const EmbeddedRedis& redis, const std::string& data_dir,
                                       const RedisStoreOptions& options, bool allow_empty);

}  // namespace signalbox
