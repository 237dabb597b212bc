// Random graphs from a seed: pointwise chains with every kind of broadcast, casts, reductions,
// products, noise and ops that move values, of sizes that are small, odd and cross a tile (512).
// A `smooth` graph has no jumps, so that f32 and f64 may be compared.
#pragma once

#include <diabolo/ops/functions.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace diabolo::testing {

class RandomGraph {
 public:
  RandomGraph(unsigned seed, DType real, bool smooth)
      : graph(real), smooth_(smooth), random_(seed) {
    sources();
    const int steps = 10 + pick(50);
    for (int i = 0; i < steps; ++i) grow();
    if (pick(2) == 0) differentiate();
    choose_outputs();
    inputs["parameters"] = numbers(parameters_);
  }

  Graph graph;
  std::vector<Var> outputs;
  std::map<std::string, std::vector<double>> inputs;

 private:
  using Values = std::vector<double>;

  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[pick(static_cast<int>(choices.size()))];
  }

  // Multiples of 1/64: the same in f32 and f64.
  Values numbers(std::int64_t n) {
    Values values;
    for (std::int64_t i = 0; i < n; ++i) values.push_back((pick(257) - 128) / 64.0);
    return values;
  }
  Values whole(std::int64_t n, int below) {
    Values values;
    for (std::int64_t i = 0; i < n; ++i) values.push_back(pick(below));
    return values;
  }

  Var named(const std::string& name, DType dtype, const Shape& shape, Values values) {
    inputs[name] = std::move(values);
    return input(graph, name, dtype, shape);
  }
  Var weight(const Shape& shape) {
    parameters_ += shape.size();
    return parameter(graph, fmt::format("w{}", parameters_), shape, parameters_ - shape.size());
  }
  void keep(Var x) {
    if (x.shape().size() <= 40000) pool_.push_back(x);
  }
  Var any() {
    const int n = static_cast<int>(pool_.size());
    // Late nodes more often: deep graphs.
    return pool_[static_cast<std::size_t>(pick(3) > 0 ? n - 1 - pick(std::min(n, 5)) : pick(n))];
  }

  void sources() {
    rows_ = one_of<std::int64_t>({1, 2, 3, 7, 15, 16, 17, 33});
    const auto columns =
        one_of<std::int64_t>({1, 2, 15, 16, 17, 64, 100, 511, 512, 513, 784, 1000, 1025});
    const Shape matrix{rows_, columns};
    const DType real = graph.real();
    keep(named("x", real, matrix, numbers(matrix.size())));
    keep(named("row", real, {columns}, numbers(columns)));
    keep(named("one_row", real, {1, columns}, numbers(columns)));
    keep(named("column", real, {rows_, 1}, numbers(rows_)));
    keep(named("scalar", real, {}, numbers(1)));
    keep(cast(named("bytes", DType::u8, matrix, whole(matrix.size(), 256))) * (1 / 256.0));
    keep(cast(named("whole", DType::i32, {columns}, whole(columns, 9))) * 0.25);
    keep(weight({columns}));
    const std::int64_t draws = one_of<std::int64_t>({1, 2, 3}),
                       z = one_of<std::int64_t>({1, 2, 20, 33});
    keep(named("cube", real, {draws, rows_, z}, numbers(draws * rows_ * z)));
    keep(named("cube_row", real, {draws, 1, z}, numbers(draws * z)));
    keep(constant(graph, {3, 1, 1}, {0.5, -1, 2}));
    index_ = named("index", DType::i32, {rows_}, whole(rows_, 5));
    Values keys = whole(rows_, 1 << 20);
    keys_ = named("keys", DType::u64, {rows_}, keys);
  }

  Var unary(Var x) {
    switch (pick(smooth_ ? 10 : 14)) {
      case 0:
        return tanh(x);
      case 1:
        return sigmoid(x);
      case 2:
        return softplus(x);
      case 3:
        return relu(x);
      case 4:
        return sin(x);
      case 5:
        return -x;
      case 6:
        return exp(-abs(x));
      case 7:
        return log(1.5 + square(tanh(x)));
      case 8:
        return sqrt(abs(x) + 0.25);
      case 9:
        return x * one_of({0.5, 1.0, -2.0}) + one_of({0.0, 1.0});
      case 10:
        return floor(x);
      case 11:
        return expm1(x);
      case 12:
        return log(x);
      default:
        return erf(x);
    }
  }

  Var binary(Var a, Var b) {
    switch (pick(smooth_ ? 6 : 10)) {
      case 0:
        return a + b;
      case 1:
        return a - b;
      case 2:
        return tanh(a) * b;
      case 3:
        return a / (1 + square(b));
      case 4:
        return max(a, b);
      case 5:
        return min(a, b);
      case 6:
        return less(a, b);
      case 7:
        return equal(a, b);
      case 8:
        return a / b;
      default:
        return select(less(a, b), a, b);
    }
  }

  static bool fit(Var a, Var b) {
    for (int i = 1; i <= std::min(a.shape().rank(), b.shape().rank()); ++i)
      if (a.shape()[-i] != b.shape()[-i] && a.shape()[-i] != 1 && b.shape()[-i] != 1) return false;
    return true;
  }

  Var reduced(Var x) {
    std::vector<int> axes;
    for (int i = 0; i < x.shape().rank(); ++i)
      if (pick(2) == 0) axes.push_back(pick(2) == 0 ? i : i - x.shape().rank());
    return pick(3) == 0 ? reduce_max(x, axes, pick(2) == 0) : sum(x, axes, pick(2) == 0);
  }

  Var moved(Var x) {
    const Shape& s = x.shape();
    const int rank = s.rank();
    switch (pick(5)) {
      case 0:
        return reshape(x, {s.size()});
      case 1: {
        if (rank == 0) return x;
        std::vector<std::int64_t> dims(s.dims().begin(), s.dims().end());
        if (rank < 5) dims.insert(dims.begin() + pick(rank + 1), 1);
        return reshape(x, Shape(dims));
      }
      case 2: {
        std::vector<int> order(static_cast<std::size_t>(rank));
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random_);
        return transpose(x, order);
      }
      case 3: {
        if (rank == 0) return x;
        const int axis = pick(rank);
        const auto begin = pick(static_cast<int>(s[axis]));
        return slice(x, axis, begin, 1 + pick(static_cast<int>(s[axis] - begin)));
      }
      default: {
        if (rank == 0) return x;
        const Var parts[] = {x, unary(x), x};
        return concat(std::span(parts).first(static_cast<std::size_t>(2 + pick(2))), pick(rank));
      }
    }
  }

  Var product(Var x) {
    const Shape& s = x.shape();
    Var m = s.rank() == 2 ? x : reshape(x, {s.size(), 1});
    const auto width = one_of<std::int64_t>({1, 2, 16, 20, 37});
    const bool ta = pick(3) == 0, tb = pick(2) == 0;
    const std::int64_t inner = m.shape()[ta ? 0 : 1];
    const Var w = weight(tb ? Shape{width, inner} : Shape{inner, width});
    const Var y = matmul(m, w, ta, tb);
    switch (pick(4)) {
      case 0:
        return y;
      case 1:
        return y + weight({width});
      case 2:
        return relu(y + weight({width}));
      default:
        return relu(reshape(weight({width}), {width}) + y) * 0.125;
    }
  }

  Var noisy() {
    const auto columns = one_of<std::int64_t>({1, 3, 20, 513, 784});
    const auto draws = one_of<std::int64_t>({1, 2});
    const Shape shape = pick(2) == 0 ? Shape{rows_, columns} : Shape{draws, rows_, columns};
    const auto name = fmt::format("noise{}", graph.size());
    return pick(2) == 0 ? normal_noise(keys_, shape, Stream::train, name)
                        : uniform_noise(keys_, shape, Stream::train, name);
  }

  Var indexed(Var x) {
    if (x.shape().rank() == 2 && x.shape()[0] == rows_) return scatter_add(index_, x, 5);
    if (x.shape().rank() == 2 && x.shape()[0] >= 5) return gather(x, index_);
    if (!smooth_ && x.shape().rank() > 0) return cast(argmin(x));
    return x;
  }

  void grow() {
    const Var x = any();
    switch (pick(16)) {
      case 0:
      case 1:
        keep(reduced(x));
        return;
      case 2:
        keep(moved(x));
        return;
      case 3:
        if (x.shape().size() < 20000) keep(product(x));
        return;
      case 4:
        keep(noisy());
        return;
      case 5:
        keep(indexed(x));
        return;
      case 6:
      case 7:
      case 8:
        keep(unary(x));
        return;
      default:
        for (int tries = 0; tries < 6; ++tries) {
          const Var other = any();
          if (!fit(x, other)) continue;
          keep(pick(2) == 0 ? binary(x, other) : binary(other, x));
          return;
        }
    }
  }

  void differentiate() {
    const Var y = sum(tanh(pool_.back()));
    const Var xs[] = {pool_[0], pool_[1], pool_[7]};
    for (const Var& g : gradients(y, xs)) pool_.push_back(g);
  }

  void choose_outputs() {
    const int n = static_cast<int>(pool_.size());
    for (int i = 2 + pick(6); i > 0; --i)
      outputs.push_back(pool_[static_cast<std::size_t>(pick(n))]);
    for (int i = std::min(n, 3); i > 0; --i)
      outputs.push_back(pool_[static_cast<std::size_t>(n - i)]);
    if (pick(2) == 0) outputs.push_back(moved(outputs[0]));
  }

  bool smooth_;
  std::mt19937 random_;
  std::vector<Var> pool_;
  std::int64_t rows_ = 1, parameters_ = 0;
  Var index_, keys_;
};

}  // namespace diabolo::testing
