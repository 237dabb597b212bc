// A column given the others, and rows that are not what the model knows.
#include "tables.h"

namespace diabolo::predict_test {
namespace {

using testing::cell_of;
using testing::MixedTable;

const Dataset& rows() {
  static const Dataset data = MixedTable(600).data();
  return data;
}
const Model& model() {
  static const Model fitted =
      fit(rows(), {.latent = 2, .hidden = {32}, .epochs = 30, .threads = 1});
  return fitted;
}

TEST(Predict, is_what_imputing_rows_without_the_column_gives) {
  const Dataset some = rows().rows(0, 40);
  for (const std::string name : {"weight", "colour", "stars"}) {
    const Column predicted = model().predict(some, name, {.samples = 50});
    const Imputation filled = model().impute(without(some, {name}), {.samples = 50});
    EXPECT_EQ(predicted.name, name);
    ASSERT_EQ(predicted.size(), 40u);
    const std::size_t d = cell_of(some, name), D = some.columns.size();
    const Schema& schema = *model().schema();
    const ColumnSchema& of = schema.columns[static_cast<std::size_t>(schema.find(name))];
    for (std::size_t i = 0; i < 40; ++i) {
      const double value = filled.values.as<double>()[i * D + d];
      if (of.levels.empty()) {
        EXPECT_EQ(predicted.numbers[i], value) << name;
      } else {
        EXPECT_EQ(predicted.texts[i], of.levels[static_cast<std::size_t>(value)]);
      }
    }
  }
}

TEST(Predict, does_not_look_at_the_column) {
  const Dataset some = rows().rows(0, 40);
  EXPECT_EQ(model().predict(some, "weight").numbers,
            model().predict(without(some, {"weight"}), "weight").numbers);
  EXPECT_THROW(model().predict(some, "height"), Error);
}

TEST(TableRows, by_another_schema_are_refused) {
  const std::vector<Column> columns{{"x", {0.5, 1.25, 2.75}}, {"y", {1.5, -2.25, 0.5}}};
  const Dataset others = make_table(columns);
  const auto refuse = [](const auto& use) {
    try {
      use();
      FAIL() << "expected an error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      EXPECT_NE(error.message().find("by the schema of the model"), std::string::npos);
    }
  };
  const Model small = fit(others, {.epochs = 1, .valid = 0, .threads = 1});
  const Dataset moved = make_table({{"x", {9.5, 1.25, 3.75}}, {"y", {8.5, -2.25, 0.5}}});
  refuse([&] { small.encode(moved); });
  refuse([&] { small.score(moved); });
  refuse([&] { small.impute(moved); });
  refuse([&] { fit(others, {.epochs = 1, .threads = 1}, {.valid = &moved}); });
  EXPECT_EQ(small.score(make_table(columns, small.schema())), small.score(others));
  EXPECT_FALSE(
      fit(Dataset::from(Tensor(DType::f32, {4, 2})), {.epochs = 1, .threads = 1}).schema());
}

}  // namespace
}  // namespace diabolo::predict_test
