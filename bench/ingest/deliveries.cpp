#include "bench/ingest/deliveries.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <stdexcept>

#include "bench/harness/payloads.hpp"

namespace signalbox::bench {
namespace {

constexpr std::size_t block_bytes = 64;  // of SHA-256
constexpr std::size_t digest_bytes = 32;
constexpr std::array<std::string_view, 9> busy_events{
    "check_run",           "check_suite", "issue_comment", "issues",      "pull_request",
    "pull_request_review", "push",        "workflow_job",  "workflow_run"};

struct FreeHash {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Hash = std::unique_ptr<EVP_MD_CTX, FreeHash>;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL's SHA-256 failed");
}

Hash make_hash() {
  Hash hash{EVP_MD_CTX_new()};
  require(hash != nullptr);
  return hash;
}

void add(const Hash& hash, std::string_view bytes) {
  require(EVP_DigestUpdate(hash.get(), bytes.data(), bytes.size()) == 1);
}

// A hash that has seen the padded key of HMAC (RFC 2104), and what follows it.
Hash begin_hash(std::string_view secret, unsigned char pad, std::string_view text) {
  if (secret.empty() || secret.size() > block_bytes) {
    throw std::runtime_error("a secret has 1 to 64 bytes here");
  }
  std::string block(block_bytes, static_cast<char>(pad));
  for (std::size_t i = 0; i < secret.size(); ++i)
    block[i] = static_cast<char>(block[i] ^ secret[i]);
  Hash hash = make_hash();
  require(EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1);
  add(hash, block);
  add(hash, text);
  return hash;
}

std::string_view event_name(const Payload& payload) {
  const std::string_view type = std::string_view{payload.type}.substr(sizeof "github." - 1);
  return type.substr(0, type.find('.'));
}

}  // namespace

struct Deliveries::Kept {
  Kept(const Payload& payload, std::string_view path, std::string_view secret)
      : event{event_name(payload)},
        body{payload.body().substr(0, payload.body().rfind('}'))},
        inner{begin_hash(secret, 0x36, body)},
        outer{begin_hash(secret, 0x5c, {})} {
    head = fmt::format(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: GitHub-Hookshot/2f9a1c0\r\n"
        "Accept: */*\r\nContent-Type: application/json\r\nX-GitHub-Hook-ID: 290000001\r\n"
        "X-GitHub-Hook-Installation-Target-ID: 79929171\r\n"
        "X-GitHub-Hook-Installation-Target-Type: organization\r\n"
        "X-GitHub-Event: {}\r\nContent-Length: {}\r\n",
        path, event, body.size() + end_of(0).size());
  }

  static std::string end_of(std::uint64_t number) {
    return fmt::format(R"(,"bench_delivery":"{:016x}"}})", number);
  }

  std::array<unsigned char, digest_bytes> sign(std::string_view body_end) {
    std::array<unsigned char, digest_bytes> digest;
    for (const Hash* begun : {&inner, &outer}) {
      require(EVP_MD_CTX_copy_ex(scratch.get(), begun->get()) == 1);
      const auto* bytes = reinterpret_cast<const char*>(digest.data());
      add(scratch, begun == &inner ? body_end : std::string_view{bytes, digest.size()});
      require(EVP_DigestFinal_ex(scratch.get(), digest.data(), nullptr) == 1);
    }
    return digest;
  }

  std::string event;
  std::string body;  // without its last brace
  std::string head;  // what is the same in each request
  Hash inner, outer;
  Hash scratch = make_hash();
};

Deliveries::Deliveries(std::string_view path, std::string_view secret) {
  const auto payloads = load_payloads();
  const auto busy = [](const Payload& payload) {
    return std::find(busy_events.begin(), busy_events.end(), event_name(payload)) !=
           busy_events.end();
  };
  for (const Payload& payload : payloads) {
    if (busy(payload)) kept_.push_back(std::make_unique<Kept>(payload, path, secret));
  }
  if (kept_.empty()) throw std::runtime_error("no payloads of the events that are sent");
  std::shuffle(kept_.begin(), kept_.end(), std::minstd_rand{1});
}

Deliveries::~Deliveries() = default;

void Deliveries::make(std::uint64_t number, DeliveryPieces& out) {
  Kept& kept = *kept_[number % kept_.size()];
  out.body = kept.body;
  out.body_end = Kept::end_of(number);
  const auto digest = kept.sign(out.body_end);
  out.head = kept.head;
  auto end = std::back_inserter(out.head);
  fmt::format_to(end, "X-GitHub-Delivery: bench-{:016x}\r\nX-Hub-Signature-256: sha256=", number);
  constexpr std::string_view digits = "0123456789abcdef";
  for (const unsigned char byte : digest) {
    out.head.push_back(digits[byte >> 4]);
    out.head.push_back(digits[byte & 15]);
  }
  out.head += "\r\n\r\n";
}

double Deliveries::mean_body_bytes() const noexcept {
  std::size_t sum = 0;
  for (const auto& kept : kept_) sum += kept->body.size() + Kept::end_of(0).size();
  return static_cast<double>(sum) / static_cast<double>(kept_.size());
}

}  // namespace signalbox::bench
