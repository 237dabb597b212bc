#include <diabolo/base/random.h>
#include <diabolo/io/model_file.h>
#include <diabolo/io/safetensors.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace diabolo {
namespace {

class ModelFile : public ::testing::Test {
 protected:
  ModelFile()
      : folder_(std::filesystem::temp_directory_path() /
                ("diabolo-model-file-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    Composition composition;
    composition.encoder.settings = {{"hidden", "5,4"}};
    composition.decoder.settings = {{"hidden", "4"}};
    model_ =
        make_model(composition, components_, {.shift = {1, 2, 3}, .scale = {2, 2, 0.5}}, {3}, 7);
    model_.settings = {{"epochs", "3"}};
    model_.fingerprint = "0123456789abcdef";
    model_.history = {{.epoch = 1, .step = 10, .loss = 2.5, .valid_loss = NAN}};
    write_model(path(), model_);
  }
  ~ModelFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name = "m.safetensors") const { return (folder_ / name).string(); }
  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void expect_refused(const std::string& bytes, ErrorCode code) {
    std::ofstream(path("bad"), std::ios::binary) << bytes;
    expect_refused_file(path("bad"), code);
  }
  void expect_refused_file(const std::string& file, ErrorCode code) {
    try {
      read_model(file, components_);
      FAIL() << "expected a refusal";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
    }
  }
  // The file with its description changed by hand.
  void rewrite(const std::string& from, const std::string& to) {
    TensorFile file = read_safetensors(path());
    std::string& json = file.metadata.at("diabolo");
    const auto at = json.find(from);
    ASSERT_NE(at, std::string::npos) << json;
    json.replace(at, from.size(), to);
    write_safetensors(path("bad"), file);
  }

  std::filesystem::path folder_;
  Components components_;
  ModelData model_;
};

TEST_F(ModelFile, comes_back_as_it_was) {
  const ModelData back = read_model(path(), components_);
  EXPECT_EQ(back.composition, model_.composition);
  EXPECT_EQ(back.transform.shift, model_.transform.shift);
  EXPECT_EQ(back.transform.scale, model_.transform.scale);
  EXPECT_EQ(back.settings, model_.settings);
  EXPECT_EQ(back.fingerprint, model_.fingerprint);
  ASSERT_EQ(back.history.size(), 1u);
  EXPECT_EQ(back.history[0].loss, 2.5);
  EXPECT_TRUE(std::isnan(back.history[0].valid_loss));
  const std::span<const float> a = back.values.as<float>(), b = model_.values.as<float>();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST_F(ModelFile, cut_at_any_byte_is_refused) {
  const std::string whole = bytes();
  for (std::size_t n = 0; n < whole.size(); n += n < 64 || n + 64 > whole.size() ? 1 : 13) {
    std::ofstream(path("bad"), std::ios::binary | std::ios::trunc)
        .write(whole.data(), static_cast<std::streamsize>(n));
    EXPECT_THROW(read_model(path("bad"), components_), Error) << "cut at byte " << n;
  }
}

TEST_F(ModelFile, a_flipped_byte_is_refused_or_gives_a_whole_model) {
  const std::string whole = bytes();
  RandomStream random({.seed = 1});
  for (int i = 0; i < 400; ++i) {
    std::string bad = whole;
    bad[random.below(bad.size())] ^= static_cast<char>(1 << random.below(8));
    std::ofstream(path("bad"), std::ios::binary | std::ios::trunc) << bad;
    try {
      EXPECT_EQ(read_model(path("bad"), components_).dimensions, 3);
    } catch (const Error&) {
    }
  }
}

TEST_F(ModelFile, sizes_that_the_arrays_do_not_have_take_no_memory) {
  rewrite("\"hidden\":\"5,4\"", "\"hidden\":\"1048576,1048576,1048576\"");
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
  rewrite("\"row_shape\":[3]", "\"row_shape\":[268435456]");
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
  rewrite("\"latent\":2", "\"latent\":-2");
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
}

TEST_F(ModelFile, a_later_format_is_named) {
  rewrite("\"format\":1", "\"format\":2");
  expect_refused_file(path("bad"), ErrorCode::unsupported);
}

TEST_F(ModelFile, a_missing_component_is_named) {
  rewrite("\"type\":\"gaussian\"", "\"type\":\"gaussiam\"");
  try {
    read_model(path("bad"), components_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_NE(error.message().find("gaussiam"), std::string::npos);
    EXPECT_NE(error.message().find("'gaussian'"), std::string::npos);
  }
}

TEST_F(ModelFile, other_tensors_are_no_model) {
  write_safetensors(path("bad"), {});
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
  expect_refused("", ErrorCode::corrupt_file);
}

TEST_F(ModelFile, numbers_that_are_not_finite_are_refused) {
  TensorFile file = to_tensors(model_);
  for (auto& [name, tensor] : file.tensors)
    if (tensor.dtype() == DType::f32) tensor.as<float>()[0] = INFINITY;
  write_safetensors(path("bad"), file);
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
}

TEST_F(ModelFile, what_would_be_refused_is_not_written) {
  const auto refused = [&] {
    try {
      write_model(path("bad"), model_);
    } catch (const Error& error) {
      return error.code() == ErrorCode::not_finite;
    }
    return false;
  };
  EXPECT_FALSE(refused());
  const std::vector<double*> numbers = {&model_.transform.shift[0], &model_.transform.scale[0],
                                        &model_.score_reference.quantiles.emplace_back(),
                                        &model_.score_reference.column_means.emplace_back(),
                                        &model_.score_reference.missing_costs.emplace_back()};
  for (double* x : numbers) {
    const double before = *x;
    *x = NAN;
    EXPECT_TRUE(refused());
    *x = before;
  }
  EXPECT_FALSE(refused());
  model_.values.as<float>()[0] = INFINITY;
  EXPECT_TRUE(refused());
}

TEST_F(ModelFile, numbers_that_are_not_whole_are_refused) {
  for (const char* key : {"\"format\":1", "\"numerics\":1", "\"latent\":2", "\"best_epoch\":0",
                          "\"epoch\":1", "\"step\":10", "\"row_shape\":[3"}) {
    const std::string name = key;
    const std::size_t at = name.find_first_of("0123456789");
    for (const char* number : {"1e300", "0.5", "18446744073709551615"}) {
      rewrite(name, name.substr(0, at) + number);
      expect_refused_file(path("bad"), ErrorCode::corrupt_file);
    }
  }
}

TEST_F(ModelFile, descriptions_that_are_too_deep_are_refused) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  for (const char* key : {"schema", "scores", "holes", "columns"}) {
    rewrite("\"format\":1", fmt::format("\"format\":1,\"{}\":{}", key, deep));
    expect_refused_file(path("bad"), ErrorCode::corrupt_file);
  }
}

TEST_F(ModelFile, scores_of_other_columns_are_refused) {
  rewrite("\"column_means\":[]", "\"column_means\":[1,2,3]");
  read_model(path("bad"), components_);
  rewrite("\"missing_costs\":[]", "\"missing_costs\":[1,2,3,4]");
  read_model(path("bad"), components_);
  rewrite("\"column_means\":[]", "\"column_means\":[1,2]");
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
  rewrite("\"missing_costs\":[]", "\"missing_costs\":[1,2,3]");
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
  rewrite("\"quantiles\":[]", "\"quantiles\":[2,1]");
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
}

TEST_F(ModelFile, data_that_cannot_be_so_are_refused) {
  rewrite("\"is_image\":false", "\"is_image\":true");
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
  rewrite("\"holes\":{}", "\"holes\":{\"05\":2}");
  read_model(path("bad"), components_);
  rewrite("\"dtype\":\"f32\"", "\"dtype\":\"u8\"");
  read_model(path("bad"), components_);
  TensorFile file = read_safetensors(path("bad"));
  std::string& json = file.metadata.at("diabolo");
  json.replace(json.find("\"holes\":{}"), 10, "\"holes\":{\"05\":2}");
  write_safetensors(path("bad"), file);  // bytes, of which none can be missing
  expect_refused_file(path("bad"), ErrorCode::corrupt_file);
}

TEST_F(ModelFile, rows_longer_than_what_the_file_holds_take_no_memory) {
  const std::pair<std::string, std::string> cases[] = {
      {"\"missing\":false", "\"missing\":true"},  // a term of the Jacobian for each dimension
      {"\"columns\":[]", R"("columns":[{"type":"normal","settings":{},"columns":268435456}])"}};
  for (const auto& [from, to] : cases) {
    rewrite(from, to);
    TensorFile file = read_safetensors(path("bad"));
    std::string& json = file.metadata.at("diabolo");
    json.replace(json.find("\"row_shape\":[3]"), 15, "\"row_shape\":[268435456]");
    file.tensors.clear();
    for (const char* name : {"data.shift", "data.scale"}) {
      const std::vector<double> one{1};
      file.tensors.emplace_back(name, Tensor::of<double>({1}, one));
    }
    write_safetensors(path("bad"), file);
    try {
      read_model(path("bad"), components_);
      FAIL() << "expected a refusal";
    } catch (const Error& error) {
      EXPECT_NE(error.message().find("rows of a sane shape"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace diabolo
