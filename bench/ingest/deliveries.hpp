// GitHub deliveries as requests, each with an id and a body of its own and a signature over it.
//
// A generator must cost little beside the servers that it drives. So of every body all but the last
// few bytes is the same, and is hashed once, before the clock runs: what a delivery still costs is
// two blocks of SHA-256. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::bench {

// A request in the pieces that are sent together.
struct DeliveryPieces {
  std::string head;       // request line and headers
  std::string_view body;  // all of it but its end; lives as long as the deliveries
  std::string body_end;
};

class Deliveries {
 public:
  // Real payloads of the events that a software factory sees most where
  // SIGNALBOX_OCTOKIT_EXAMPLES names GitHub's examples (109 of them, mean 15.3 KB), else this
  // project's own samples, which are smaller. Throws std::runtime_error.
  Deliveries(std::string_view path, std::string_view secret);
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  // Another number makes another delivery, in id and body.
  void make(std::uint64_t number, DeliveryPieces& out);

  double mean_body_bytes() const noexcept;

 private:
  struct Kept;
  std::vector<std::unique_ptr<Kept>> kept_;  // shuffled, so that neighbours differ
};

}  // namespace signalbox::bench
