#include <diabolo/data/atomic_file.h>
#include <diabolo/io/safetensors.h>

#include <limits>
#include <set>

#include "data/files.h"

namespace diabolo {
namespace {

template <class T>
std::pair<std::string, Tensor> named(const std::string& name, const Shape& shape,
                                     const std::vector<T>& values) {
  return {name, Tensor::of<T>(shape, values)};
}

/// One tensor of each type, a scalar and an empty one, in the order of a file.
TensorFile example() {
  TensorFile file;
  file.metadata = {{"settings", R"({"latent":2,"name":"a \"b\""})"}, {"empty", ""}};
  file.tensors.push_back(named<std::uint64_t>("seed", {1}, {~std::uint64_t{0}}));
  file.tensors.push_back(named<double>("beta", {}, {0.1}));
  file.tensors.push_back(named<float>("layer.bias", {0, 3}, {}));
  file.tensors.push_back(named<float>("layer.weight", {2, 3}, {0.5F, -1.25F, 3, -0.0F, 1e-45F, 7}));
  file.tensors.push_back(named<std::int32_t>("codes", {2, 1}, {-2147483647, 5}));
  file.tensors.push_back(named<std::uint8_t>("bytes", {3}, {0, 127, 255}));
  return file;
}

void expect_equal(const TensorFile& a, const TensorFile& b) {
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const auto& [name, tensor] = a.tensors[i];
    EXPECT_EQ(name, b.tensors[i].first);
    EXPECT_EQ(tensor.dtype(), b.tensors[i].second.dtype()) << name;
    EXPECT_EQ(tensor.shape(), b.tensors[i].second.shape()) << name;
    ASSERT_EQ(tensor.bytes(), b.tensors[i].second.bytes()) << name;
    EXPECT_TRUE(
        std::equal(tensor.data(), tensor.data() + tensor.bytes(), b.tensors[i].second.data()))
        << name;
  }
}

/// A file with this header and data.
std::string container(const std::string& header, const std::string& data = "") {
  return raw<std::uint64_t>({header.size()}) + header + data;
}

std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{}]}})", name, type, shape,
                     offsets);
}

/// A file whose header has one tensor only.
std::string container_of(const std::string& name, const std::string& type, const std::string& shape,
                         const std::string& offsets, const std::string& data) {
  return container(fmt::format("{{{}}}", entry(name, type, shape, offsets)), data);
}

void refuse(const std::string& content, const std::string& part,
            ErrorCode code = ErrorCode::corrupt_file) {
  SCOPED_TRACE(content.substr(0, 200));
  TempFolder folder;
  const std::string path = put(folder, "x.safetensors", content);
  expect_error(code, part, [&] { read_safetensors(path); });
}

TEST(Safetensors, what_is_written_is_read_again) {
  TempFolder folder;
  const std::string path = folder.path("x.safetensors");
  write_safetensors(path, example());
  expect_equal(read_safetensors(path), example());
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"x.safetensors"}));

  write_safetensors(path, {});
  expect_equal(read_safetensors(path), {});
}

TEST(Safetensors, reads_what_the_reference_implementation_wrote) {
  const TensorFile file = read_safetensors(fixture("reference.safetensors"));
  TensorFile wanted;
  wanted.metadata = {{"text", "a \"quoted\" line\nand \xe2\x82\xac"}};
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  wanted.tensors.push_back(named<std::uint64_t>("counts", {1}, {~std::uint64_t{0}}));
  wanted.tensors.push_back(named<double>("scalar", {}, {0.1}));
  wanted.tensors.push_back(
      named<float>("layer.weight", {2, 3}, {0.5F, -1.25F, 3, kInfinity, -0.0F, 1e-45F}));
  wanted.tensors.push_back(named<float>("none", {0, 3}, {}));
  wanted.tensors.push_back(named<std::int32_t>(
      "integers", {2, 2}, {std::numeric_limits<std::int32_t>::min(), -1, 0, 2147483647}));
  wanted.tensors.push_back(named<std::uint8_t>("bytes", {3}, {0, 127, 255}));
  expect_equal(file, wanted);
}

TEST(Safetensors, writes_what_the_reference_implementation_writes_but_for_padding) {
  TempFolder folder;
  const std::string theirs = fixture("reference.safetensors");
  const std::string ours = folder.path("x.safetensors");
  write_safetensors(ours, read_safetensors(theirs));
  const auto without_padding = [](std::string file) {
    file.erase(0, 8);
    const std::size_t end = file.find("}}  ");
    return file.erase(end + 2, file.find_first_not_of(' ', end + 2) - end - 2);
  };
  EXPECT_EQ(without_padding(bytes_of(ours)), without_padding(bytes_of(theirs)));
}

TEST(Safetensors, same_content_gives_same_bytes_whatever_the_order) {
  TempFolder folder;
  TensorFile file = example();
  write_safetensors(folder.path("a"), file);
  std::reverse(file.tensors.begin(), file.tensors.end());
  write_safetensors(folder.path("b"), file);
  EXPECT_EQ(bytes_of(folder.path("a")), bytes_of(folder.path("b")));
}

TEST(Safetensors, data_begin_at_a_multiple_of_64_bytes) {
  TempFolder folder;
  for (std::size_t n = 0; n < 64; ++n) {
    TensorFile file;
    file.metadata["k"] = std::string(n, 'v');
    file.tensors.push_back(named<std::uint8_t>("x", {1}, {9}));
    write_safetensors(folder.path("x"), file);
    const std::string bytes = bytes_of(folder.path("x"));
    EXPECT_EQ(bytes.size() % 64, 1u) << n;
    EXPECT_EQ(bytes.back(), 9) << n;
    EXPECT_EQ(static_cast<unsigned char>(bytes[0]) + 256 * static_cast<unsigned char>(bytes[1]),
              bytes.size() - 9);
  }
}

TEST(Safetensors, names_and_metadata_hold_any_unicode_text) {
  TempFolder folder;
  const std::string path = folder.path("x");
  using namespace std::string_literals;
  const std::string text = "\x01\n\"\\/\x7f\xc3\xbc\xf0\x9f\x98\x80\0end"s;
  TensorFile file;
  file.metadata = {{text, text}, {"", ""}};
  file.tensors.push_back(named<float>("", {1}, {1}));
  file.tensors.push_back(named<float>(text, {1}, {2}));
  write_safetensors(path, file);
  expect_equal(read_safetensors(path), file);
}

TEST(Safetensors, refuses_to_write_names_that_no_reader_takes) {
  TempFolder folder;
  const auto refuse_names = [&](const std::vector<std::string>& names, const std::string& part) {
    TensorFile file;
    for (const auto& name : names) file.tensors.push_back(named<float>(name, {1}, {1}));
    expect_error(ErrorCode::invalid_argument, part,
                 [&] { write_safetensors(folder.path("x"), file); });
  };
  refuse_names({"a", "b", "a"}, "got 'a'");
  refuse_names({"__metadata__"}, "got '__metadata__'");
  refuse_names({"\xff"}, "UTF-8");
  TensorFile file;
  file.metadata["k"] = "\xc3(";
  expect_error(ErrorCode::invalid_argument, "UTF-8",
               [&] { write_safetensors(folder.path("x"), file); });
  EXPECT_TRUE(folder.names().empty());
}

TEST(Safetensors, a_full_disk_leaves_the_old_file_and_nothing_else) {
  TempFolder folder;
  const std::string path = folder.path("x");
  TensorFile large = example();
  large.tensors.push_back({"large", Tensor(DType::f32, {20000})});  // longer than a write buffer
  write_safetensors(path, large);
  const auto size = static_cast<std::int64_t>(bytes_of(path).size());
  write_safetensors(path, example());
  const std::string old = bytes_of(path);

  for (std::int64_t room = 0; room <= size; ++room) {
    if (room == 600) room = size - 600;  // between, only more of the same tensor
    const SimulatedFullDisk full(room);  // the flush counts as one byte more
    expect_error(ErrorCode::io, "free some space", [&] { write_safetensors(path, large); });
    expect_error(ErrorCode::io, "free some space",
                 [&] { write_safetensors(folder.path("new"), large); });
    ASSERT_EQ(bytes_of(path), old) << room;
    ASSERT_EQ(folder.names(), (std::vector<std::string>{"x"})) << room;
  }
  const SimulatedFullDisk enough(size + 1);
  write_safetensors(path, large);
  EXPECT_EQ(read_safetensors(path).tensors.size(), large.tensors.size());
}

TEST(Safetensors, a_file_cut_anywhere_is_an_error_that_says_so) {
  TempFolder folder;
  const std::string path = folder.path("x.safetensors");
  write_safetensors(path, example());
  const std::string whole = bytes_of(path);
  expect_no_prefix_is_read(whole, path, [](const std::string& p) { read_safetensors(p); });
  for (std::size_t n = 9; n < whole.size(); ++n) {
    put(folder, "x.safetensors", whole.substr(0, n));
    expect_error(ErrorCode::corrupt_file, fmt::format("x.safetensors' cut at byte {} of", n),
                 [&] { read_safetensors(path); });
  }
  refuse(whole.substr(0, whole.size() - 1),
         fmt::format("cut at byte {} of {};", whole.size() - 1, whole.size()));
  refuse(whole + "x", "expected 51 bytes after the header");
}

TEST(Safetensors, a_flipped_byte_is_an_error_or_a_well_formed_file) {
  TempFolder folder;
  const std::string path = folder.path("x");
  TensorFile small = example();
  small.metadata.erase("empty");
  write_safetensors(path, small);
  const std::string whole = bytes_of(path);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {1, 4, 16, 32, 128, '{' ^ '}', '"' ^ '\\'}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      put(folder, "x", damaged);
      try {
        const TensorFile file = read_safetensors(path);
        std::set<std::string> names;
        std::size_t bytes = 0;
        for (const auto& [name, tensor] : file.tensors) {
          EXPECT_TRUE(names.insert(name).second);
          EXPECT_EQ(tensor.bytes(),
                    static_cast<std::size_t>(tensor.size()) * size_of(tensor.dtype()));
          bytes += tensor.bytes();
        }
        EXPECT_LE(bytes, whole.size());
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::corrupt_file ||
                    error.code() == ErrorCode::unsupported)
            << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 2000);
}

TEST(Safetensors, refuses_lengths_that_lie) {
  refuse(raw<std::uint64_t>({~std::uint64_t{0}}) + "{}", "unknown content");
  refuse(raw<std::uint64_t>({100'000'001}) + "{}", "unknown content");
  refuse(raw<std::uint64_t>({100'000'000}) + "{}", "cut at byte 10 of at least 100000008");
  refuse(raw<std::uint64_t>({3}) + "{}", "cut at byte 10 of at least 11");
  refuse(raw<std::uint64_t>({0}) + "{}", "at least 2 bytes");
  refuse(raw<std::uint64_t>({1}) + "{", "at least 2 bytes");
  refuse(raw<std::uint64_t>({2}), "cut at byte 8 of more");

  const auto one = [](const std::string& shape, const std::string& offsets) {
    return container_of("a", "F32", shape, offsets, "12345678");
  };
  refuse(one("3", "0,12"), "cut at byte");
  refuse(one("1", "0,4"), "expected 4 bytes");
  refuse(one("2", "8,0"), "offsets that match");
  refuse(one("2", "0,4"), "offsets that match shape [2] of 'a'");
  refuse(one("2", "8,16"), "gap or overlap");
  // products and offsets beyond 64 bits
  const std::string huge = "18446744073709551615", half = "9223372036854775808";
  refuse(one(huge, "0,8"), "offsets that match");
  refuse(one(half, "0,8"), "offsets that match");
  refuse(one("4294967296,4294967296,4294967296", "0,0"), "offsets that match");
  refuse(one("0,4294967296,4294967296,4294967296", "0,0"), "offsets that match");
  refuse(one(huge + ",0", "0,0"), "offsets that match");
  refuse(container_of("a", "U8", "0," + half, "0,0", ""), "offsets that match");
  refuse(one("2305843009213693952", "0,9223372036854775808"), "offsets that match");
  refuse(one("1000000000000000", "0,4000000000000000"), "of 4000000000000");
  refuse(one("2", huge + "," + huge), "offsets that match");
  refuse(one("2", "0,18446744073709551616"), "a fraction");
  refuse(one("99999999999999999999", "0,8"), "a fraction");
}

TEST(Safetensors, refuses_gaps_overlaps_and_names_twice) {
  const auto two = [](const std::string& first, const std::string& second,
                      const std::string& name = "b") {
    return container(
        "{" + entry("a", "U8", "2", first) + "," + entry(name, "U8", "2", second) + "}", "12345");
  };
  refuse(two("0,2", "3,5"), "'b' at offset 3 instead of 2");
  refuse(two("0,2", "1,3"), "'b' at offset 1 instead of 2");
  refuse(two("0,2", "0,2"), "'b' at offset 0 instead of 2");
  refuse(two("1,3", "3,5"), "'a' at offset 1 instead of 0");
  refuse(two("0,2", "2,4"), "expected 4 bytes");
  refuse(two("0,2", "2,4", "a"), "'a' twice");
  refuse(container(R"({"__metadata__":{},"__metadata__":{}})"), "'__metadata__' twice");
  refuse(container(R"({"__metadata__":{"k":"1","k":"2"}})"), "'k' twice");
  refuse(container(R"({"a":{"dtype":"U8","dtype":"U8"}})"), "'dtype' twice");
}

TEST(Safetensors, tensors_may_stand_in_the_header_in_any_order) {
  TempFolder folder;
  const std::string header = "{" + entry("b", "U8", "1", "1,2") + "," +
                             entry("c", "U8", "0", "1,1") + "," + entry("a", "U8", "1", "0,1") +
                             "}  ";
  const TensorFile file = read_safetensors(put(folder, "x", container(header, "12")));
  ASSERT_EQ(file.tensors.size(), 3u);
  EXPECT_EQ(file.tensors[0].first, "a");
  EXPECT_EQ(file.tensors[1].first, "c");
  EXPECT_EQ(file.tensors[2].first, "b");
  EXPECT_EQ(file.tensors[2].second.as<std::uint8_t>()[0], '2');
}

TEST(Safetensors, refuses_types_and_ranks_that_it_lacks_by_the_name_of_the_tensor) {
  for (const std::string type : {"F16", "BF16", "I64", "BOOL", "", "f32"})
    refuse(container_of("h.w", type, "1", "0,4", "1234"), "'h.w'", ErrorCode::unsupported);
  refuse(container_of("h.w", "U8", "1,1,1,1,1,1,1", "0,1", "1"), "at most 6 dimensions of 'h.w'",
         ErrorCode::unsupported);
}

TEST(Safetensors, refuses_headers_of_another_form) {
  const auto tensor = [](const std::string& inner) { return container("{\"a\":{" + inner + "}}"); };
  refuse(container("{\"a\":5}"), "got a number");
  refuse(container("{\"a\":[]}"), "got a list");
  refuse(container("{\"a\":\"b\"}"), "got a text");
  refuse(container("{\"a\":null}"), "got null");
  refuse(container("{\"a\":true}"), "got a truth value");
  refuse(container("{\"__metadata__\":null}"), "got null");
  refuse(container("{\"__metadata__\":{\"k\":1}}"), "expected texts as metadata");
  refuse(container("{\"__metadata__\":{\"k\":{}}}"), "expected texts as metadata");
  refuse(tensor(""), "only a part");
  refuse(tensor(R"("dtype":"U8","shape":[0])"), "only a part");
  refuse(tensor(R"("dtype":5)"), "got a number at 'a'");
  refuse(tensor(R"("dtype":["U8"])"), "got a list");
  refuse(tensor(R"("shape":5)"), "got a number");
  refuse(tensor(R"("shape":"5")"), "got a text");
  refuse(tensor(R"("shape":[[1]])"), "got a list");
  refuse(tensor(R"("shape":["1"])"), "got a text");
  refuse(tensor(R"("shape":[-1])"), "negative");
  refuse(tensor(R"("shape":[1.0])"), "fraction");
  refuse(tensor(R"("shape":[{}])"), "got an object");
  refuse(tensor(R"("data_offsets":[0])"), "fewer than two");
  refuse(tensor(R"("data_offsets":[0,1,2])"), "a third");
  refuse(tensor(R"("extra":1)"), "'extra'");
}

TEST(Safetensors, refuses_headers_that_are_not_json) {
  for (const std::string header :
       {"{", "{}}", "{,}", "{'a':1}", "{\"a\"}", "{} x", "{\"__metadata__\":{\"k\":\"\xff\"}}",
        "{\"__metadata__\":{\"k\":\"\xed\xa0\x80\"}}", "{\"__metadata__\":{\"k\":\"\\ud800\"}}",
        "{/**/}", "{\"__metadata__\":{\"k\":\"a\nb\"}}", "{\"\xc3(\":1}"})
    refuse(container(header + "  "), "expected JSON in the header");
  refuse(container(std::string("{}\0 ", 4)), "a zero byte at its byte 3");
  refuse(container(R"({"a":{"shape":[1e999]}})"), "expected JSON in the header");
}

TEST(Safetensors, deep_nesting_is_refused_where_it_begins) {
  const std::string deep(100'000, '[');
  refuse(container("{\"a\":" + deep), "got a list");
  refuse(container(R"({"a":{"shape":)" + deep), "got a list");
  std::string objects = "{";
  for (int i = 0; i < 100'000; ++i) objects += "\"a\":{";
  refuse(container(objects), "'a'");
}

TEST(Safetensors, names_in_messages_stay_on_one_line) {
  refuse(container_of("a\\nb\\u0000c", "F16", "1", "0,2", "12"), "'a?b?c'", ErrorCode::unsupported);
}

TEST(Safetensors, says_what_a_file_of_another_kind_is) {
  TempFolder folder;
  const auto other = [](const std::string& content, const std::string& kind) {
    refuse(content, kind, ErrorCode::unsupported);
  };
  other(bytes_of(fixture("palette.png")), "a PNG picture");
  other(bytes_of(fixture("grey.jpg")), "a JPEG picture");
  other(bytes_of(fixture("two.npz")), "a zip archive");
  other(bytes_of(fixture("f32.npy")), "a NumPy array");
  other(gzipped("text"), "a gzip file");
  other("a,b\n", "got text");
  other("a,b,c\n1,2,3\n", "got text");
  other("{\"json\": 1}", "got text");
  refuse("", "an empty file");
  refuse(std::string(100, '\0'), "unknown content");
  expect_error(ErrorCode::io, "got a folder", [&] { read_safetensors(folder.path()); });
  expect_error(ErrorCode::io, "got nothing there", [&] { read_safetensors(folder.path("none")); });
}

}  // namespace
}  // namespace diabolo
