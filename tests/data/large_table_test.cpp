// Tables that lie in a file while they are used: the same cells as in memory.
#include <diabolo/data/read_table.h>

#include <cstring>

#include "table_files.h"

namespace diabolo {
namespace {

class LargeTable : public TableTest {
 protected:
  ~LargeTable() override { set_file_memory_from(0); }

  /// Many blocks of the reader.
  std::string table() {
    std::string text = "x,name,n\n";
    for (int i = 0; i < 20000; ++i)
      text += fmt::format("{},{},{}\n", std::sin(i),
                          i % 7 == 0   ? ""
                          : i % 2 == 0 ? "a"
                                       : "b",
                          i * i % 1000);
    return put(folder, "large.csv", text);
  }
};

TEST_F(LargeTable, has_the_same_cells_in_a_file_as_in_memory) {
  const std::string path = table();
  TableReader reader(path);
  const Dataset in_memory = read_table(reader);
  EXPECT_FALSE(in_memory.values.is_in_file());
  set_file_memory_from(100000);
  const auto same = [&](const Dataset& other) {
    EXPECT_TRUE(other.values.is_in_file());
    ASSERT_EQ(other.values.shape(), in_memory.values.shape());
    EXPECT_EQ(std::memcmp(other.values.data(), in_memory.values.data(), other.values.bytes()), 0);
    EXPECT_EQ(other.log_slopes, in_memory.log_slopes);
    EXPECT_EQ(other.fingerprint(), in_memory.fingerprint());
  };
  reader.rewind();
  same(read_table(reader));
  reader.rewind();
  same(read_table(reader, in_memory.schema));  // of unknown length: it grows
}

}  // namespace
}  // namespace diabolo
