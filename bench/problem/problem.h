// Data and files that the programs of bench/ share with the peers: arrays as .npy files and
// problem.json in a folder (bench/peers/problem.py reads them and says what they are).
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/model_data.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Zeros and ones as bytes for Bernoulli (pictures of clothes cut at one half, if they are as
/// wide), normal numbers as floats otherwise.
diabolo::Dataset make_data(std::int64_t rows, std::int64_t dimensions,
                           const std::string& likelihood);

/// The same rows with grey values from 0 to 1 as floats: pictures of clothes, or uniform numbers.
diabolo::Dataset make_grey_data(std::int64_t rows, std::int64_t dimensions);

void save(const std::filesystem::path& folder, const std::string& name,
          const diabolo::Tensor& tensor);
/// The values as f32.
void save_values(const std::filesystem::path& folder, const std::string& name,
                 const diabolo::Dataset& data);
/// Each parameter by its name.
void save_parameters(const std::filesystem::path& folder, const diabolo::ModelData& model);

/// problem.json, with numbers that peers need or must find too, e.g. {{"loss", 541.3}}.
void save_problem(const std::filesystem::path& folder, const diabolo::ModelData& model,
                  std::int64_t batch, const std::vector<std::pair<std::string, double>>& numbers);

}  // namespace bench
