// What the size of the data says of a fit: the numbers that options leave open.
//
// Tables (and arrays of numbers that are no pictures), N rows that are trained on, D columns:
//
//   N            batch size   epochs   weight decay   draws of iwae   components of the prior
//   200          64           350      0.1            20              4
//   1,000        64           350      0.1            20              20
//   10,000       128          240      0              5               100
//   30,000       256          80       0              5               100
//   500,000      512          10       0              5               100
//
//   D            3       10      30       100      1,000
//   latent       2       5       11       20       32
//   hidden       128,128 128,128 128,128  256,256  256,256
//
// The learning rate falls from 2e-3 to 0 along a cosine. Arrays of numbers differ: below 20,000
// rows they begin at 1e-3, epochs are 1.7 times as many (at most 1,000), 15 % of them are their
// patience, and nothing decays; scores of anomalies are better for it. Patience is an eighth of the
// epochs; at its end the best weights go on while the rate falls to 0. Few rows with missing cells
// are all trained on, so nothing tells when they are learned by heart: 350 epochs are enough. Of
// arrays of numbers the least likely 5 % of the rows are left out after a quarter of the epochs
// (trim.h): such arrays are mostly scored, and seldom free of anomalies. The encoder of partial
// rows begins as a copy of the other one and has as many epochs again, a quarter as many from
// 20,000 rows on. The KL term has its full weight after a tenth of the epochs, 20 at most, and
// counts half in tables with categories: a mixture that is fitted to the codes afterwards stands
// for the prior.
//
// Pictures (bytes, or zeros and ones):
//
//   latent       round(sqrt(D)), from 2 to 32 (1 for one column)
//   hidden       64 for D <= 8, 128 for D <= 64, 256 for D <= 256, else 512; one layer
//   batch size   32 below 1,000 rows, 64 below 10,000, else 128
//   epochs       20,000 steps' worth, from 20 to 1,000; ended by patience 10, at a constant rate
//   warm-up      a tenth of the epochs, at most 20, for D < 100; none otherwise
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace diabolo {

/// Fewer rows of a table are few: weights decay, and if cells are missing none are held out.
inline constexpr std::int64_t kFewRows = 2000;

struct Sizing {
  std::int64_t latent = 2;
  std::vector<std::int64_t> hidden = {};
  std::int64_t batch_size = 128, epochs = 20;
  double partial_epochs = 1;  ///< share of the epochs, for the encoder of partial rows
  double patience = 0;        ///< share of the epochs, but 10 at least
  double learning_rate = 1e-3, weight_decay = 0;
  std::string schedule = "constant";
  double warmup = 0;  ///< share of the epochs
  double most_warmup = 20;
  double trim = 0;                ///< share of the rows, the least likely, that is left out
  double beta_of_categories = 1;  ///< weight of the KL term for a table that has some
  std::int64_t draws = 20;        ///< of the importance-weighted bound
  std::int64_t components = 20;   ///< of a mixture prior, at most
};

/// What the rows are: of a table, of an array of numbers that are no pictures, or pictures.
enum class RowForm { table, numbers, pictures };

Sizing sizing(std::int64_t rows, std::int64_t columns, RowForm form);

}  // namespace diabolo
