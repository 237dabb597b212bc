#include <diabolo/apps/expectation.h>
#include <diabolo/apps/explain.h>
#include <diabolo/apps/model.h>
#include <diabolo/data/source.h>
#include <diabolo/io/model_file.h>
#include <diabolo/train/rows.h>
#include <diabolo/train/score_reference.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace diabolo {
namespace {

using Chunk = RowProgram::Chunk;

// The nearest integer from 0 to 255, halves away from zero; without a call, so that loops of it are
// vectors.
std::uint8_t to_byte(double x) {
  x = std::clamp(x, 0.0, 255.0);
  const auto whole = static_cast<std::int32_t>(x);
  return static_cast<std::uint8_t>(whole + (x - whole >= 0.5));
}

// Network numbers to the data's own: means as f32, draws in the type of the training data.
void to_data(const ModelData& model, std::span<const float> net, std::int64_t rows, Tensor& out,
             std::int64_t first_row) {
  const auto D = static_cast<std::size_t>(model.dimensions);
  const auto write = [&](auto to, auto convert) {
    model.transform.to_data(
        net.first(static_cast<std::size_t>(rows) * D), model.dimensions,
        [&](std::size_t row, std::size_t first, std::span<const double> numbers) {
          // Locals: a byte that is written might else be any of them.
          const auto at = to.data() + (static_cast<std::size_t>(first_row) + row) * D + first;
          const double* const from = numbers.data();
          const std::size_t n = numbers.size();
          for (std::size_t i = 0; i < n; ++i) at[i] = convert(from[i]);
        });
  };
  if (out.dtype() == DType::u8)
    write(out.as<std::uint8_t>(), [](double x) { return to_byte(x); });  // inlined
  else
    write(out.as<float>(), [](double x) { return static_cast<float>(x); });
}

// Rows of a chunk to their places in `out`.
void put_rows(std::span<const float> from, const Chunk& chunk, std::span<const std::int64_t> places,
              Tensor& out) {
  const std::int64_t width = out.row_size();
  for (std::int64_t r = 0; r < chunk.rows; ++r) {
    const std::int64_t row = chunk.first + r;
    const std::int64_t to = places.empty() ? row : places[static_cast<std::size_t>(row)];
    std::copy_n(from.begin() + r * width, width, out.as<float>().begin() + to * width);
  }
}

void fill_keys(Chunk& chunk, const std::function<std::uint64_t(std::int64_t)>& key_of) {
  const auto keys = chunk.get<std::uint64_t>("keys");
  for (std::int64_t r = 0; r < std::min<std::int64_t>(chunk.rows, std::ssize(keys)); ++r)
    keys[static_cast<std::size_t>(r)] = key_of(chunk.first + r);
}

}  // namespace

struct Model::Impl {
  Impl(ModelData data_in, Components components_in)
      : data(std::move(data_in)), components(std::move(components_in)) {
    const auto mode = data.settings.find("mode");
    const bool reproducible = mode != data.settings.end() && mode->second == "reproducible";
    expectation = std::make_unique<Expectation>(data);
    if (!data.schema.empty()) schema = std::make_shared<const Schema>(data.schema);
    set_mode(reproducible ? kernels::Mode::reproducible : kernels::Mode::fast);
  }
  void set_mode(kernels::Mode mode) {
    programs = std::make_unique<ModelPrograms>(data, components, mode);
  }
  ThreadPool* pool() const { return threads.get(); }

  Dataset dataset(Tensor values, const char* name) const {
    return {.values = std::move(values),
            .row_shape = data.row_shape,
            .is_image = data.is_image,
            .name = name,
            .columns = {},
            .schema = schema};
  }

  // Means of the decoder as rows: of a table as cells.
  void to_means(Chunk& chunk, Tensor& out) const {
    const auto net = chunk.get<float>("net");
    if (data.schema.empty()) return to_data(data, net, chunk.rows, out, chunk.first);
    const auto D = static_cast<std::size_t>(data.dimensions);
    const std::size_t F = net.size() / static_cast<std::size_t>(chunk.capacity);
    const auto to = out.as<float>().subspan(static_cast<std::size_t>(chunk.first) * D);
    for (std::size_t r = 0; r < static_cast<std::size_t>(chunk.rows); ++r)
      for (std::size_t d = 0; d < D; ++d)
        to[r * D + d] = expectation->mean_as_held(net.subspan(r * F, F), d);
  }

  // From log p of the observed cells to scores, in place.
  void to_scores(const Dataset& rows, std::span<double> scores) const {
    const auto D = static_cast<std::size_t>(data.dimensions);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = -scores[i];
      if (rows.values.dtype() == DType::f32)
        scores[i] += missing_cost(data.score_reference, rows.values.as<float>().subspan(i * D, D));
    }
  }

  // Codes to data, with a noise key for each row.
  Dataset decode(const Tensor& codes, bool draw, std::uint64_t seed,
                 const std::function<std::uint64_t(std::int64_t)>& key_of) const {
    const std::int64_t Z = data.latent(), N = codes.rows();
    Tensor out(draw ? data.dtype : DType::f32, {N, data.dimensions});
    programs->run(
        programs->decode(draw), N, {.seed = seed}, pool(),
        [&](Chunk& chunk) {
          std::copy_n(codes.as<float>().begin() + chunk.first * Z, chunk.rows * Z,
                      chunk.get<float>("z").begin());
          fill_keys(chunk, key_of);
        },
        [&](Chunk& chunk) {
          if (draw)
            to_data(data, chunk.get<float>("net"), chunk.rows, out, chunk.first);
          else
            to_means(chunk, out);
        });
    return dataset(std::move(out), "decoded rows");
  }

  ModelData data;
  Components components;
  std::shared_ptr<const Schema> schema;  // of a table
  std::unique_ptr<Expectation> expectation;
  std::unique_ptr<ModelPrograms> programs;
  std::unique_ptr<ThreadPool> threads;
};

Model::Model(ModelData data, Components components)
    : impl_(std::make_unique<Impl>(std::move(data), std::move(components))) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

std::int64_t Model::latent() const { return impl_->data.latent(); }
std::int64_t Model::dimensions() const { return impl_->data.dimensions; }
const ModelData& Model::data() const { return impl_->data; }
std::shared_ptr<const Schema> Model::schema() const { return impl_->schema; }

void Model::set_threads(int threads) {
  const int count = threads == 0 ? available_cores() : threads;
  impl_->threads = count == 1 ? nullptr : std::make_unique<ThreadPool>(count);
}

void Model::set_reproducible(bool on) {
  impl_->set_mode(on ? kernels::Mode::reproducible : kernels::Mode::fast);
}

Tensor Model::encode(const Dataset& data, std::uint64_t seed) const {
  const std::int64_t Z = latent();
  Tensor codes(DType::f32, {data.size(), Z});
  const ModelPrograms& programs = *impl_->programs;
  const RowsIn in = check_rows(impl_->data, programs.vae(), data, impl_->pool());
  for_each_encoder(programs, data, [&](EncoderChoice encoder, const Dataset& rows, auto places) {
    programs.run(
        programs.encode(false, in, encoder), rows.size(), {.seed = seed}, impl_->pool(),
        [&](Chunk& chunk) { fill_chunk(chunk, rows); },
        [&](Chunk& chunk) { put_rows(chunk.get<float>("z"), chunk, places, codes); });
  });
  return codes;
}

Tensor Model::encode_draws(const Dataset& data, std::int64_t draws, std::uint64_t seed) const {
  check(draws >= 1 && draws <= 1000000, ErrorCode::invalid_argument, "draws",
        "expected 1 to 1,000,000 draws, got {}", draws);
  const std::int64_t Z = latent(), D = dimensions();
  Tensor codes(DType::f32, {data.size(), draws, Z});
  const ModelPrograms& programs = *impl_->programs;
  for_each_encoder(programs, data, [&](EncoderChoice encoder, const Dataset& rows, auto places) {
    for_each_block(programs, rows, seed, impl_->pool(),
                   [&](std::int64_t first, auto net, auto keys) {
                     for (std::int64_t k = 0; k < draws; ++k)
                       programs.run(
                           programs.encode(true, {}, encoder), std::ssize(keys),
                           {.seed = seed, .first_draw = static_cast<std::uint32_t>(k)},
                           impl_->pool(), [&](Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
                           [&](Chunk& chunk) {
                             const auto z = chunk.get<float>("z");
                             for (std::int64_t r = 0; r < chunk.rows; ++r) {
                               const std::int64_t row = first + chunk.first + r;
                               const std::int64_t to =
                                   places.empty() ? row : places[static_cast<std::size_t>(row)];
                               std::copy_n(z.begin() + r * Z, Z,
                                           codes.as<float>().begin() + (to * draws + k) * Z);
                             }
                           });
                   });
  });
  return codes;
}

Dataset Model::decode(const Tensor& codes, bool draw, std::uint64_t seed) const {
  check(codes.dtype() == DType::f32 && codes.shape().rank() == 2 && codes.shape()[1] == latent(),
        ErrorCode::shape, "decode", "expected codes of shape [N, {}], got {} {}", latent(),
        name(codes.dtype()), codes.shape());
  check_finite(codes, "codes");
  return impl_->decode(codes, draw, seed, [&](std::int64_t row) { return row_key(codes, row); });
}

Dataset Model::reconstruct(const Dataset& data, std::uint64_t seed) const {
  Tensor out(DType::f32, {data.size(), dimensions()});
  const ModelPrograms& programs = *impl_->programs;
  const RowsIn in = check_rows(impl_->data, programs.vae(), data, impl_->pool());
  for_each_encoder(programs, data, [&](EncoderChoice encoder, const Dataset& rows, auto places) {
    Tensor part(DType::f32, {rows.size(), dimensions()});
    programs.run(
        programs.reconstruct(in, encoder), rows.size(), {.seed = seed}, impl_->pool(),
        [&](Chunk& chunk) { fill_chunk(chunk, rows); },
        [&](Chunk& chunk) { impl_->to_means(chunk, part); });
    for (std::int64_t i = 0; i < rows.size(); ++i)
      std::copy_n(part.as<float>().begin() + i * dimensions(), dimensions(),
                  out.as<float>().begin() +
                      (places.empty() ? i : places[static_cast<std::size_t>(i)]) * dimensions());
  });
  return impl_->dataset(std::move(out), "reconstructions");
}

Dataset Model::sample(std::int64_t n, const SampleOptions& options) const {
  check(n >= 1, ErrorCode::invalid_argument, "sample", "expected at least one row to draw, got {}",
        n);
  const std::int64_t Z = latent();
  const auto key_of = [](std::int64_t row) { return static_cast<std::uint64_t>(row); };
  Tensor codes(DType::f32, {n, Z});
  const ModelPrograms& programs = *impl_->programs;
  programs.run(
      programs.sample_prior(), n, {.seed = options.seed}, impl_->pool(),
      [&](Chunk& chunk) { fill_keys(chunk, key_of); },
      [&](Chunk& chunk) {
        std::copy_n(chunk.get<float>("z").begin(), chunk.rows * Z,
                    codes.as<float>().begin() + chunk.first * Z);
      });
  Dataset rows = impl_->decode(codes, !options.mean, options.seed, key_of);
  if (options.missing_like_data) make_holes(impl_->data.holes, options.seed, rows.values);
  return rows;
}

Dataset Model::sample_given(const Dataset& given, const SampleOptions& options) const {
  Completed completed = complete(
      *impl_->programs, given,
      {.samples = options.samples, .draws = 1, .seed = options.seed, .keys_by_place = true},
      impl_->pool());
  const std::int64_t N = given.size(), D = dimensions();
  Tensor rows = std::move(completed.draws).reshaped({N, D});
  Tensor out(DType::f32, {N, D});
  to_data(impl_->data, rows.as<float>(), N, out, 0);
  if (options.missing_like_data) make_holes(impl_->data.holes, options.seed, out);
  const auto known = given.values.as<float>();
  const auto to = out.as<float>();
  for (std::size_t i = 0; i < to.size(); ++i)
    if (known[i] == known[i]) to[i] = known[i];
  return impl_->dataset(std::move(out), "samples");
}

std::vector<double> Model::score(const Dataset& data, std::int64_t samples,
                                 std::uint64_t seed) const {
  std::vector<double> scores(static_cast<std::size_t>(data.size()));
  score(data, scores, samples, seed);
  return scores;
}

void Model::score(const Dataset& data, std::span<double> out, std::int64_t samples,
                  std::uint64_t seed) const {
  check(std::ssize(out) == data.size(), ErrorCode::shape, "score",
        "expected room for {} scores, got {}", data.size(), out.size());
  log_likelihood(*impl_->programs, data, samples, seed, impl_->pool(), {.marginal = out});
  impl_->to_scores(data, out);
}

Scores Model::score_rows(const Dataset& data, const ScoreOptions& options) const {
  const auto N = static_cast<std::size_t>(data.size());
  Scores scores{std::vector<double>(N), std::vector<double>(N), std::vector<double>(N), {}, {}};
  if (options.explain) scores.why.resize(N * static_cast<std::size_t>(data.dimensions()));
  log_likelihood(*impl_->programs, data, options.samples, options.seed, impl_->pool(),
                 {.marginal = scores.score, .given_z = scores.log_px, .columns = scores.why});
  impl_->to_scores(data, scores.score);
  for (std::size_t i = 0; i < N; ++i) scores.kl[i] = scores.log_px[i] + scores.score[i];
  if (options.explain) {
    Explanation parts = explain(impl_->data, impl_->programs->vae(), data, std::move(scores.why));
    scores.why = std::move(parts.why);
    scores.excess = std::move(parts.excess);
  }
  return scores;
}

double Model::score_threshold(double share) const {
  const std::vector<double>& known = impl_->data.score_reference.quantiles;
  check(
      !known.empty(), ErrorCode::unsupported, "score",
      "expected a model that was validated on held-out rows for a threshold by contamination, got "
      "one without; give --threshold");
  const double place = (1 - std::clamp(share, 0.0, 1.0)) * static_cast<double>(known.size() - 1);
  const auto i = static_cast<std::size_t>(place);
  const std::size_t j = std::min(i + 1, known.size() - 1);
  return known[i] + (place - static_cast<double>(i)) * (known[j] - known[i]);
}

Imputation Model::impute(const Dataset& data, const ImputeOptions& options) const {
  return diabolo::impute(*impl_->programs, data, options, impl_->pool());
}

Column Model::predict(const Dataset& data, std::string_view name,
                      const ImputeOptions& options) const {
  const std::string target(name);
  const Imputation result = impute(without(data, {target}), options);
  const std::size_t d = cell_named(data, name), D = static_cast<std::size_t>(data.dimensions());
  const auto place = static_cast<std::size_t>(impl_->schema->find(name));
  const ColumnSchema& of = impl_->schema->columns[place];
  Column column{.name = target};
  for (std::size_t at = d; at < static_cast<std::size_t>(result.values.size()); at += D) {
    const double x = result.values.as<double>()[at];
    if (of.levels.empty())
      column.numbers.push_back(x);
    else
      column.texts.push_back(of.levels[static_cast<std::size_t>(x)]);
  }
  return column;
}

Evaluation Model::evaluate(const Dataset& data, const EvaluateOptions& options) const {
  return diabolo::evaluate(*impl_->programs, data, options, impl_->pool());
}

void Model::save(const std::string& path) const { write_model(path, impl_->data); }

std::string model_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  std::string file = (fs::path(path) / "model.safetensors").string();
  check(
      fs::exists(file, ignored) || !fs::exists(fs::path(path) / "checkpoint.safetensors", ignored),
      ErrorCode::io, "model",
      "expected a model in {}, got a training that has not saved one yet; go on with it by "
      "diabolo fit --resume, or take its checkpoint.safetensors",
      in_quotes(path));
  return file;
}

Model load(const std::string& path, Components components) {
  ModelData data = read_model(model_file(path), components);
  return Model(std::move(data), std::move(components));
}

}  // namespace diabolo
