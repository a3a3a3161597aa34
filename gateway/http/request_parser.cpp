#include "gateway/http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "event/json.hpp"

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
  head_ = nullptr;
  if (failed || !is_header_done()) {
    if (failed == http::error::header_limit) failure_ = Reason::header_too_large;
    return false;
  }
  return failure_ == Reason::malformed_request;
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
  if (name != http::field::expect) return;
  if (iequals({value.data(), value.size()}, "100-continue")) {
    expects_continue_ = true;
  } else {
    failure_ = Reason::unsupported_expectation;
    failed = http::error::bad_value;
  }
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view, error_code& failed) {
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
