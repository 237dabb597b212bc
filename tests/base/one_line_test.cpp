#include <diabolo/base/error.h>
#include <diabolo/base/log.h>
#include <diabolo/base/one_line.h>
#include <gtest/gtest.h>

namespace diabolo {
namespace {

TEST(OneLine, leaves_text_as_it_is) {
  for (const char* text : {"", "abc", "größe ≤ 3 \U0001F600", "a\\nb"})
    EXPECT_EQ(one_line(text), text);
}

TEST(OneLine, names_what_breaks_a_line_or_steers_a_terminal) {
  EXPECT_EQ(one_line("a\nb\x1b[2J\x7f\r"), "a\\nb\\x1b[2J\\x7f\\x0d");
  EXPECT_EQ(one_line(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(one_line("\u0085\u2028"), "\\xc2\\x85\\xe2\\x80\\xa8");
}

TEST(OneLine, names_bytes_that_are_no_character) {
  const std::pair<const char*, const char*> cases[] = {
      {"\xff", "\\xff"},
      {"a\x80z", "a\\x80z"},
      {"\xc3", "\\xc3"},                              // cut
      {"\xe2\x82x", "\\xe2\\x82x"},                   // cut
      {"\xc0\xaf", "\\xc0\\xaf"},                     // longer than need be
      {"\xe0\x80\x80", "\\xe0\\x80\\x80"},            // the same
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},            // half of a pair
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}};  // beyond the last
  for (const auto& [text, line] : cases) EXPECT_EQ(one_line(text), line);
}

TEST(OneLine, is_cut_at_a_character) {
  EXPECT_EQ(one_line("ééé", 3), "éé...");
  EXPECT_EQ(one_line("ééé", 6), "ééé");
  EXPECT_EQ(one_line(std::string(5000, 'x')).size(), 4003u);
}

TEST(OneLine, is_what_errors_and_the_log_are) {
  const Error error(ErrorCode::io, "where", "got a\nb\xff");
  EXPECT_EQ(error.message(), "got a\\nb\\xff");
  EXPECT_STREQ(error.what(), "[where] got a\\nb\\xff");
  std::string heard;
  set_log_callback([&](LogLevel, std::string_view text) { heard = text; });
  log(LogLevel::warning, "a\nb\xff");
  set_log_callback(nullptr);
  EXPECT_EQ(heard, "a\\nb\\xff");
}

}  // namespace
}  // namespace diabolo
