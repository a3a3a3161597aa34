// Checking a signature, against the least that it can cost: HMAC-SHA256 of the same bytes by
// OpenSSL with a context that is kept.
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <array>
#include <memory>

#include "bench/harness/measure.hpp"
#include "bench/harness/payloads.hpp"
#include "connectors/connector.hpp"

namespace {

using namespace signalbox;
constexpr std::string_view secret = "a webhook secret of usual length";

// What EVP_MAC costs when context and key are used again.
class KeptContext {
 public:
  KeptContext() {
    std::array<char, 7> digest{"SHA256"};
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac{
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free};
    context_.reset(EVP_MAC_CTX_new(mac.get()));
    EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(secret.data()),
                 secret.size(), parameters.data());
  }
  void operator()(std::string_view bytes) {
    std::array<unsigned char, 32> out;
    std::size_t size = 0;
    EVP_MAC_init(context_.get(), nullptr, 0, nullptr);
    EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    EVP_MAC_final(context_.get(), out.data(), &size, out.size());
    bench::keep(out);
  }

 private:
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context_{nullptr, EVP_MAC_CTX_free};
};

void one_shot(std::string_view bytes) {
  std::array<unsigned char, 32> out;
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(), &size);
  bench::keep(out);
}

struct SignedPayload {
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<Headers::Field> fields;
  Unverified request;
};

std::vector<SignedPayload> sign_all(const std::vector<bench::Payload>& payloads) {
  std::vector<SignedPayload> all(payloads.size());
  const Connector& github = *find_connector("github");
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    SignedPayload& one = all[i];
    one.texts = github.sign(payloads[i].type, fmt::format("delivery-{}", i), payloads[i].body(),
                            std::string{secret});
    for (const auto& [name, value] : one.texts) one.fields.emplace_back(name, value);
    one.request.source = "github";
    one.request.headers = Headers{one.fields};
    one.request.body = payloads[i].body();
  }
  return all;
}

SourceKeys make_keys(std::size_t count) {
  SourceKeys keys;
  keys.connector = find_connector("github");
  for (std::size_t i = 1; i < count; ++i) keys.add("a secret that was rotated away");
  keys.add(secret);
  return keys;
}

void run(int argc, char** argv) {
  const auto payloads = bench::load_payloads();
  const auto requests = sign_all(payloads);
  KeptContext kept;
  SourceKeys one_key = make_keys(1);
  SourceKeys two_keys = make_keys(2);
  const auto check = [&requests](SourceKeys& keys, std::uint64_t i) {
    const auto verified = verify(keys, requests[i % requests.size()].request);
    if (!verified) throw std::runtime_error("a good signature was refused");
    bench::keep(*verified);
  };
  const std::vector<bench::Case> cases{
      {"floor: EVP_MAC, key kept",
       [&](std::uint64_t i) { kept(payloads[i % payloads.size()].body()); }},
      {"HMAC() one-shot", [&](std::uint64_t i) { one_shot(payloads[i % payloads.size()].body()); }},
      {"verify", [&](std::uint64_t i) { check(one_key, i); }},
      {"verify, two secrets", [&](std::uint64_t i) { check(two_keys, i); }},
  };
  bench::measure("verify", cases, bench::read_options(argc, argv, 20 * payloads.size()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc, argv);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "sb_bench_verify: {}\n", error.what());
    return 1;
  }
}
