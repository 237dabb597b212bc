// Files of each format version that was released (tests/compat, made by make.py there) are read,
// and used, by this version: they say the same, and a training goes on. Files of the future are
// refused by name.
#include <cctype>
#include <charconv>

#include "cli/command.h"
#include "cli/table_command.h"

namespace diabolo {
namespace {

namespace fs = std::filesystem;

constexpr double kClose = 1e-6;

bool is_close(double a, double b) { return std::abs(a - b) <= kClose * std::max(1.0, std::abs(b)); }

bool is_close(const std::string& a, const std::string& b) {
  if (a == b) return true;
  double x = 0, y = 0;
  const auto number = [](const std::string& text, double& to) {
    const char* end = text.data() + text.size();
    return !text.empty() && std::from_chars(text.data(), end, to).ptr == end;
  };
  return number(a, x) && number(b, y) && is_close(x, y);
}

/// What is expected is there; there may be more.
void expect_close(const nlohmann::json& got, const nlohmann::json& expected) {
  if (expected.is_number()) {
    EXPECT_TRUE(got.is_number() && is_close(got.get<double>(), expected.get<double>()))
        << got << " and not " << expected;
  } else if (expected.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      ASSERT_TRUE(got.contains(key)) << key;
      SCOPED_TRACE(key);
      expect_close(got[key], value);
    }
  } else if (expected.is_array()) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) expect_close(got[i], expected[i]);
  } else {
    EXPECT_EQ(got, expected);
  }
}

void expect_close(const std::string& got, const std::string& expected) {
  const auto rows = cells_of(got), wanted = cells_of(expected);
  ASSERT_EQ(rows.size(), wanted.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), wanted[i].size());
    for (std::size_t j = 0; j < rows[i].size(); ++j)
      EXPECT_TRUE(is_close(rows[i][j], wanted[i][j]))
          << "row " << i << ", column " << j << ": " << rows[i][j] << " and not " << wanted[i][j];
  }
}

class Compat : public ::testing::Test {
 protected:
  /// A copy of the files of each version.
  Compat() {
    for (const auto& entry : fs::directory_iterator(files()))
      if (entry.is_directory()) {
        fs::copy(entry.path(), w.path(entry.path().filename().string()));
        versions.push_back(entry.path().filename().string());
      }
  }
  static std::string files() { return std::string(DIABOLO_TEST_DATA) + "/../compat"; }
  Result run(const std::string& version, const std::string& arguments) const {
    return w.shell("cd " + version + " && \"$D\" " + arguments);
  }
  /// A case of cases.txt.
  void expect_case(const std::string& version, const std::string& how, const std::string& file,
                   const std::string& arguments) const {
    const std::string expected = bytes_of(w.path(version + "/" + file));
    const Result r = run(version, arguments);
    ASSERT_EQ(r.code, 0) << r.err;
    if (how == "bits")
      EXPECT_EQ(r.out, expected);
    else if (file.ends_with(".json"))
      expect_close(nlohmann::json::parse(r.out), nlohmann::json::parse(expected));
    else
      expect_close(r.out, expected);
  }
  std::vector<std::string> lines_of(const std::string& version, const std::string& file) const {
    return split(bytes_of(w.path(version + "/" + file)), '\n');
  }

  Workplace w;
  std::vector<std::string> versions;
};

TEST_F(Compat, models_of_each_version_say_what_they_said) {
  ASSERT_FALSE(versions.empty());
  for (const std::string& version : versions) {
    const std::vector<std::string> cases = lines_of(version, "cases.txt");
    EXPECT_GT(cases.size(), 10u);
    for (const std::string& line : cases) {
      SCOPED_TRACE(version + " " + line);
      std::istringstream words(line);
      std::string name, how, arguments;
      words >> name >> how;
      std::getline(words, arguments);
      if (name.starts_with("table.") && !have_tables()) continue;
      for (const char* threads : {" --threads 1", " --threads 3"})
        expect_case(version, how, name, arguments + threads);
    }
  }
}

TEST_F(Compat, a_training_of_each_version_goes_on_to_the_model_that_it_was_to_become) {
  for (const std::string& version : versions) {
    for (const std::string& line : lines_of(version, "checkpoints.txt")) {
      SCOPED_TRACE(version + " " + line);
      std::istringstream words(line);
      std::string checkpoint, data, model;
      words >> checkpoint >> data >> model;
      if (model == "table" && !have_tables()) continue;
      fs::remove_all(w.path(version + "/run"));
      fs::create_directory(w.path(version + "/run"));
      fs::copy(w.path(version + "/" + checkpoint), w.path(version + "/run/checkpoint.safetensors"));
      const Result before = run(version, "info run/checkpoint.safetensors --json");
      ASSERT_EQ(before.code, 0) << before.err;
      const Result r = run(version, "fit " + data + " -o run --resume");
      ASSERT_EQ(r.code, 0) << r.err;
      EXPECT_NE(r.err.find("training goes on after "), std::string::npos) << r.err;
      int met = 0;
      for (const std::string& one : lines_of(version, "cases.txt")) {
        std::istringstream parts(one);
        std::string file, how, verb, from, rest;
        parts >> file >> how >> verb >> from;
        std::getline(parts, rest);
        if (from != model + ".safetensors") continue;
        if (++met == 1) {  // it was not there yet
          EXPECT_NE(run(version, verb + " " + checkpoint + rest).out,
                    bytes_of(w.path(version + "/" + file)));
        }
        expect_case(version, how, file, verb + " run" + rest);
      }
      EXPECT_GE(met, 5);
    }
  }
}

TEST_F(Compat, files_of_the_future_are_refused_by_what_is_new) {
  const std::string whole = bytes_of(w.path("format1/array.safetensors"));
  const auto refuse = [&](const std::string& from, const std::string& to, const std::string& part) {
    std::string file = whole;
    const std::size_t at = file.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    file.replace(at, from.size(), to);
    put(w, "future.safetensors", file);
    for (const std::string verb : {"info future.safetensors", "sample future.safetensors -n 1",
                                   "encode future.safetensors format1/array.npy"})
      w.refuse(1, verb, part);
  };
  refuse("\\\"format\\\":1", "\\\"format\\\":2", "format");
  refuse("\\\"numerics\\\":1", "\\\"numerics\\\":2", "numerics");
  refuse("\\\"numerics\\\":1", "\\\"numerics\\\":0", "expected a numerics from 1");
  refuse("\\\"type\\\":\\\"elbo\\\"", "\\\"type\\\":\\\"best\\\"", "best");
}

}  // namespace
}  // namespace diabolo
