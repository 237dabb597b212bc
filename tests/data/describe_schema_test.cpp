// The table that a person checks.
#include <diabolo/base/random.h>

#include <sstream>

#include "tables.h"

namespace diabolo {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

MemoryTable customers() {
  RandomStream random({.seed = 1});
  MemoryTable table;
  std::vector<std::optional<std::string>> towns, ids;
  for (std::size_t i = 0; i < 3000; ++i) {
    towns.push_back(fmt::format("town {}", random.below(40)));
    ids.push_back(fmt::format("id {}", i));
  }
  table.add("id", ids).add("town", towns);
  table.add("age", ColumnType::integer, make_numbers(3000, [&](std::size_t) {
              return 18.0 + static_cast<double>(random.below(50));
            }));
  table.add("income", ColumnType::real, make_numbers(3000, [&](std::size_t i) {
              return i % 10 ? std::exp(10 + random.normal()) : kMissingCell;
            }));
  table.add("member", ColumnType::boolean,
            make_numbers(3000, [&](std::size_t) { return static_cast<double>(random.below(2)); }));
  table.add("since", ColumnType::date, make_numbers(3000, [&](std::size_t) {
              return 86400.0 * static_cast<double>(random.below(9000));
            }));
  return table;
}

TEST(Describe, says_what_each_column_is_and_why) {
  const std::vector<std::string> lines = lines_of(describe(infer(customers())));
  ASSERT_EQ(lines.size(), 7u);
  const std::vector<std::vector<std::string>> parts{
      {"column", "kind", "range or levels", "missing", "likelihood", "why"},
      {"id", "identifier", "-", "left out: all values differ"},
      {"town", "categorical", ", ... ", " more", "categorical 40", "40 texts"},
      {"age", "count", "18 to 67", "categorical 50", "50 values"},
      {"income", "positive", " to ", "10 %", "normal", "skewed"},
      {"member", "boolean", "false, true", "bernoulli", "two values"},
      {"since", "datetime", "1970-01-", " to 1994-0", "bins 1", "dates"}};
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (const std::string& part : parts[i])
      EXPECT_NE(lines[i].find(part), std::string::npos) << lines[i] << " has no " << part;
  const std::size_t kind = lines[0].find("kind"), why = lines[0].find("why");
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), 100u) << line;
    EXPECT_NE(line[kind], ' ');
    EXPECT_NE(line[why], ' ');
    EXPECT_EQ(line[why - 1], ' ');
  }
}

TEST(Describe, long_names_and_levels_are_cut_by_characters) {
  MemoryTable table;
  std::vector<std::optional<std::string>> values;
  for (int i = 0; i < 60; ++i)
    values.push_back(i % 3 ? "größe größe größe größe größe größe größe größe größe" : "a\nb");
  values[5].emplace("c");
  std::string name;
  for (int i = 0; i < 30; ++i) name += "ß";
  table.add(name, values).add("数", ColumnType::integer, make_numbers(60, [](std::size_t i) {
                                return static_cast<double>(i % 4);
                              }));
  const std::vector<std::string> lines = lines_of(describe(infer(table)));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[1].find("ß..  categorical  größe größe"), std::string::npos) << lines[1];
  EXPECT_NE(lines[1].find(".., ... 2 more"), std::string::npos) << lines[1];
  EXPECT_NE(lines[2].find("0, 1, 2, 3"), std::string::npos) << lines[2];
}

TEST(Describe, moments_of_one_day_differ_by_their_clock) {
  MemoryTable table;
  table.add("at", ColumnType::timestamp, make_numbers(200, [](std::size_t i) {
              return 86400.0 * 20000 + 61 * static_cast<double>(i) + 0.125;
            }));
  const std::string text = describe(infer(table));
  EXPECT_EQ(text.find("to 2024-10-04"), std::string::npos) << text;
  EXPECT_NE(text.find("2024-10-04 00:00:00"), std::string::npos) << text;
  EXPECT_NE(text.find("to 03:22:19"), std::string::npos) << text;
}

TEST(Describe, numbers_have_few_digits) {
  MemoryTable table;
  table.add("x", ColumnType::real, {0.123456789, 12345.6789, 3, 1, 7});
  const std::string text = describe(infer(table));
  EXPECT_NE(text.find("0.12346 to 12346"), std::string::npos) << text;
}

}  // namespace
}  // namespace diabolo
