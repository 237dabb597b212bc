#include <diabolo/models/model_data.h>

#include <algorithm>

namespace diabolo {

// A graph of one row that uses every part once; only the names it declares are kept.
void declare_all(const Vae& vae, Parameters& parameters, Parameters& state) {
  Graph graph;
  const Var keys = input(graph, "keys", DType::u64, {1});
  const Scope scope(graph, parameters, state, {.keys = keys, .stream = Stream::train});
  const Var x = input(graph, "x", DType::f32, {1, vae.dimensions()});
  const Terms terms = vae.terms(scope, x, 1);
  vae.loss(scope, terms, constant(graph, 1));
  vae.update(scope, constant(graph, 0));
  vae.decode_draw(scope, vae.sample_prior(scope, 1));
  if (vae.has_partial()) vae.encode(scope, x, EncoderChoice::partial);
  parameters.close();
  state.close();
}

namespace {

constexpr std::string_view kFitted = "prior.fitted";  // a state array: 1 once the prior is fitted

bool is_prior_fitted(const ModelData& model) {
  if (model.state_values.size() == 0) return true;  // a layout only
  for (const ParameterInfo& info : model.state.all())
    if (info.name == kFitted)
      return model.state_values.as<float>()[static_cast<std::size_t>(info.offset)] != 0;
  return true;
}

}  // namespace

const EpochRecord* kept_epoch(const ModelData& model) {
  const auto kept = std::ranges::find(model.history, model.best_epoch, &EpochRecord::epoch);
  return kept == model.history.end() ? nullptr : &*kept;
}

Vae make_vae(const ModelData& model, const Components& components) {
  return Vae(model.composition, components, model.dimensions, model.transform,
             is_prior_fitted(model));
}

ModelData lay_out_model(const Composition& composition, const Components& components,
                        const Transform& transform, const Shape& row_shape) {
  ModelData model;
  model.composition = complete(composition, components);
  model.transform = transform;
  model.row_shape = row_shape;
  model.dimensions = row_shape.size();
  declare_all(make_vae(model, components), model.parameters, model.state);
  return model;
}

ModelData make_model(const Composition& composition, const Components& components,
                     const Transform& transform, const Shape& row_shape, std::uint64_t seed) {
  ModelData model = lay_out_model(composition, components, transform, row_shape);
  model.values = Tensor(DType::f32, {model.parameters.size()});
  model.state_values = Tensor(DType::f32, {model.state.size()});
  model.parameters.initialize(model.values.as<float>(), seed);
  model.state.initialize(model.state_values.as<float>(), seed);
  return model;
}

void begin_partial(ModelData& model) {
  const std::span<float> values = model.values.as<float>();
  for (const ParameterInfo& to : model.parameters.all()) {
    if (!to.name.starts_with(kPartialPrefix)) continue;
    for (const ParameterInfo& from : model.parameters.all())
      if (from.name == std::string_view(to.name).substr(kPartialPrefix.size()))
        std::copy_n(values.begin() + from.offset, from.shape.size(), values.begin() + to.offset);
  }
}

}  // namespace diabolo
