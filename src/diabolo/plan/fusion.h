// Which nodes run together. Every node but sources and reshapes (which are only another view)
// belongs to one group; a group becomes one step.
//
// A tile group holds nodes of one iteration shape: pointwise ops, casts, broadcasts and noise, and
// the reductions that end them. The shape is walked as a matrix [R, C], cut at dimension `split`:
// a reduction of the trailing dimensions sums rows, one of the leading dimensions sums columns.
// A product group holds a product and what its kernel does along the way (Epilogue).
#pragma once

#include <diabolo/plan/rewrite.h>

namespace diabolo::plan {

enum class ReduceKind { none, rows, columns, general };

/// What a product takes along, as nodes (-1: none): value = gate(relu(product + old + bias)).
struct Epilogue {
  int old = -1;   ///< the result of another product, which ends here: the value is written over it
  int bias = -1;  ///< a source
  bool relu = false;
  int gate = -1;   ///< lets through where it is above 0
  int value = -1;  ///< the member that holds the result
  int sums = -1;   ///< the member that holds the sums of its columns
};

struct Group {
  enum Kind { tile, product, single };
  Kind kind = single;
  std::vector<int> nodes;  // ascending
  Shape shape;             // of the iteration (tile)
  int split = -1;          // -1: not fixed by any member
  Epilogue epilogue;       // (product)
};

/// How a reduction is walked, and where it cuts its input's shape.
struct ReduceForm {
  ReduceKind kind = ReduceKind::none;
  int split = 0;
};
ReduceForm reduce_form(const Graph& graph, const Node& node);

/// The node behind a chain of reshapes.
int resolve(const Graph& graph, int id);

/// True if an array of shape `operand`, broadcast to `shape`, is either contiguous or constant over
/// the dimensions from `split` on.
bool conforms(const Shape& operand, const Shape& shape, int split);

/// The groups in an order in which they can run. With `fuse` off, a node a group.
std::vector<Group> make_groups(const Program& program, bool fuse);

}  // namespace diabolo::plan
