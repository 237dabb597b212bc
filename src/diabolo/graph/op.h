// What an op must say about itself: name, shape rule, gradient in graph ops, and what it does to
// rows. Ops are stateless; one instance each, listed in ops/list.h.
#pragma once

#include <diabolo/graph/graph.h>

namespace diabolo {

enum class OpClass { source, pointwise, reduction, layout, product, index };

struct Signature {
  DType dtype;
  Shape shape;
};

/// How a value depends on the rows of the batch. `axis` is counted from the end (-1 is the last),
/// as broadcasting aligns there.
struct Rows {
  enum Kind {
    none,    // the same for all rows
    apart,   // row i depends on row i alone, along `axis`
    folded,  // a sum of terms that keep rows apart: slices of a batch add up
    mixed,   // anything else: the graph must see the whole batch at once
  };
  Kind kind = none;
  int axis = 0;

  friend bool operator==(const Rows&, const Rows&) = default;
};

class Op {
 public:
  virtual ~Op() = default;

  virtual std::string_view name() const = 0;
  virtual OpClass op_class() const = 0;

  /// Type and shape of the result. Throws if `inputs` do not fit.
  virtual Signature infer(const Graph& graph, std::span<const Var> inputs,
                          const Attributes& attributes) const = 0;

  /// Gradients with respect to each input, given the result `y` and its gradient `dy` (of y's
  /// shape), as graph ops. An empty Var (or an empty vector) stands for zero.
  virtual std::vector<Var> gradient(std::span<const Var> inputs, Var y, Var dy) const;

  /// What becomes of rows, given those of the inputs. The default: none stays none, else mixed.
  virtual Rows rows(std::span<const Rows> inputs, const Graph& graph, const Node& node) const;

  /// Floating-point operations of one evaluation, as the field counts them.
  virtual double flops(const Graph& graph, const Node& node) const;
};

}  // namespace diabolo
