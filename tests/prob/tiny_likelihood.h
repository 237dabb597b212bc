// A likelihood whose parameters are set by name: what its decoder's features are does not matter,
// every row has the same distribution.
#pragma once

#include <diabolo/prob/columns.h>
#include <diabolo/prob/likelihood.h>
#include <plan/evaluate.h>

#include <memory>

namespace diabolo::testing {

struct TinyLikelihood {
  Graph graph;
  Parameters parameters, state;
  Var keys;
  Scope scope;
  std::unique_ptr<Likelihood> likelihood;
  std::unique_ptr<LikelihoodBatch> p;
  Values flat;

  TinyLikelihood(std::unique_ptr<Likelihood> made, std::int64_t dimensions, std::int64_t rows = 1,
                 DType real = DType::f64)
      : graph(real),
        keys(input(graph, "keys", DType::u64, {rows})),
        scope(graph, parameters, state, {.keys = keys, .stream = Stream::likelihood}),
        likelihood(std::move(made)) {
    p = likelihood->build(scope, full(graph, {rows, 1}, 1), dimensions);
    flat.resize(static_cast<std::size_t>(parameters.size()));
  }
  TinyLikelihood(const ComponentChoice& choice, std::int64_t dimensions, std::int64_t rows = 1,
                 DType real = DType::f64)
      : TinyLikelihood(likelihoods().make(choice), dimensions, rows, real) {}

  TinyLikelihood& set(const std::string& name, const Values& values) {
    for (const ParameterInfo& info : parameters.all()) {
      if (info.name != name) continue;
      ensure(static_cast<std::int64_t>(values.size()) == info.shape.size(), "test", name);
      std::copy(values.begin(), values.end(), flat.begin() + info.offset);
      return *this;
    }
    fail(ErrorCode::internal, "test", "expected a parameter of the likelihood, got '{}'", name);
  }

  Values run(Var y, std::uint64_t seed = 2) const {
    Inputs given{{"parameters", flat}, {"keys", {}}};
    for (std::int64_t i = 0; i < keys.shape()[0]; ++i)
      given["keys"].push_back(static_cast<double>(i));
    return evaluate(graph, std::vector{y}, given, {}, {.seed = seed})[0];
  }
  /// Of rows x [N, D], by the parameters of the first row.
  Values log_prob(const Values& x, std::int64_t dimensions) {
    const auto N = static_cast<std::int64_t>(x.size()) / dimensions;
    return run(p->log_prob(constant(graph, {N, dimensions}, x), {1, dimensions}));
  }
  Values features_ones(const Values& x, std::int64_t dimensions) {
    const auto N = static_cast<std::int64_t>(x.size()) / dimensions;
    return run(likelihood->features(constant(graph, {N, dimensions}, x)).ones);
  }
};

/// Column d of [N, D], rising.
inline Values sorted_column(const Values& x, std::size_t d, std::size_t dimensions) {
  Values column;
  for (std::size_t i = d; i < x.size(); i += dimensions) column.push_back(x[i]);
  std::sort(column.begin(), column.end());
  return column;
}

/// The largest distance of the sample's distribution (rising) from F.
template <class F>
double distance_to(const Values& sorted, const F& distribution) {
  double farthest = 0;
  const double n = static_cast<double>(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double f = distribution(sorted[i]), at = static_cast<double>(i);
    farthest = std::max({farthest, std::abs(f - at / n), std::abs(f - (at + 1) / n)});
  }
  return farthest;
}

}  // namespace diabolo::testing
