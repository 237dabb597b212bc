#include <diabolo/base/hash.h>
#include <diabolo/models/programs.h>

#include <algorithm>
#include <limits>
#include <span>

namespace diabolo {

ModelPrograms::ModelPrograms(const ModelData& model, const Components& components,
                             kernels::Mode mode)
    : model_(model), vae_(make_vae(model, components)), options_{.mode = mode} {}

const RowProgram* ModelPrograms::find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto known = programs_.find(name);
  return known == programs_.end() ? nullptr : known->second.get();
}

const RowProgram& ModelPrograms::add(const std::string& name, Stream stream, Body body) const {
  std::lock_guard lock(mutex_);
  auto& known = programs_[name];
  if (!known)
    known = std::make_unique<RowProgram>(
        [this, stream, body = std::move(body)](Graph& graph, std::int64_t rows) {
          // Layouts are closed: building declares nothing, so copies of them do.
          Parameters parameters = model_.parameters, state = model_.state;
          const Var keys = input(graph, "keys", DType::u64, {rows});
          return body(Scope(graph, parameters, state, {.keys = keys, .stream = stream}), rows);
        },
        options_);
  return *known;
}

namespace {

std::string name(const RowsIn& in) {
  return fmt::format("{}{}", in.raw ? diabolo::name(*in.raw) : "net", in.zero_one ? " 0/1" : "");
}

std::string_view name(EncoderChoice encoder) {
  return encoder == EncoderChoice::main ? "" : " partial";
}

}  // namespace

const RowProgram& ModelPrograms::prepare(DType dtype) const {
  return program(fmt::format("prepare {}", diabolo::name(dtype)), Stream::binarize,
                 [this, dtype](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
                   const Var x = input(scope.graph(), "x", dtype, {rows, model_.dimensions});
                   const NoiseSource noise{scope.keys(), Stream::binarize};
                   return {{model_.transform.to_network(scope, x, noise), "net"}};
                 });
}

Var ModelPrograms::read(const Scope& scope, std::int64_t rows, const RowsIn& in) const {
  Var x = input(scope.graph(), "x", in.raw.value_or(DType::f32), {rows, model_.dimensions});
  if (in.raw) x = model_.transform.to_network(scope, x, {scope.keys(), Stream::binarize});
  // Changes no zero or one, and says to the plan that there are no others.
  if (in.zero_one || model_.transform.binarize != "none") x = less(constant(scope.graph(), 0.0), x);
  return x;
}

const RowProgram& ModelPrograms::terms(EncoderChoice encoder) const {
  return program(fmt::format("terms{}", name(encoder)), Stream::eval,
                 [this, encoder](const Scope& scope, std::int64_t rows) {
                   const Var x = read(scope, rows, {});
                   const Terms t = vae_.terms(scope, x, 1, encoder);
                   const std::int64_t K = vae_.objective().draws();
                   const Terms trained = K == 1 ? t : vae_.terms(scope, x, K, encoder);
                   const Loss loss = vae_.loss(scope, trained, constant(scope.graph(), 1));
                   std::vector<Output> outputs{
                       {t.log_px, "log_px"}, {loss.rows, "loss"}, {t.mean, "mean"}};
                   if (t.kl) outputs.push_back({t.kl, "kl"});
                   if (t.kl_units) outputs.push_back({t.kl_units, "kl_units"});
                   return outputs;
                 });
}

const RowProgram& ModelPrograms::masked_loss() const {
  return program("masked loss", Stream::eval,
                 [this](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
                   const Var x = read(scope, rows, {});
                   return {{vae_.masked_loss(scope, x), "loss"}};
                 });
}

const RowProgram& ModelPrograms::weights(std::int64_t draws, EncoderChoice encoder) const {
  return program(
      fmt::format("weights {}{}", draws, name(encoder)), Stream::eval,
      [this, draws, encoder](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
        const Terms t = vae_.terms(scope, read(scope, rows, {}), draws, encoder);
        return {{t.log_px, "log_px"}, {t.log_px + t.log_pz - t.log_qz, "log_w"}};
      });
}

const RowProgram& ModelPrograms::column_weights(std::int64_t draws, EncoderChoice encoder) const {
  return program(
      fmt::format("column weights {}{}", draws, name(encoder)), Stream::eval,
      [this, draws, encoder](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
        const Terms t = vae_.terms(scope, read(scope, rows, {}), draws, encoder);
        return {{t.log_px, "log_px"},
                {t.log_px + t.log_pz - t.log_qz, "log_w"},
                {t.columns, "columns"}};
      });
}

const RowProgram& ModelPrograms::complete(std::int64_t draws) const {
  return program(fmt::format("complete {}", draws), Stream::eval,
                 [this, draws](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
                   const Vae::Completion c = vae_.complete(scope, read(scope, rows, {}), draws);
                   return {{c.z, "z"}, {c.log_w, "log_w"}, {c.top, "top"}, {c.mean, "mean"}};
                 });
}

const RowProgram& ModelPrograms::encode(bool draw, const RowsIn& in, EncoderChoice encoder) const {
  return program(
      fmt::format("encode{} {}{}", draw ? " draw" : "", name(in), name(encoder)), Stream::eval,
      [this, draw, in, encoder](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
        const Var x = read(scope, rows, in);
        return {{draw ? vae_.encode_draw(scope, x, encoder) : vae_.encode(scope, x, encoder), "z"}};
      });
}

const RowProgram& ModelPrograms::decode(bool draw) const {
  return program(draw ? "decode draw" : "decode", Stream::likelihood,
                 [this, draw](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
                   const Var z = input(scope.graph(), "z", DType::f32, {rows, model_.latent()});
                   return {{draw ? vae_.decode_draw(scope, z) : vae_.decode(scope, z), "net"}};
                 });
}

const RowProgram& ModelPrograms::sample_prior() const {
  return program("sample", Stream::sample,
                 [this](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
                   return {{vae_.sample_prior(scope, rows), "z"}};
                 });
}

const RowProgram& ModelPrograms::reconstruct(const RowsIn& in, EncoderChoice encoder) const {
  return program(fmt::format("reconstruct {}{}", name(in), name(encoder)), Stream::eval,
                 [this, in, encoder](const Scope& scope, std::int64_t rows) -> std::vector<Output> {
                   const Var x = read(scope, rows, in);
                   return {{vae_.decode(scope, vae_.encode(scope, x, encoder)), "net"}};
                 });
}

std::int64_t ModelPrograms::features() const {
  Graph graph;
  Parameters parameters = model_.parameters, state = model_.state;
  const Scope scope(graph, parameters, state);
  return vae_.decode(scope, input(graph, "z", DType::f32, {1, model_.latent()})).shape()[1];
}

void ModelPrograms::run(const RowProgram& program, std::int64_t rows, const RunContext& context,
                        ThreadPool* pool, FunctionRef<void(RowProgram::Chunk&)> fill,
                        FunctionRef<void(RowProgram::Chunk&)> take) const {
  program.run(rows, model_.values.as<float>().data(), model_.state_values.as<float>().data(),
              context, pool, fill, take);
}

std::uint64_t row_key(const Tensor& values, std::int64_t row) {
  const auto D = static_cast<std::size_t>(values.row_size());
  const std::size_t begin = static_cast<std::size_t>(row) * D;
  // Piece by piece, so that u8 can be hashed as the floats that it would be.
  float piece[256];
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < D; i += std::size(piece)) {
    const std::size_t n = std::min(std::size(piece), D - i);
    if (values.dtype() == DType::f32)
      std::copy_n(values.as<float>().begin() + static_cast<std::ptrdiff_t>(begin + i), n, piece);
    else
      std::copy_n(values.as<std::uint8_t>().begin() + static_cast<std::ptrdiff_t>(begin + i), n,
                  piece);
    for (float& x : std::span(piece).first(n))
      if (x != x) x = std::numeric_limits<float>::quiet_NaN();  // missing is missing
    key = hash64(piece, n * sizeof(float), key);
  }
  return key;
}

}  // namespace diabolo
