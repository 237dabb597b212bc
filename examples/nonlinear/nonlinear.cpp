// An article's job, and its title, "solving nonlinear problems", come true: from rows of a
// nonlinear relation learn it, draw new ones, predict a part of a row from the rest, find the rows
// that break the relation, and draw a map of all. README.md says what comes out.
//
// Writes article.png and map.png. Ends with 1 if a number is off.
#include <diabolo/diabolo.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "scatter.h"

using namespace diabolo;

namespace {

bool all_well = true;

void expect(const char* what, double value, double low, double high) {
  std::printf("%-52s %8.4f  (%g to %g)\n", what, value, low, high);
  all_well &= value >= low && value <= high;
}

/// x normal in R^2, and for each of `outputs` columns (x0^2 + x1^2)/2 + `noise` times a normal
/// number, + or - `shift`.
std::vector<Column> relation(std::size_t rows, std::uint64_t seed, double noise, int outputs,
                             double shift = 0) {
  RandomStream random({.seed = seed});
  std::vector<Column> columns{{"x0"}, {"x1"}};
  for (int j = 0; j < outputs; ++j)
    columns.push_back({outputs == 1 ? "y" : "y" + std::to_string(j)});
  for (std::size_t i = 0; i < rows; ++i) {
    const double x0 = random.normal(), x1 = random.normal(), y = (x0 * x0 + x1 * x1) / 2;
    columns[0].numbers.push_back(x0);
    columns[1].numbers.push_back(x1);
    for (std::size_t j = 2; j < columns.size(); ++j)
      columns[j].numbers.push_back(y + noise * random.normal() +
                                   (random.uniform() < 0.5 ? -shift : shift));
  }
  return columns;
}

struct Moments {
  double mean = 0, deviation = 0;
};

/// Of what these columns of a table have beyond the relation.
Moments rest_of(const Dataset& table, const std::vector<std::string>& outputs) {
  const Column x0 = column(table, "x0"), x1 = column(table, "x1");
  double sum = 0, squares = 0, count = 0;
  for (const std::string& name : outputs) {
    const Column y = column(table, name);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double rest =
          y.numbers[i] - (x0.numbers[i] * x0.numbers[i] + x1.numbers[i] * x1.numbers[i]) / 2;
      sum += rest;
      squares += rest * rest;
      count += 1;
    }
  }
  const double mean = sum / count;
  return {mean, std::sqrt(squares / count - mean * mean)};
}

/// How often a row of the second kind scores higher than one of the first.
double auroc(const std::vector<double>& kept, const std::vector<double>& violated) {
  std::vector<double> sorted = kept;
  std::sort(sorted.begin(), sorted.end());
  double below = 0;
  for (const double score : violated)
    below +=
        static_cast<double>(std::lower_bound(sorted.begin(), sorted.end(), score) - sorted.begin());
  return below / static_cast<double>(kept.size() * violated.size());
}

/// The job as printed: points of the plane, no y at all.
void as_printed() {
  std::printf("(a) the job as printed: 1000 points of the plane, 100 steps on all of them\n");
  Tensor x(DType::f32, {1000, 2});
  RandomStream random({.seed = 2});
  for (float& number : x.as<float>()) number = static_cast<float>(random.normal());
  const Dataset data = Dataset::from(std::move(x), "points");
  const Model model = fit(data, {.latent = 2,
                                 .hidden = {100},
                                 .beta_warmup = 0,
                                 .epochs = 100,
                                 .valid = 0,
                                 .batch_size = 1000,
                                 .learning_rate = 1e-3,
                                 .optimizer = "adam",
                                 .schedule = "constant",
                                 .trim = 0});
  const Tensor codes = model.encode_draws(data, 1).reshaped({data.size(), 2});
  const Dataset generated = model.decode(codes);

  Scatter picture(400, 400, -4, 4, -4, 4);
  picture.add(data.values, kBlue);
  picture.add(generated.values, kRed);
  write(Dataset::from(picture.finish()), "article.png");
  double squares = 0;
  for (const float number : generated.values.as<float>())
    squares += static_cast<double>(number) * static_cast<double>(number) / 2000;
  expect("spread of the generated points", std::sqrt(squares), 0.3, 1.1);
}

/// With y as the article's code means it. After 100 steps the relation is only half learned.
void with_y() {
  std::printf(
      "(b) with y in R^2 as its code means it: (x0^2 + x1^2)/2 + unit noise in each coordinate\n");
  const Dataset table = make_table(relation(1000, 3, 1, 2));
  const Model model =
      fit(table, {.latent = 2, .hidden = {100}, .epochs = 1000, .valid = 0, .batch_size = 1000});
  const Moments rest = rest_of(model.sample(1000), {"y0", "y1"});
  expect("mean of y beyond the relation", rest.mean, -0.25, 0.25);
  expect("its deviation (1 is perfect)", rest.deviation, 0.8, 1.3);
}

void solved() {
  constexpr double kNoise = 0.1;
  std::printf("(c) solved: 10,000 rows, noise %g\n", kNoise);
  const Model model = fit(make_table(relation(10'000, 4, kNoise, 1)));
  model.save("solved.safetensors");
  const Dataset rows = make_table(relation(2000, 5, kNoise, 1), model.schema());

  // Predict y from x: its values are not looked at.
  const Column y = column(rows, "y"), predicted = model.predict(rows, "y");
  double squares = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double error = (y.numbers[i] - predicted.numbers[i]) / kNoise;
    squares += error * error / static_cast<double>(y.size());
  }
  expect("error of the predicted y, in noise sd", std::sqrt(squares), 0.9, 1.15);

  // New rows keep the relation.
  const Moments rest = rest_of(model.sample(10'000), {"y"});
  expect("mean of generated y beyond the relation", rest.mean, -0.02, 0.02);
  expect("its deviation (0.1 is perfect)", rest.deviation, 0.08, 0.12);

  // Rows that do not are found.
  const Dataset violated = make_table(relation(2000, 6, kNoise, 1, 5 * kNoise), model.schema());
  expect("rows off by five noise sd are found: AUROC",
         auroc(model.score(rows), model.score(violated)), 0.98, 1);

  // A map: a point a row, its colour by y.
  const Tensor codes = model.encode(rows);
  Scatter map(400, 400, -3, 3, -3, 3);
  for (std::size_t i = 0; i < y.size(); ++i)
    map.add(codes.as<float>()[2 * i], codes.as<float>()[2 * i + 1],
            between(kBlue, kRed, y.numbers[i] / 4));
  write(Dataset::from(map.finish()), "map.png");
}

}  // namespace

int main() try {
  as_printed();
  with_y();
  solved();
  return all_well ? 0 : 1;
} catch (const Error& error) {
  std::fprintf(stderr, "nonlinear: %s\n", error.message().c_str());
  return 1;
}
