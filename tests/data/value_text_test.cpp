// Values as a person writes them.
#include <diabolo/data/value_text.h>
#include <gtest/gtest.h>

namespace diabolo {
namespace {

std::optional<double> parse(ColumnType type, const std::string& text, const char* format = "") {
  return parse_value({.name = "x", .type = type, .format = format}, text);
}

TEST(value_text, numbers_are_finite_ones) {
  EXPECT_EQ(parse(ColumnType::real, "-2.5"), -2.5);
  EXPECT_EQ(parse(ColumnType::integer, "12"), 12);
  for (const char* text : {"", "x", "1x", "inf", "nan", "2020-01-01"})
    EXPECT_FALSE(parse(ColumnType::real, text)) << text;
}

TEST(value_text, booleans_by_their_words) {
  EXPECT_EQ(parse(ColumnType::boolean, "true"), 1);
  EXPECT_EQ(parse(ColumnType::boolean, "0"), 0);
  EXPECT_EQ(parse(ColumnType::boolean, "Ja", "Ja/Nein"), 1);
  EXPECT_EQ(parse(ColumnType::boolean, "Nein", "Ja/Nein"), 0);
  EXPECT_FALSE(parse(ColumnType::boolean, "perhaps", "Ja/Nein"));
}

TEST(value_text, booleans_are_written_in_their_words) {
  const Field field{.name = "f", .type = ColumnType::boolean, .format = "Ja/Nein"};
  EXPECT_EQ(value_text(field, 1), "Ja");
  EXPECT_EQ(short_value_text(field, 0), "Nein");
  EXPECT_EQ(value_text(Field{.name = "f", .type = ColumnType::boolean}, 0), "false");
}

TEST(value_text, moments_by_the_format_of_the_column_or_iso) {
  constexpr double kDay = 86400;
  EXPECT_EQ(parse(ColumnType::date, "1970-01-03"), 2 * kDay);
  EXPECT_EQ(parse(ColumnType::date, "1969-12-31"), -kDay);
  EXPECT_EQ(parse(ColumnType::date, "03/01/1970", "%d/%m/%Y"), 2 * kDay);
  EXPECT_EQ(parse(ColumnType::date, "1970-01-03", "%d/%m/%Y"), 2 * kDay);
  EXPECT_EQ(parse(ColumnType::date, "172800"), 2 * kDay) << "seconds";
  EXPECT_EQ(parse(ColumnType::timestamp, "1970-01-02 01:00"), kDay + 3600);
  EXPECT_EQ(parse(ColumnType::timestamp, "1970-01-02T01:00:05"), kDay + 3605);
  EXPECT_EQ(parse(ColumnType::timestamp, "1970-01-02T01:00"), kDay + 3600);
  EXPECT_EQ(parse(ColumnType::time, "01:00:05"), 3605);
  EXPECT_EQ(parse(ColumnType::time, "01:00:05.25"), 3605.25);
  EXPECT_FALSE(parse(ColumnType::date, "1970-02-13", "%Y-%d-%m"));
  for (const char* text : {"1970-02-30", "1970-13-01", "1970-01-01 03:00", "1970-01-01x"})
    EXPECT_FALSE(parse(ColumnType::date, text)) << text;
}

TEST(value_text, timestamps_may_have_fractions_and_a_zone) {
  const auto seconds = [](const char* text, const char* format = "") {
    return parse(ColumnType::timestamp, text, format);
  };
  EXPECT_EQ(seconds("1970-01-01 19:21:03+00"), 69663);
  EXPECT_EQ(seconds("1970-01-01 19:21:03Z"), 69663);
  EXPECT_EQ(seconds("1970-01-01 19:21:03.5"), 69663.5);
  EXPECT_EQ(seconds("1970-01-01T19:21:03.25 -01:30"), 69663.25 + 5400);
  EXPECT_EQ(seconds("1970-01-02 01:00:00+0100"), 86400);
  EXPECT_EQ(seconds("01/02/1970 01:00:00.125", "%m/%d/%Y %H:%M:%S.%f"), 90000.125);
  EXPECT_EQ(seconds("1970-01-01T00:00:01.5Z", "%Y-%m-%dT%H:%M:%S.%fZ"), 1.5);
  for (const char* text : {"1970-01-01 01:00+1", "1970-01-01 01:00.", "1970-01-01 01:00 CET"})
    EXPECT_FALSE(seconds(text)) << text;
}

TEST(value_text, what_is_written_is_read_again) {
  for (const auto& [type, value] :
       {std::pair{ColumnType::date, 1.5778368e9}, std::pair{ColumnType::timestamp, 1.577900123e9},
        std::pair{ColumnType::time, 4000.0}, std::pair{ColumnType::boolean, 1.0},
        std::pair{ColumnType::real, -0.1}})
    EXPECT_EQ(parse(type, value_text(type, value)), value) << value_text(type, value);
}

}  // namespace
}  // namespace diabolo
