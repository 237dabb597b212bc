// Files that vanish, shrink, grow or are replaced while they are read: one clear error, or what was
// there when they were opened; never a crash, and never rows of two files.
#include <diabolo/data/gzip.h>
#include <diabolo/data/idx.h>
#include <diabolo/data/image.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/png.h>
#include <diabolo/data/read.h>
#include <diabolo/data/read_table.h>
#include <diabolo/data/schema.h>
#include <diabolo/data/source.h>
#include <diabolo/data/write.h>

#include <functional>

#include "table_files.h"

namespace diabolo {
namespace {

namespace fs = std::filesystem;

/// Reads `source`, and calls `act` before its read number `when`.
class Watched final : public ByteSource {
 public:
  Watched(std::unique_ptr<ByteSource> source, int when, std::function<void()> act)
      : ByteSource(source->name()), source_(std::move(source)), left_(when), act_(std::move(act)) {}
  std::size_t read(void* to, std::size_t bytes) override {
    if (left_-- == 0) act_();
    return source_->read(to, bytes);
  }
  std::uint64_t limit() const override { return source_->limit(); }
  bool has_acted() const { return left_ < 0; }

 private:
  std::unique_ptr<ByteSource> source_;
  int left_;
  std::function<void()> act_;
};

using Open = std::unique_ptr<ByteSource> (*)(const std::string&);
using Read = Tensor (*)(ByteSource&);

struct ArrayCase {
  const char* name;
  std::string file;
  Open open;
  Read read;
};

std::vector<ArrayCase> array_cases() {
  std::string numbers(40000, '\0');
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<char>(i * i / 7 % 120);  // no f4 of it is NaN, and gzip cannot hide it
  const std::string idx = std::string("\0\0\x08\x02\0\0\0\xc8\0\0\0\xc8", 12) + numbers;
  const std::string plain = npy_of("<f4", "(100, 100)", numbers);
  const std::string swapped = npy_of(">i2", "(100, 200)", numbers);
  return {{"npy", plain, open_file, read_npy},
          {"npy of other numbers", swapped, open_file, read_npy},
          {"idx", idx, open_file, read_idx},
          {"npy.gz", gzipped(plain), open_gzip, read_npy},
          {"idx.gz", gzipped(idx), open_gzip, read_idx}};
}

TEST(ChangingFile, that_shrinks_or_grows_is_an_error_or_the_array_that_was_there) {
  const TempFolder folder;
  for (const ArrayCase& c : array_cases()) {
    SCOPED_TRACE(c.name);
    const std::string path = put(folder, "x", c.file);
    const Tensor whole = c.read(*c.open(path));
    const auto read_with = [&](int when, const std::function<void()>& act) {
      put(folder, "x", c.file);
      Watched source(c.open(path), when, act);
      try {
        const Tensor array = c.read(source);
        EXPECT_TRUE(array.shape() == whole.shape() &&
                    std::equal(array.data(), array.data() + array.bytes(), whole.data()))
            << "rows of two files, after " << when;
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::corrupt_file || error.code() == ErrorCode::io);
        EXPECT_NE(error.message().find(in_quotes(path)), std::string::npos) << error.what();
        return std::make_pair(source.has_acted(), true);
      }
      return std::make_pair(source.has_acted(), false);
    };
    int errors = 0;
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{9}, std::size_t{50},
                                    c.file.size() / 2, c.file.size() - 1})
      for (int when = 0;; ++when) {
        const auto [acted, failed] = read_with(when, [&] { fs::resize_file(path, bytes); });
        errors += failed;
        if (!acted) break;
        ASSERT_LT(when, 1000);
      }
    EXPECT_GT(errors, 3);
    for (int when = 0;; ++when) {
      const auto [acted, failed] = read_with(when, [&] {
        std::ofstream(path, std::ios::binary | std::ios::app) << std::string(70000, 'x');
      });
      if (!acted) break;
    }
    const auto [acted, failed] = read_with(0, [&] { fs::remove(path); });
    EXPECT_FALSE(failed) << "an open file is there until it is closed";
    EXPECT_TRUE(acted);
  }
}

// A file that fails, as a damaged disk does.
TEST(ChangingFile, that_cannot_be_read_on_is_named) {
  const TempFolder folder;
  for (const ArrayCase& c : array_cases()) {
    put(folder, "x", c.file);
    Watched source(c.open(folder.path("x")), 1,
                   [] { fail(ErrorCode::io, "read", "expected to read 'x', got an error"); });
    expect_error(ErrorCode::io, "'x'", [&] { c.read(source); });
  }
}

class ChangingPictures : public ::testing::Test {
 protected:
  /// a.png, b.png, c.png, and what makes the reader warn before and after it has read the headers.
  void SetUp() override {
    for (const char* name : {"a.png", "b.png", "c.png"}) picture(name, 4);
    put(folder, "notes.txt", "no picture");
    fs::copy_file(fixture("alpha.png"), alpha.path("a.png"));
    fs::copy_file(fixture("alpha.png"), alpha.path("b.png"));
  }
  ~ChangingPictures() override { set_log_callback(nullptr); }

  void picture(const std::string& name, int size) const {
    write_png({size, size, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(size * size), 9)},
              folder.path(name));
  }
  void refuse(const TempFolder& in, ErrorCode code, const std::string& part,
              std::function<void()> when_it_warns) const {
    int warnings = 0;
    set_log_callback([&](LogLevel, std::string_view) {
      if (warnings++ == 0) when_it_warns();
    });
    expect_error(code, part, [&] { read_image_folder(in.path()); });
    EXPECT_GE(warnings, 1);
    set_log_callback(nullptr);
  }

  TempFolder folder, alpha;
};

TEST_F(ChangingPictures, after_their_folder_was_listed) {
  refuse(folder, ErrorCode::io, "b.png', got nothing there",
         [&] { fs::remove(folder.path("b.png")); });
  picture("b.png", 4);
  refuse(folder, ErrorCode::shape, "b.png", [&] { picture("b.png", 5); });
  for (const std::size_t bytes : {0u, 7u, 20u, 60u}) {
    picture("b.png", 4);
    refuse(folder, ErrorCode::corrupt_file, "b.png",
           [&] { fs::resize_file(folder.path("b.png"), bytes); });
  }
  picture("b.png", 4);
  refuse(folder, ErrorCode::io, "a.png", [&] { fs::remove_all(folder.path()); });
}

TEST_F(ChangingPictures, after_their_headers_were_read) {
  const std::string path = alpha.path("b.png"), whole = bytes_of(path);
  refuse(alpha, ErrorCode::io, "b.png", [&] { fs::remove(path); });
  put(alpha, "b.png", whole);
  refuse(alpha, ErrorCode::io, "changed file", [&] {
    picture("other.png", 40);
    fs::copy_file(folder.path("other.png"), path, fs::copy_options::overwrite_existing);
  });
  put(alpha, "b.png", whole);
  refuse(alpha, ErrorCode::corrupt_file, "b.png", [&] { fs::resize_file(path, whole.size() / 2); });
}

// --- tables
// ---------------------------------------------------------------------------------------

/// What is done to a table while it is read.
struct Change {
  const char* name;
  std::function<void(const std::string& path)> act;
};

std::string csv_of(int rows, int first = 0) {
  std::string text = "x,c\n";
  for (int i = first; i < first + rows; ++i) text += fmt::format("{}.5,{}\n", i, "abc"[i % 3]);
  return text;
}

std::vector<Change> changes() {
  const auto replace = [](const std::string& path, const std::string& text) {
    std::ofstream(path + ".new", std::ios::binary) << text;
    fs::rename(path + ".new", path);
  };
  return {
      {"vanishes", [](const std::string& path) { fs::remove(path); }},
      {"is emptied", [](const std::string& path) { fs::resize_file(path, 0); }},
      {"shrinks", [](const std::string& path) { fs::resize_file(path, fs::file_size(path) - 24); }},
      {"grows",
       [](const std::string& path) {
         std::ofstream(path, std::ios::binary | std::ios::app) << "7.5,q\n";
       }},
      {"is replaced by fewer rows",
       [replace](const std::string& path) { replace(path, csv_of(20)); }},
      {"is replaced by as many other rows",
       [replace](const std::string& path) { replace(path, csv_of(9000, 1)); }},
      {"is replaced by something else",
       [replace](const std::string& path) { replace(path, "PAR1 no table"); }}};
}

class ChangingTable : public TableTest {
 protected:
  using Reading = std::function<void(const std::string& path, const std::function<void()>& change)>;

  /// Makes a table of 9000 rows (several blocks) of each name, changes it in each way, and
  /// expects what `read(path, change)` throws to name it.
  void refuse(const std::vector<const char*>& names, const Reading& read) {
    for (const char* name : names) {
      const std::string path = folder.path(name);
      for (const Change& change : changes()) {
        SCOPED_TRACE(fmt::format("{} {}", name, change.name));
        put(folder, "x.csv", csv_of(9000));
        if (std::string(name) == "x.csv.gz") put(folder, "x.csv.gz", gzipped(csv_of(9000)));
        if (path.ends_with("parquet") || path.ends_with("jsonl")) convert(path);
        const std::vector<std::string> before = folder.names();
        bool changed = false;
        try {
          read(path, [&] {
            changed = true;
            change.act(path);
          });
          ADD_FAILURE() << "it was read";
        } catch (const Error& error) {
          EXPECT_TRUE(error.code() == ErrorCode::corrupt_file || error.code() == ErrorCode::io)
              << error.what();
          EXPECT_NE(error.message().find(name), std::string::npos) << error.what();
          EXPECT_EQ(error.message().find('\n'), std::string::npos) << error.what();
        }
        EXPECT_TRUE(changed);
        std::vector<std::string> after = folder.names();
        if (!fs::exists(path)) after.push_back(name);
        std::sort(after.begin(), after.end());
        EXPECT_EQ(after, before);
      }
    }
  }

 private:
  void convert(const std::string& to) {
    TableReader reader(folder.path("x.csv"));
    TableFormat format;
    ASSERT_TRUE(table_format(to, format));
    TableWriter writer(to, format, {{reader.fields()[0], 0}, {reader.fields()[1], 1}}, &reader);
    writer.append({9000, std::vector<ColumnValues>(2)});
    writer.commit();
  }
};

TEST_F(ChangingTable, between_the_two_passes_that_a_fit_makes) {
  refuse({"x.csv", "x.parquet", "x.jsonl", "x.csv.gz"},
         [](const std::string& path, const std::function<void()>& change) {
           TableReader reader(path);
           SchemaBuilder builder(reader.fields(), {});
           TableChunk chunk;
           while (reader.next(chunk)) builder.add(chunk);
           reader.rewind();
           const auto schema = std::make_shared<const Schema>(builder.finish());
           change();
           read_table(reader, schema, false, nullptr);
         });
}

TEST_F(ChangingTable, before_the_first_pass_and_in_the_middle_of_it) {
  for (const int blocks : {0, 2})
    refuse({"x.csv", "x.parquet"},
           [&](const std::string& path, const std::function<void()>& change) {
             TableReader reader(path);
             TableChunk chunk;
             for (int i = 0; i < blocks; ++i) ASSERT_TRUE(reader.next(chunk));
             change();
             while (reader.next(chunk)) {
             }
           });
}

TEST_F(ChangingTable, before_its_rows_are_repeated_in_a_result) {
  refuse({"x.csv", "x.parquet"}, [&](const std::string& path, const std::function<void()>& change) {
    TableReader reader(path);
    TableWriter writer(folder.path("out.csv"), TableFormat::csv, {{reader.fields()[1], 1}},
                       &reader);
    change();
    writer.append({9000, std::vector<ColumnValues>(1)});
    writer.commit();
  });
}

TEST_F(ChangingTable, does_not_matter_to_the_result_of_a_query) {
  for (const Change& change : changes()) {
    const std::string path = put(folder, "x.csv", csv_of(30));
    TableReader reader(path, {.query = "SELECT x FROM data WHERE x < 3 ORDER BY x DESC"});
    EXPECT_EQ(rows_of(reader), "2.5;1.5;0.5;") << change.name;
    reader.rewind();
    change.act(path);
    EXPECT_EQ(rows_of(reader), "2.5;1.5;0.5;") << change.name;
  }
}

TEST_F(ChangingTable, that_is_only_looked_at_is_as_it_was) {
  const std::string path = put(folder, "x.csv", csv_of(3));
  TableReader reader(path);
  rows_of(reader);
  bytes_of(path);
  fs::permissions(path, fs::perms::owner_read);
  reader.rewind();
  EXPECT_EQ(rows_of(reader), "0.5|a;1.5|b;2.5|c;");
}

}  // namespace
}  // namespace diabolo
