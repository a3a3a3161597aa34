#include "gateway/http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

#include "event/json.hpp"
#include "gateway/config/host_list.hpp"

namespace signalbox {

namespace http = boost::beast::http;

namespace {

struct KeptMemory {
  ~KeptMemory() {
    while (count > 0) ::operator delete(blocks[--count]);
  }
  std::array<void*, 16> blocks;
  std::size_t count = 0;
};

thread_local KeptMemory kept;

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

std::string_view without_blanks(std::string_view text) noexcept {
  constexpr std::string_view blank = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
  return text.substr(0, text.find_last_not_of(blank) + 1);
}

}  // namespace

void* RequestParser::operator new(std::size_t size) {
  return kept.count > 0 ? kept.blocks[--kept.count] : ::operator new(size);
}

void RequestParser::operator delete(void* memory) noexcept {
  if (kept.count < kept.blocks.size()) {
    kept.blocks[kept.count++] = memory;
  } else {
    ::operator delete(memory);
  }
}

bool RequestParser::parse_head(std::string_view head, std::uint32_t head_max) {
  head_ = head.data();
  head_size_ = head.size();
  header_limit(head_max);
  body_limit(boost::none);  // the session compares the length with its own limit
  error_code failed;
  put(boost::asio::const_buffer{head.data(), head.size()}, failed);
  const bool whole = !failed && is_header_done();
  if (failed == http::error::header_limit) failure_ = Reason::header_too_large;
  const bool good = whole && failure_ == Reason::malformed_request && check_head();
  head_ = nullptr;
  return good;
}

bool RequestParser::refuse(Reason reason, std::string_view detail) noexcept {
  failure_ = reason;
  detail_ = detail;
  return false;
}

// What Beast leaves to its callers.
bool RequestParser::check_head() noexcept {
  return check_codings() && check_host() && check_target();
}

// Anything but one `chunked` leaves it open where the body ends, or is a coding that nobody here
// decodes (RFC 9112, sections 6.1 and 6.3).
bool RequestParser::check_codings() noexcept {
  if (!codings_.given) return true;
  constexpr std::string_view detail = "Transfer-Encoding must be chunked, once";
  const bool framed = codings_.ends_chunked && codings_.chunked == 1 && !codings_.malformed;
  if (!framed || version_ < 11) return refuse(Reason::malformed_request, detail);
  return codings_.others == 0 || refuse(Reason::unsupported_coding, detail);
}

// RFC 9112, section 3.2.
bool RequestParser::check_host() noexcept {
  if (hosts_ > 1) return refuse(Reason::malformed_request, "the header Host occurs twice");
  if (hosts_ == 0) {
    return version_ < 11 || refuse(Reason::malformed_request, "the header Host is missing");
  }
  return host_of(view(head_, host_)) ||
         refuse(Reason::malformed_request, "the header Host is no host");
}

// A path, a whole URL, or the `*` of OPTIONS (RFC 9112, section 3.2). Of a URL what follows the
// host becomes the target.
bool RequestParser::check_target() noexcept {
  const std::string_view target = view(head_, target_);
  if (target.starts_with('/')) return true;
  if (target == "*" && view(head_, method_) == "OPTIONS") return true;
  constexpr std::string_view mark = "://";
  const std::size_t scheme = target.find(mark);
  const std::string_view name = target.substr(0, scheme);
  if (scheme == std::string_view::npos || !(iequals(name, "http") || iequals(name, "https"))) {
    return refuse(Reason::malformed_request, "the target must begin with a slash");
  }
  const std::size_t begin = scheme + mark.size();
  const std::size_t end = std::min(target.find_first_of("/?#", begin), target.size());
  if (!host_of(target.substr(begin, end - begin))) {
    return refuse(Reason::malformed_request, "the target names no host");
  }
  host_ = {target_.begin + static_cast<std::uint32_t>(begin),
           static_cast<std::uint32_t>(end - begin)};
  target_ = {target_.begin + static_cast<std::uint32_t>(end),
             target_.size - static_cast<std::uint32_t>(end)};
  return true;
}

void RequestParser::note_codings(std::string_view value) noexcept {
  codings_.given = true;
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view coding = without_blanks(value.substr(0, comma));
    codings_.ends_chunked = iequals(coding, "chunked");
    (codings_.ends_chunked ? codings_.chunked : codings_.others) += 1;
    codings_.malformed = codings_.malformed || !is_token(coding);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

std::size_t RequestParser::parse_chunks(std::string_view bytes, std::uint64_t body_max,
                                        bool& failed) {
  body_max_ = body_max;
  std::size_t used = 0;
  failed = false;
  while (used < bytes.size() && !is_done()) {
    error_code code;
    const std::size_t n =
        put(boost::asio::const_buffer{bytes.data() + used, bytes.size() - used}, code);
    used += n;
    if (code == http::error::need_more) break;
    if (code) {
      failed = true;
      break;
    }
  }
  encoded_bytes_ += used;
  constexpr std::uint64_t around_chunk = 16;
  if (encoded_bytes_ > 3 * body_.size() + around_chunk * chunks_ + chunk_framing_max) {
    failed = true;
    refuse(Reason::malformed_request, "the chunks hold hardly any data");
  }
  return used;
}

std::span<const Headers::Field> RequestParser::fields(const char* buffer) noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    fields_[i] = {view(buffer, ranges_[i].name), view(buffer, ranges_[i].value)};
  }
  return {fields_.data(), count_};
}

// False for a view that does not lie in the head: a folded value, which Beast copies (obsolete,
// refused).
bool RequestParser::range_of(string_view text, Range& range) const noexcept {
  const std::less_equal<const char*> before;
  range = {};
  if (text.empty()) return true;
  if (!before(head_, text.data()) || !before(text.data() + text.size(), head_ + head_size_))
    return false;
  range.begin = static_cast<std::uint32_t>(text.data() - head_);
  range.size = static_cast<std::uint32_t>(text.size());
  return true;
}

void RequestParser::on_request_impl(http::verb, string_view method, string_view target, int version,
                                    error_code& failed) {
  version_ = version;
  if (!range_of(method, method_) || !range_of(target, target_)) failed = http::error::bad_target;
}

void RequestParser::on_field_impl(http::field name, string_view name_text, string_view value,
                                  error_code& failed) {
  if (head_ == nullptr) return;  // a trailer: nothing here reads any
  if (count_ == ranges_.size()) {
    failure_ = Reason::header_too_large;
    failed = http::error::header_limit;
    return;
  }
  FieldRange& range = ranges_[count_++];
  if (!range_of(name_text, range.name) || !range_of(value, range.value)) {
    failed = http::error::bad_value;
    return;
  }
  const std::string_view text{value.data(), value.size()};
  if (name == http::field::host) {
    ++hosts_;
    host_ = range.value;
  } else if (name == http::field::transfer_encoding) {
    note_codings(text);
  } else if (name == http::field::expect && version_ >= 11) {  // RFC 9110, section 10.1.1
    expects_continue_ = iequals(text, "100-continue");
    if (expects_continue_) return;
    failure_ = Reason::unsupported_expectation;
    failed = http::error::bad_value;
  }
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view, error_code& failed) {
  ++chunks_;
  if (size > body_max_ || body_.size() > body_max_ - size) {
    failure_ = Reason::body_too_large;
    failed = http::error::body_limit;
  }
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
  body_.append(body.data(), body.size());
  return body.size();
}

}  // namespace signalbox
