// `numerics: 1`: in mode reproducible a whole training gives committed bits, with any number of
// threads and at every level of the kernels. A hash may change with what a model is (a first value,
// a constant of an objective); where the graph is the same, a change is a new version of the
// numerics.
#include <diabolo/base/hash.h>
#include <diabolo/kernels/level.h>
#include <gtest/gtest.h>
#include <train/tiny_fit.h>
#include <unistd.h>

#include <cstdlib>

namespace diabolo {
namespace {

using testing::curve;
using testing::quick;
using testing::stripes;
using testing::TinyFit;

// Everything that a training leaves: arrays, and losses of training and validation.
std::uint64_t train_and_hash(FitOptions options, const Dataset& data, const Dataset& valid,
                             int threads) {
  options.mode = "reproducible";
  options.batch_size = 100;  // three shards
  TinyFit fit(options, data);
  fit.train(data, &valid, threads);
  std::uint64_t hash = hash64(fit.model.values.data(), fit.model.values.bytes());
  hash = hash64(fit.model.state_values.data(), fit.model.state_values.bytes(), hash);
  for (const EpochRecord& r : fit.model.history)
    for (const double x : {r.loss, r.log_px, r.beta, r.valid_loss, r.valid_log_px})
      hash = hash64(&x, sizeof(x), hash);
  return hash;
}

// Bytes, dynamic binarisation, two layers.
std::uint64_t pictures(int threads) {
  FitOptions options = quick("constrained-vae");
  options.hidden = {40, 24};
  options.binarize = "dynamic";
  options.kl_limit = 2;
  return train_and_hash(options, stripes(230, 33), stripes(50, 33, 2), threads);
}

// Floats, learned scale, everything that the optimiser knows.
std::uint64_t table(int threads) {
  FitOptions options = quick();
  options.hidden = {37};
  options.activation = "gelu";
  options.optimizer = "adamw";
  options.schedule = "cosine";
  options.clip_norm = 5;
  options.beta_warmup = 2;
  return train_and_hash(options, curve(230, 7), curve(50, 7, 2), threads);
}

// With a mixture fitted to the codes.
std::uint64_t autoencoder(int threads) {
  FitOptions options = quick("ae");
  options.activation = "tanh";
  options.components = {{"prior.components", "4"}};
  return train_and_hash(options, curve(230, 7), curve(50, 7, 2), threads);
}

TEST(reproducible, training_has_its_committed_bits) {
  EXPECT_EQ(fmt::format("{:016x}", pictures(1)), "39c938d8b4974cbe");
  EXPECT_EQ(fmt::format("{:016x}", table(1)), "7fb7ac63e1ab9ef9");
  EXPECT_EQ(fmt::format("{:016x}", autoencoder(1)), "b8199c1b4ea9ac86");
}

TEST(reproducible, bits_do_not_depend_on_the_number_of_threads) {
  for (const auto train : {pictures, table, autoencoder}) {
    const std::uint64_t one = train(1);
    for (const int threads : {2, 3, 5}) EXPECT_EQ(train(threads), one) << threads;
  }
}

// The level is chosen once a process: other processes of this program run the committed test.
TEST(reproducible, bits_do_not_depend_on_the_level_of_the_kernels) {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
  ASSERT_GT(length, 0);
  const std::string program(path, static_cast<std::size_t>(length));
  for (const kernels::Level level : kernels::available_levels()) {
    const std::string command = fmt::format(
        "DIABOLO_LEVEL={} '{}' --gtest_filter=reproducible.training_has_its_committed_bits "
        "> /dev/null",
        kernels::name(level), program);
    EXPECT_EQ(std::system(command.c_str()), 0) << kernels::name(level);
  }
}

}  // namespace
}  // namespace diabolo
