// Help for the tests of the data layer: a folder that goes away, bytes in and out, errors expected.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/base/log.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace diabolo {

inline std::string fixture(const std::string& name) {
  return std::string(DIABOLO_TEST_DATA) + "/../data_files/" + name;
}

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "diabolo-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  /// Names in the folder, hidden ones too, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
  }

 private:
  std::string path_;
};

inline std::string put(const TempFolder& folder, const std::string& name, const std::string& text) {
  const std::string path = folder.path(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `text` as a gzip file.
inline std::string gzipped(const std::string& text) {
  std::string out(text.size() + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// The most memory that this process ever had.
inline long peak_kibibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// An .npy file of version 1 with this header and these data.
inline std::string npy(const std::string& header, const std::string& data) {
  std::string file = "\x93NUMPY\x01";
  file += '\0';
  file += static_cast<char>(header.size() & 255);
  file += static_cast<char>(header.size() >> 8);
  return file + header + data;
}

inline std::string npy_of(const std::string& descr, const std::string& shape,
                          const std::string& data) {
  return npy("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}\n", data);
}

/// The bytes of `values` in this machine's order.
template <class T>
std::string raw(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

/// Calls f, which must throw an Error of this code whose message has `part` and is one line.
template <class F>
void expect_error(ErrorCode code, const std::string& part, F&& f) {
  try {
    f();
    ADD_FAILURE() << "expected an error: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(name(error.code()), name(code)) << error.what();
    EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
    EXPECT_EQ(error.message().find('\n'), std::string::npos) << error.what();
  }
}

/// Warnings since it was made.
class Warnings {
 public:
  Warnings() {
    set_log_callback([this](LogLevel, std::string_view text) { texts.emplace_back(text); });
  }
  ~Warnings() { set_log_callback(nullptr); }
  std::vector<std::string> texts;
};

/// Calls read(path) for every proper prefix of `file`: each must throw a diabolo::Error.
template <class F>
void expect_no_prefix_is_read(const std::string& file, const std::string& path, F&& read) {
  for (std::size_t n = 0; n < file.size(); ++n) {
    std::ofstream(path, std::ios::binary) << file.substr(0, n);
    try {
      read(path);
      ADD_FAILURE() << "read from the first " << n << " of " << file.size() << " bytes";
    } catch (const Error&) {
    }
  }
}

}  // namespace diabolo
