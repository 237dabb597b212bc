// Help for the tests of the command: a folder with small data in which the real command runs, as a
// shell would run it.
#pragma once

#include <diabolo/data/npy.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "data/files.h"

namespace diabolo {

struct Result {
  int code = -1;
  std::string out, err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
  std::ptrdiff_t error_lines() const { return std::count(err.begin(), err.end(), '\n'); }
};

class Workplace : public TempFolder {
 public:
  /// rows.npy: 60 rows of 4 floats on a plane; pictures.npy: 40 grey pictures of 6 x 6 bytes.
  Workplace() {
    Tensor rows(DType::f32, {60, 4}), pictures(DType::u8, {40, 36});
    for (std::size_t i = 0; i < 240; ++i) {
      const double t = static_cast<double>(i / 4), d = static_cast<double>(i % 4);
      rows.as<float>()[i] = static_cast<float>(std::sin(0.7 * t + d) + 0.3 * std::cos(2.1 * t * d));
    }
    for (std::size_t i = 0; i < 40 * 36; ++i)
      pictures.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 36 < i / 36 ? i % 200 : 0);
    write_npy(rows, rows.shape(), path("rows.npy"));
    write_npy(pictures, {40, 6, 6}, path("pictures.npy"));
  }

  /// Runs a line of shell in this folder; `$D` is the command.
  Result shell(const std::string& line) const {
    const std::string logs = log_.path();
    const std::string whole = "cd '" + path() + "' && D='" + DIABOLO_COMMAND + "' && { " + line +
                              "\n} >'" + logs + "/out' 2>'" + logs + "/err' </dev/null";
    const int status = std::system(whole.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, bytes_of(logs + "/out"),
            bytes_of(logs + "/err")};
  }
  /// Runs the command with these words.
  Result run(const std::string& arguments) const { return shell("\"$D\" " + arguments); }

  /// A model of rows.npy in `run`, or of pictures.npy in `pictures`.
  void make_model() const { succeed("fit rows.npy -o run --epochs 3 --quiet"); }
  void make_picture_model() const { succeed("fit pictures.npy -o pictures --epochs 3 --quiet"); }
  Result succeed(const std::string& arguments) const {
    const Result result = run(arguments);
    EXPECT_EQ(result.code, 0) << arguments << "\n" << result.err;
    return result;
  }

  /// The command must end with `code`, one line on stderr that has `part`, nothing on stdout, and
  /// must leave the folder as it was.
  void refuse(int code, const std::string& arguments, const std::string& part) const {
    const std::vector<std::string> before = names();
    const Result result = run(arguments);
    EXPECT_EQ(result.code, code) << arguments << "\n" << result.err;
    EXPECT_EQ(result.error_lines(), 1) << arguments << "\n" << result.err;
    EXPECT_TRUE(result.err.starts_with("diabolo: ")) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << arguments << "\n" << result.err;
    EXPECT_EQ(result.out, "") << arguments;
    EXPECT_EQ(names(), before) << arguments;
  }

  bool has(const std::string& name) const { return std::filesystem::exists(path(name)); }
  Tensor array(const std::string& name) const { return read_npy(path(name)); }

 private:
  TempFolder log_;  // so that what a command leaves in its folder can be seen
};

}  // namespace diabolo
