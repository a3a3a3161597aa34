// What every client of a bench does with sockets: connect, send a delivery, know when an answer is
// whole. Throws std::runtime_error.
#pragma once

#include <cstdint>
#include <string>

#include "bench/ingest/deliveries.hpp"

namespace signalbox::bench {

inline constexpr std::size_t answer_bytes_max = std::size_t{64} * 1024;

// errno's reason as an exception.
[[noreturn]] void fail(const char* what);

// A blocking socket to 127.0.0.1.
int connect_to(std::uint16_t port);

// A request is at most some tens of kilobytes: a blocking send waits for the server at worst.
void send_all(int socket, const DeliveryPieces& request);

// Servers other than the gateway write names of headers as they like, and some send chunks.
bool answer_is_whole(const std::string& answer);
bool answer_is_good(const std::string& answer);  // status 200

}  // namespace signalbox::bench
