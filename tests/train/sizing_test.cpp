// The table of sizing.h at its own lines: tuning a number means editing its line here and there.
#include <diabolo/train/sizing.h>
#include <gtest/gtest.h>

namespace diabolo {
namespace {

using Widths = std::vector<std::int64_t>;

TEST(sizing, of_tables_follows_their_rows) {
  struct Row {
    std::int64_t rows, batch_size;
    std::int64_t epochs;
    double weight_decay;
    std::int64_t draws, components;
  };
  for (const Row& r : {
           Row{200, 64, 350, 0.1, 20, 4},
           Row{1'000, 64, 350, 0.1, 20, 20},
           Row{10'000, 128, 240, 0, 5, 100},
           Row{30'000, 256, 80, 0, 5, 100},
           Row{500'000, 512, 10, 0, 5, 100},
       }) {
    const Sizing s = sizing(r.rows, 10, RowForm::table);
    EXPECT_EQ(s.batch_size, r.batch_size) << r.rows;
    EXPECT_EQ(s.learning_rate, 2e-3) << r.rows;
    EXPECT_EQ(s.epochs, r.epochs) << r.rows;
    EXPECT_EQ(s.weight_decay, r.weight_decay) << r.rows;
    EXPECT_EQ(s.draws, r.draws) << r.rows;
    EXPECT_EQ(s.components, r.components) << r.rows;
    EXPECT_EQ(s.partial_epochs, r.rows < 20'000 ? 1 : 0.25) << r.rows;
  }
}

TEST(sizing, of_tables_follows_their_columns) {
  struct Row {
    std::int64_t columns, latent;
    Widths hidden;
  };
  for (const Row& r : {
           Row{1, 1, {128, 128}},
           Row{3, 2, {128, 128}},
           Row{10, 5, {128, 128}},
           Row{30, 11, {128, 128}},
           Row{100, 20, {256, 256}},
           Row{1'000, 32, {256, 256}},
       }) {
    const Sizing s = sizing(10'000, r.columns, RowForm::table);
    EXPECT_EQ(s.latent, r.latent) << r.columns;
    EXPECT_EQ(s.hidden, r.hidden) << r.columns;
  }
}

TEST(sizing, of_tables_of_all_sizes_is_alike_in_the_rest) {
  for (const std::int64_t rows : {1, 200, 500'000}) {
    const Sizing s = sizing(rows, 10, RowForm::table);
    EXPECT_EQ(s.schedule, "cosine") << rows;
    EXPECT_EQ(s.patience, 0.125) << rows;
    EXPECT_EQ(s.warmup, 0.1) << rows;
    EXPECT_EQ(s.most_warmup, 20) << rows;
    EXPECT_EQ(s.beta_of_categories, 0.5) << rows;
  }
}

TEST(sizing, of_arrays_of_numbers_is_that_of_tables_but_for_epochs_rate_and_decay) {
  Sizing few = sizing(1'000, 10, RowForm::numbers), many = sizing(20'000, 10, RowForm::numbers);
  EXPECT_EQ(few.learning_rate, 1e-3);
  EXPECT_EQ(many.learning_rate, 2e-3);
  EXPECT_EQ(few.weight_decay, 0);
  EXPECT_EQ(few.epochs, 1000);
  EXPECT_EQ(many.epochs, 200);
  EXPECT_EQ(many.patience, 0.15);
  EXPECT_EQ(few.batch_size, sizing(1'000, 10, RowForm::table).batch_size);
  EXPECT_EQ(few.hidden, sizing(1'000, 10, RowForm::table).hidden);
}

TEST(sizing, of_pictures_follows_their_rows) {
  struct Row {
    std::int64_t rows, batch_size, epochs;
  };
  for (const Row& r : {
           Row{1, 32, 1000},
           Row{20, 32, 1000},
           Row{999, 32, 625},
           Row{1'000, 64, 1000},
           Row{9'999, 64, 128},
           Row{10'000, 128, 254},
           Row{60'000, 128, 43},
           Row{1'000'000, 128, 20},
       }) {
    const Sizing s = sizing(r.rows, 784, RowForm::pictures);
    EXPECT_EQ(s.batch_size, r.batch_size) << r.rows;
    EXPECT_EQ(s.epochs, r.epochs) << r.rows;
  }
}

TEST(sizing, of_pictures_follows_their_pixels) {
  struct Row {
    std::int64_t pixels, latent;
    Widths hidden;
    double warmup;
  };
  for (const Row& r : {
           Row{1, 1, {64}, 0.1},
           Row{2, 2, {64}, 0.1},
           Row{8, 3, {64}, 0.1},
           Row{9, 3, {128}, 0.1},
           Row{64, 8, {128}, 0.1},
           Row{65, 8, {256}, 0.1},
           Row{99, 10, {256}, 0.1},
           Row{100, 10, {256}, 0},
           Row{256, 16, {256}, 0},
           Row{257, 16, {512}, 0},
           Row{784, 28, {512}, 0},
           Row{3'072, 32, {512}, 0},
       }) {
    const Sizing s = sizing(1'000, r.pixels, RowForm::pictures);
    EXPECT_EQ(s.latent, r.latent) << r.pixels;
    EXPECT_EQ(s.hidden, r.hidden) << r.pixels;
    EXPECT_EQ(s.warmup, r.warmup) << r.pixels;
  }
}

TEST(sizing, of_pictures_of_all_sizes_is_alike_in_the_rest) {
  const Sizing s = sizing(1'000, 784, RowForm::pictures);
  EXPECT_EQ(s.schedule, "constant");
  EXPECT_EQ(s.learning_rate, 1e-3);
  EXPECT_EQ(s.patience, 0) << "10 epochs";
  EXPECT_EQ(s.beta_of_categories, 1);
}

}  // namespace
}  // namespace diabolo
