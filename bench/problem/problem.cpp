#include <diabolo/base/random.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/read.h>

#include <problem/problem.h>
#include <algorithm>
#include <fstream>
#include <utility>

namespace bench {

using namespace diabolo;

namespace {

// Bytes of as many pictures of clothes as wanted, over and over; none if they are not that wide or
// not installed.
std::vector<std::uint8_t> picture_bytes(std::int64_t rows, std::int64_t dimensions) {
  const char* const path = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";
  if (dimensions != 784 || !std::filesystem::exists(path)) return {};
  const Dataset pictures = read(path);
  const auto from = pictures.values.as<std::uint8_t>();
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(rows * dimensions));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = from[i % from.size()];
  return bytes;
}

}  // namespace

Dataset make_data(std::int64_t rows, std::int64_t dimensions, const std::string& likelihood) {
  const bool binary = likelihood == "bernoulli";
  Tensor values(binary ? DType::u8 : DType::f32, {rows, dimensions});
  RandomStream random({.seed = 1});
  if (!binary) {
    for (auto& x : values.as<float>()) x = static_cast<float>(random.normal());
  } else if (const auto bytes = picture_bytes(rows, dimensions); !bytes.empty()) {
    std::ranges::transform(bytes, values.as<std::uint8_t>().begin(),
                           [](std::uint8_t x) { return x >= 128; });
  } else {
    for (auto& x : values.as<std::uint8_t>()) x = random.uniform() < 0.3;
  }
  return Dataset::from(std::move(values), "data of a bench");
}

Dataset make_grey_data(std::int64_t rows, std::int64_t dimensions) {
  Tensor values(DType::f32, {rows, dimensions});
  const auto bytes = picture_bytes(rows, dimensions);
  std::ranges::transform(bytes, values.as<float>().begin(),
                         [](std::uint8_t x) { return static_cast<float>(x) / 255; });
  RandomStream random({.seed = 1});
  if (bytes.empty())
    for (auto& x : values.as<float>()) x = static_cast<float>(random.uniform());
  return Dataset::from(std::move(values), "grey data of a bench");
}

void save(const std::filesystem::path& folder, const std::string& name, const Tensor& tensor) {
  std::filesystem::create_directories(folder);
  write_npy(tensor, tensor.shape(), folder / (name + ".npy"));
}

void save_values(const std::filesystem::path& folder, const std::string& name,
                 const Dataset& data) {
  Tensor x(DType::f32, data.values.shape());
  if (data.values.dtype() == DType::u8)
    std::ranges::copy(data.values.as<std::uint8_t>(), x.as<float>().begin());
  else
    std::ranges::copy(data.values.as<float>(), x.as<float>().begin());
  save(folder, name, x);
}

void save_parameters(const std::filesystem::path& folder, const ModelData& model) {
  for (const ParameterInfo& info : model.parameters.all())
    save(folder, info.name,
         Tensor::of<float>(info.shape, model.values.as<float>().subspan(
                                           static_cast<std::size_t>(info.offset),
                                           static_cast<std::size_t>(info.shape.size()))));
}

void save_problem(const std::filesystem::path& folder, const ModelData& model, std::int64_t batch,
                  const std::vector<std::pair<std::string, double>>& numbers) {
  std::ofstream out(folder / "problem.json");
  out.precision(17);
  out << "{\"batch\": " << batch << ", \"likelihood\": \"" << model.composition.likelihood.type
      << "\", ";
  for (const auto& [name, number] : numbers) out << '"' << name << "\": " << number << ", ";
  out << "\"parameters\": [";
  const char* comma = "";
  for (const ParameterInfo& info : model.parameters.all())
    out << std::exchange(comma, ", ") << '"' << info.name << '"';
  out << "]}\n";
}

}  // namespace bench
