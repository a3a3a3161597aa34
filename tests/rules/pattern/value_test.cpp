// The parts that tests of values are made of.
#include "rules/pattern/value_test.hpp"

#include <catch2/catch.hpp>

#include "rules/pattern/comparable_number.hpp"
#include "rules/pattern/letter_case.hpp"

using namespace signalbox;

TEST_CASE("a number is comparable when a float holds every digit of it") {
  CHECK(comparable_number("300") == 300.0);
  CHECK(comparable_number("3.0e2") == 300.0);
  CHECK(comparable_number("0.00300E+5") == 300.0);
  CHECK(comparable_number("-0.0") == 0.0);
  CHECK_FALSE(std::signbit(*comparable_number("-0.0")));
  CHECK(comparable_number("287.48116291799363").has_value());
  CHECK(comparable_number("9007199254740992").has_value());
  CHECK(comparable_number("1e-320").has_value());
  CHECK(comparable_number("4.9e-324").has_value());
  CHECK(comparable_number("1.7976931348623157e308").has_value());
  CHECK(comparable_number("100000000000000000000").has_value());
  CHECK(comparable_number("0e99999").has_value());
  CHECK_FALSE(comparable_number("9007199254740993"));
  CHECK_FALSE(comparable_number("0.10000000000000001"));
  CHECK_FALSE(comparable_number("12345678901234567890"));
  CHECK_FALSE(comparable_number("5e-324"));
  CHECK_FALSE(comparable_number("1e-325"));
  CHECK_FALSE(comparable_number("1e309"));
  CHECK_FALSE(comparable_number("1e99999999999999999999"));
}

TEST_CASE("no letter is lost: each has its own forms among those it stands for") {
  // Every two- and three-byte character of the blocks with case.
  std::size_t checked = 0;
  for (unsigned code = 0x80; code < 0x3000; ++code) {
    std::string letter;
    if (code < 0x800) {
      letter = {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
    } else {
      letter = {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
                static_cast<char>(0x80 | (code & 0x3F))};
    }
    const CaselessText text{"x" + letter + "y"};
    // Titlecase digraphs and the Greek letters with a subscript have other lower and upper forms.
    const bool titlecase = (code >= 0x1C5 && code <= 0x1CB && (code - 0x1C5) % 3 == 0) ||
                           code == 0x1F2 || (code >= 0x1F88 && code <= 0x1FFC);
    if (titlecase) continue;
    ++checked;
    if (!text.equals("X" + letter + "Y")) FAIL_CHECK("code point " << code);
  }
  CHECK(checked > 12'000);
}

TEST_CASE("a form of another length is found at the beginning and at the end too") {
  const CaselessText sharp_s{"ß"};
  CHECK(sharp_s.equals("SS"));
  CHECK(sharp_s.starts("SSx"));
  CHECK(sharp_s.ends("xSS"));
  CHECK_FALSE(sharp_s.starts("Sx"));
  CHECK_FALSE(sharp_s.ends("ss"));
  const CaselessText ligature{"ﬃ"};
  CHECK(ligature.equals("FFI"));
  CHECK_FALSE(ligature.equals("FF"));
}

TEST_CASE("an address has four numbers of a byte in 15 characters, leading zeros among them") {
  CHECK(parse_ip("255.255.255.255").has_value());
  CHECK(parse_ip("010.000.000.001") == parse_ip("10.0.0.1"));
  CHECK_FALSE(parse_ip("0010.000.000.001"));
  CHECK_FALSE(parse_ip("256.0.0.1"));
  CHECK_FALSE(parse_ip("10.0.0"));
  CHECK_FALSE(parse_ip("10.0.0.0.1"));
}

TEST_CASE("a block leaves at least one bit to its addresses") {
  for (const auto& [taken, refused] :
       {std::pair{"10.0.0.2/31", "10.0.0.2/32"}, std::pair{"2001:db8::2/127", "2001:db8::2/128"}}) {
    const auto block = parse_ip_block(taken);
    REQUIRE(block.has_value());
    IpAddress next = block->first;
    CHECK(block->contains(next));
    ++next.bytes[next.size - 1U];
    CHECK(block->contains(next));
    ++next.bytes[next.size - 1U];
    CHECK_FALSE(block->contains(next));
    CHECK_FALSE(parse_ip_block(refused).has_value());
  }
}

TEST_CASE("a wildcard takes time that is linear in the text") {
  const auto wildcard =
      Wildcard::parse("*" + std::string(1000, 'a') + "b*" + std::string(1000, 'a') + "c*");
  REQUIRE(wildcard.has_value());
  CHECK_FALSE(wildcard->matches(std::string(1'000'000, 'a')));
  CHECK(wildcard->matches(std::string(500'000, 'a') + "b" + std::string(500'000, 'a') + "c"));
}
