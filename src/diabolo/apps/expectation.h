// From what a model gives to values in the data's own units (f64; of text the place of the level):
// of means of the decoder, and of single numbers. Arrays go by the model's transform, columns of
// tables by their schema.
#pragma once

#include <diabolo/models/model_data.h>

#include <span>

namespace diabolo {

class Expectation {
 public:
  explicit Expectation(const ModelData& model);

  /// The value of dimension d that mean features [F] of a row (Vae::decode) stand for: the mean of
  /// a number, the most likely category.
  double mean(std::span<const float> features, std::size_t d) const;
  /// The same as a Dataset holds it: of a table a cell; between two numbers that are levels lies
  /// what is between them.
  float mean_as_held(std::span<const float> features, std::size_t d) const;
  /// The value of a number of the network or a cell.
  double value(float number, std::size_t d) const;
  /// The same within the range of training, as a column of a table allows it.
  double value_in_range(float number, std::size_t d) const;
  /// True if the mean of a column's values is not the value of its mean cell (logarithms): then
  /// mean() is a median, and a mean is that of draws.
  bool is_curved(std::size_t d) const;
  /// The probability of the category that mean() gives.
  double probability(std::span<const float> features, std::size_t d) const;
  bool is_category(std::size_t d) const { return places_[d].is_category; }

 private:
  double value(float number, std::size_t d, bool round) const;
  double in_range(double x, std::size_t d) const;

  // A place in the row's mean features, and what they mean.
  struct Place {
    const ColumnSchema* column = nullptr;  // null: arrays
    std::size_t first = 0, levels = 0;     // levels 0: a number, at `first`
    bool is_category = false;
    std::vector<double> centres;  // of bins, or the values of levels
  };
  static std::size_t likeliest(std::span<const float> features, const Place& place);

  const ModelData& model_;
  std::vector<Place> places_;
};

}  // namespace diabolo
