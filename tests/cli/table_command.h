// Help for the tests of the command with tables: a small table of mixed columns in a folder.
#pragma once

#include <diabolo/base/random.h>
#include <diabolo/data/table.h>

#include <sstream>

#include "cli/command.h"

namespace diabolo {

/// t.csv: id, when (a date), colour, stars (1, 2, 3, 5), weight (one decimal), flag (yes/no), fixed
/// (one value), x and y = 2 x + noise; a tenth of colour, stars, weight, x and y missing. new.csv:
/// other rows of the same kind.
class TableWorkplace : public Workplace {
 public:
  TableWorkplace() {
    put(*this, "t.csv", table(300, 1));
    put(*this, "new.csv", table(40, 2));
  }

  static std::string table(std::size_t rows, std::uint64_t seed, const std::string& hole = "") {
    RandomStream random({.seed = seed});
    std::string text = "id,when,colour,stars,weight,flag,fixed,x,y\n";
    for (std::size_t i = 0; i < rows; ++i) {
      const double t = random.normal();
      const char* const stars[] = {"1", "2", "3", "5"};
      const auto cell = [&](const std::string& value) {
        return random.uniform() < 0.1 ? hole : value;
      };
      text +=
          fmt::format("k{:04},2020-{:02}-{:02},", i, 1 + random.below(12), 1 + random.below(28));
      text += cell(t < -0.5 ? "red" : t < 0.5 ? "green" : "blue") + ",";
      text += cell(stars[random.below(4)]) + ",";
      text += cell(fmt::format("{:.1f}", 50 + 10 * t + random.normal())) + ",";
      text += t > 0 ? "yes,7," : "no,7,";
      text += cell(fmt::format("{:.6f}", t)) + ",";
      text += cell(fmt::format("{:.6f}", 2 * t + 0.1 * random.normal())) + "\n";
    }
    return text;
  }

  void make_table_model(const std::string& options = "") const {
    succeed("fit t.csv -o run --quiet --epochs 15 --hidden 32 --learning-rate 0.005 " + options);
  }
};

/// Lines of text, cells of a line.
inline std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, by);) parts.push_back(part);
  if (by != '\n' && text.ends_with(by)) parts.emplace_back();
  return parts;
}

/// CSV without quotes: rows of cells, the header first.
inline std::vector<std::vector<std::string>> cells_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(csv, '\n')) rows.push_back(split(line, ','));
  return rows;
}

class TableCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!have_tables(&why)) GTEST_SKIP() << why;
  }
};

}  // namespace diabolo
