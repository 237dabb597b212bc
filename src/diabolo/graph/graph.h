// The static graph: an append-only list of nodes in topological order. It says what is computed.
//
// A `Var` is a small handle to a node; operators and functions on it are in ops/functions.h.
// Shapes are static: a graph is built for one batch size, and building another is cheap.
#pragma once

#include <diabolo/tensor/dtype.h>
#include <diabolo/tensor/shape.h>

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

class Graph;
class Op;

/// What a node is besides its inputs. Which fields an op uses, and how, its header says.
struct Attributes {
  std::vector<std::int64_t> ints;
  std::vector<double> reals;
  std::string text;

  friend bool operator==(const Attributes&, const Attributes&) = default;
};

struct Node {
  const Op* op = nullptr;
  std::vector<int> inputs;  // ids of earlier nodes
  Attributes attributes;
  DType dtype = DType::f32;
  Shape shape;
};

/// A handle to a node of a graph; valid as long as the graph lives. A default Var is empty: asking
/// it for anything throws `internal`.
class Var {
 public:
  Var() = default;
  Var(Graph* graph, int id) : graph_(graph), id_(id) {}

  explicit operator bool() const noexcept { return graph_ != nullptr; }
  Graph& graph() const;
  int id() const noexcept { return id_; }
  const Node& node() const;
  const Shape& shape() const;
  DType dtype() const;

  friend bool operator==(const Var&, const Var&) = default;

 private:
  Graph* graph_ = nullptr;
  int id_ = -1;
};

class Graph {
 public:
  /// `real` is the type of parameters, constants and noise: f32, or f64 (the oracle of the tests).
  explicit Graph(DType real = DType::f32);
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  DType real() const noexcept { return real_; }
  int size() const noexcept { return static_cast<int>(nodes_.size()); }
  /// Stays where it is while the graph grows.
  const Node& node(int id) const { return nodes_[static_cast<std::size_t>(id)]; }

  /// Appends a node. Throws `shape` or `invalid_argument` if the op refuses its inputs.
  Var add(const Op& op, std::span<const Var> inputs, Attributes attributes = {});

  /// The first of `columns` fresh noise columns of `stream`, so that no two noise nodes meet.
  std::int64_t reserve_noise_columns(int stream, std::int64_t columns);

 private:
  DType real_;
  std::deque<Node> nodes_;
  std::map<int, std::int64_t> noise_columns_;
};

}  // namespace diabolo
