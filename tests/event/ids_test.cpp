#include "event/ids.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

namespace signalbox {
namespace {

constexpr std::string_view base62_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

TEST_CASE("the vectors of FIPS 180-4 hold") {
  const std::pair<std::string, std::string_view> rows[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [text, hex] : rows) CHECK(to_hex(sha256(text)) == hex);
}

TEST_CASE("parts that share a concatenation have different digests") {
  const std::set<Digest> digests{sha256_of_parts({"ab", "c"}), sha256_of_parts({"a", "bc"}),
                                 sha256_of_parts({"abc"}),     sha256_of_parts({"abc", ""}),
                                 sha256_of_parts({"", "abc"}), sha256_of_parts({})};
  CHECK(digests.size() == 6);
}

TEST_CASE("hexadecimal digits of either case are read, and nothing else") {
  std::array<std::uint8_t, 2> out{};
  CHECK(from_hex("00fF", out));
  CHECK(to_hex(out) == "00ff");
  CHECK(from_hex("aB9c", out));
  CHECK(to_hex(out) == "ab9c");
  for (const std::string_view text : {"", "0", "000", "00000", "00 0", "0x00", "00g0", "00G0",
                                      "00/0", "00:0", "00@0", "00`0", "00-1", " 000"}) {
    INFO(text);
    CHECK_FALSE(from_hex(text, out));
  }
}

TEST_CASE("each byte in each place is a hexadecimal digit or none, as isxdigit says") {
  std::array<std::uint8_t, 1> out{};
  for (int c = 0; c < 256; ++c) {
    const std::string first{static_cast<char>(c), '0'};
    const std::string second{'0', static_cast<char>(c)};
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    INFO(c);
    REQUIRE(from_hex(first, out) == digit);
    REQUIRE(from_hex(second, out) == digit);
  }
}

TEST_CASE("bytes survive the way to hexadecimal digits and back") {
  const Digest digest = sha256("x");
  Digest back{};
  REQUIRE(from_hex(to_hex(digest), back));
  CHECK(back == digest);
}

TEST_CASE("base 62 is 17 characters, in the order of the digests") {
  Digest digest{};
  CHECK(base62(digest) == std::string(17, '0'));
  digest.fill(0xff);
  const std::string last = base62(digest);
  CHECK(last.size() == 17);
  CHECK(last.find_first_not_of(base62_digits) == std::string::npos);
  digest[11] = 0xfe;
  CHECK(base62(digest) < last);
  digest[11] = 0xff;
  digest[12] = 0;  // behind the 96 bits
  CHECK(base62(digest) == last);
}

// Stored data names these: another value would make every delivery that comes again look new.
TEST_CASE("ids stay what they are from version to version") {
  CHECK(event_id("github", "72d3162e-cc78-11e3-81ab-4c9367dc0958") == "e_1YQVbSLPT5E1253vs");
  CHECK(work_id("github:github.com/186853002/2") == "w_1GXuWJEr0LOvQ0oBb");
  CHECK(message_id({.source = "github",
                    .delivery = "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                    .rule = "review-opened",
                    .send_index = 0,
                    .recipient = "reviewer",
                    .generation = 0}) == "m_1QhZlaJ8Lep4TlQ5q");
}

TEST_CASE("a message's id changes with each part of its key") {
  const MessageKey key{
      .source = "s", .delivery = "d", .rule = "r", .send_index = 1, .recipient = "m"};
  std::set<std::string> ids{message_id(key)};
  const auto add = [&](auto change) {
    MessageKey other = key;
    change(other);
    ids.insert(message_id(other));
  };
  add([](MessageKey& k) { k.source = "t"; });
  add([](MessageKey& k) { k.delivery = "e"; });
  add([](MessageKey& k) { k.rule = "q"; });
  add([](MessageKey& k) { k.send_index = 2; });
  add([](MessageKey& k) { k.recipient = "n"; });
  add([](MessageKey& k) { k.generation = 1; });
  CHECK(ids.size() == 7);
}

TEST_CASE("ids of different things differ though their texts agree") {
  CHECK(event_id("a", "b").substr(2) != work_id("a").substr(2));
  CHECK(event_id("a", "bc") != event_id("ab", "c"));
}

TEST_CASE("random texts have the length asked for, the alphabet, and do not repeat") {
  std::set<std::string> texts;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = random_text(16);
    REQUIRE(text.size() == 16);
    REQUIRE(text.find_first_not_of(base62_digits) == std::string::npos);
    texts.insert(text);
  }
  CHECK(texts.size() == 1000);
  CHECK(random_text(0).empty());
  CHECK(random_text(1000).size() == 1000);
}

TEST_CASE("random texts have each character as often as any other") {
  // Of bytes taken as they come the first eight characters would have 15.6 % in place of 12.9 %.
  const std::string text = random_text(200'000);
  const auto first_eight = static_cast<double>(
      std::ranges::count_if(text, [](char c) { return base62_digits.find(c) < 8; }));
  CHECK(first_eight / 200'000 > 0.124);
  CHECK(first_eight / 200'000 < 0.134);
}

}  // namespace
}  // namespace signalbox
