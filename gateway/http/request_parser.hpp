// The head of an HTTP/1.1 request (RFC 9112), parsed by Beast where it stands: fields are kept as
// offsets into the session's buffer, so that the buffer may move when the body needs more room. A
// chunked body is decoded by Beast too; a body with a length is left in place and never passes
// through here.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "event/event.hpp"

namespace signalbox {

inline constexpr std::size_t header_fields_max = 100;
// Of a chunked body, what is neither data nor the 16 bytes that a chunk may have around it, twice
// as much as there is data let off: extensions, zeros before sizes, trailers.
inline constexpr std::size_t chunk_framing_max = 64 * 1024;

// 5 KB that an idle connection does without and each request needs: a thread keeps the memory of
// some for those that come next.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  static void* operator new(std::size_t size);
  static void operator delete(void* memory) noexcept;

  // `head` must hold the whole head, blank line included, and stay where it is during the call.
  // False with a reason in `failure` for what is no valid head.
  bool parse_head(std::string_view head, std::uint32_t head_max);

  // Decodes a piece of a chunked body into body(). Returns how many bytes were consumed.
  // `failed` is set for an invalid encoding and where the body exceeds `body_max`.
  std::size_t parse_chunks(std::string_view bytes, std::uint64_t body_max, bool& failed);

  Reason failure() const noexcept { return failure_; }
  // What is wrong, for people; may be empty.
  std::string_view failure_detail() const noexcept { return detail_; }
  std::string& chunked_body() noexcept { return body_; }
  int version() const noexcept { return version_; }  // 10 or 11
  bool expects_continue() const noexcept { return expects_continue_; }

  // Views into `buffer`, which holds the same bytes as the head did, wherever it is now.
  std::string_view method(const char* buffer) const noexcept { return view(buffer, method_); }
  std::string_view target(const char* buffer) const noexcept {
    return target_.size == 0 ? std::string_view{"/"} : view(buffer, target_);
  }
  // Whom the request is for, "host:port": of the target where it is a whole URL, else of the Host
  // field. Empty where a client of HTTP/1.0 does not say.
  std::string_view authority(const char* buffer) const noexcept { return view(buffer, host_); }
  std::span<const Headers::Field> fields(const char* buffer) noexcept;

 private:
  struct Range {
    std::uint32_t begin;
    std::uint32_t size;
  };
  static std::string_view view(const char* buffer, Range range) noexcept {
    return {buffer + range.begin, range.size};
  }
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  bool range_of(string_view text, Range& range) const noexcept;
  bool refuse(Reason reason, std::string_view detail) noexcept;
  bool check_head() noexcept;
  bool check_target() noexcept;
  bool check_host() noexcept;
  bool check_codings() noexcept;
  void note_codings(std::string_view value) noexcept;
  void on_request_impl(boost::beast::http::verb, string_view method, string_view target, int,
                       error_code& failed) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field, string_view name, string_view value,
                     error_code& failed) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code& failed) override;
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
  void on_finish_impl(error_code&) override {}

  const char* head_ = nullptr;  // during parse_head
  std::size_t head_size_ = 0;
  Range method_{};
  Range target_{};
  Range host_{};
  std::size_t hosts_ = 0;  // fields of that name
  // Of Transfer-Encoding, all its fields together (RFC 9112, section 6.1).
  struct Codings {
    bool given = false;
    bool malformed = false;
    bool ends_chunked = false;
    std::size_t chunked = 0;
    std::size_t others = 0;
  };
  Codings codings_;
  struct FieldRange {
    Range name;
    Range value;
  };
  std::array<FieldRange, header_fields_max> ranges_;  // the first `count_` of them are set
  std::array<Headers::Field, header_fields_max> fields_;
  std::size_t count_ = 0;
  std::uint64_t body_max_ = 0;
  std::string body_;
  std::uint64_t chunks_ = 0;
  std::uint64_t encoded_bytes_ = 0;  // of the chunked body, as far as it was decoded
  Reason failure_ = Reason::malformed_request;
  std::string_view detail_{};
  int version_ = 10;
  bool expects_continue_ = false;
};

}  // namespace signalbox
