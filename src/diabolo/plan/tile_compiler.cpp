#include <diabolo/base/error.h>
#include <diabolo/ops/ops.h>
#include <diabolo/plan/tile_compiler.h>

#include <algorithm>

namespace diabolo::plan {
namespace {

using kernels::kLanes;
using kernels::kTile;

RowStride row_stride(const Shape& operand, const Shape& shape, int split) {
  RowStride result;
  std::int64_t stride = 1;
  std::int64_t strides[kMaxRank] = {};
  for (int i = shape.rank() - 1; i >= 0; --i) {
    const int place = i - (shape.rank() - operand.rank());
    const std::int64_t n = place >= 0 ? operand[place] : 1;
    strides[i] = n == 1 ? 0 : stride;
    stride *= n;
  }
  result.rank = split;
  for (int i = 0; i < split; ++i) result.dims[i] = shape[i], result.strides[i] = strides[i];
  // Uniform if each stride is what stepping over the later rows amounts to.
  bool first = true;
  std::int64_t expected = 0;
  for (int i = split - 1; i >= 0; --i) {
    if (shape[i] == 1) continue;
    if (first)
      result.stride = strides[i];
    else if (strides[i] != expected)
      result.uniform = false;
    expected = strides[i] * shape[i];
    first = false;
  }
  return result;
}

// The dimension at which the iteration is cut into rows and columns.
int split_of(const Graph& graph, const Group& group) {
  if (group.split >= 0) return group.split;
  for (int split = 0; split < group.shape.rank(); ++split) {
    bool fits = true;
    for (const int id : group.nodes)
      for (const int input : graph.node(id).inputs)
        fits &= conforms(graph.node(input).shape, group.shape, split);
    if (fits) return split;
  }
  return std::max(group.shape.rank() - 1, 0);
}

class TileCompiler {
 public:
  TileCompiler(const Graph& graph, const Group& group, const std::map<int, Place>& place_of,
               const std::vector<bool>& stored)
      : graph_(graph),
        group_(group),
        place_of_(place_of),
        stored_(stored),
        split_(split_of(graph, group)) {
    choose_tile();
    for (const int id : group.nodes) add(id);
    assign_buffers();
  }

  TileCode take() { return std::move(code_); }

 private:
  // Whole rows if one fits a tile; else equal pieces of a row, of whole lanes.
  void choose_tile() {
    for (int i = 0; i < group_.shape.rank(); ++i)
      (i < split_ ? code_.rows : code_.columns) *= group_.shape[i];
    if (code_.columns <= kTile) {
      const std::int64_t fit = kTile / std::max<std::int64_t>(code_.columns, 1);
      code_.tile_rows = std::max<std::int64_t>(std::min(fit, code_.rows), 1);
      code_.tile_columns = code_.columns;
    } else {
      const std::int64_t pieces = (code_.columns + kTile - 1) / kTile;
      const std::int64_t piece = (code_.columns + pieces - 1) / pieces;
      code_.tile_columns = (piece + kLanes - 1) / kLanes * kLanes;
    }
  }

  int new_value(TileValue value) {
    ensure(code_.values.size() < kMaxTileValues, "tile program", "a bounded number of values");
    code_.values.push_back(value);
    return static_cast<int>(code_.values.size()) - 1;
  }

  bool tile_of_rows() const { return code_.tile_rows > 1; }

  // The value of an array from outside, with the instruction that loads it if it needs one.
  int outside(int id) {
    const auto [known, fresh] = value_of_.try_emplace(id, -1);
    if (!fresh) return known->second;
    const Shape& operand = graph_.node(id).shape;
    const Place place = place_of_.at(resolve(graph_, id));
    const RowStride stride =
        is_splat(graph_.node(id)) ? RowStride{} : row_stride(operand, group_.shape, split_);
    const bool one_number = operand.size() == 1 || is_splat(graph_.node(id));
    std::int64_t trailing = 1;
    for (int i = split_; i < group_.shape.rank(); ++i) {
      const int at = i - (group_.shape.rank() - operand.rank());
      trailing *= at >= 0 ? operand[at] : 1;
    }
    const bool contiguous = trailing == code_.columns && !(one_number && group_.shape.size() > 1);
    TileValue value{.kind = TileValue::buffer, .slot = -1, .place = place, .rows = stride};
    if (one_number && group_.shape.size() > 1) {
      value.kind = TileValue::scalar;
    } else if (contiguous &&
               (code_.rows == 1 || (stride.uniform && stride.stride == code_.columns))) {
      value.kind = TileValue::dense;
    } else if (!tile_of_rows()) {
      value.kind = contiguous ? TileValue::row : TileValue::scalar;
    } else {
      const bool invariant = contiguous && stride.uniform && stride.stride == 0;
      const int v = new_value(value);
      TileInstruction load{
          .kind = contiguous ? TileInstruction::repeat_rows : TileInstruction::fill_rows, .out = v};
      load.source = place;
      load.rows = stride;
      (invariant ? code_.prologue : code_.body).push_back(load);
      known->second = v;
      return v;
    }
    return known->second = new_value(value);
  }

  int operand(int id) {
    const auto inside = value_of_.find(id);
    return inside != value_of_.end() ? inside->second : outside(id);
  }

  void add(int id) {
    const Node& node = graph_.node(id);
    TileInstruction i;
    if (node.op->op_class() == OpClass::reduction) {
      const bool rows = reduce_form(graph_, node).kind == ReduceKind::rows;
      const bool sum = node.op == &ops::op<ops::Sum>();
      i.kind = rows ? (sum ? TileInstruction::add_rows : TileInstruction::max_rows)
                    : (sum ? TileInstruction::add_columns : TileInstruction::max_columns);
      // A scalar input stands for a whole tile of itself: make it one.
      i.in[0] = in_memory_of_a_tile(operand(node.inputs[0]));
      i.arity = 1;
      i.target = place_of_.at(id);
      if (rows) i.table = code_.row_reductions++;
      code_.body.push_back(i);
      return;
    }
    TileValue value{.kind = TileValue::buffer, .slot = -1, .place = {}, .rows = {}};
    if (stored_[static_cast<std::size_t>(id)]) {
      value.kind = TileValue::dense;
      value.place = place_of_.at(id);
    }
    if (node.op == &ops::op<ops::Noise>()) {
      const auto& a = node.attributes.ints;
      i.kind = TileInstruction::noise;
      i.source = place_of_.at(resolve(graph_, node.inputs[0]));
      i.normal = a[0] == ops::Noise::normal;
      i.stream = static_cast<std::uint32_t>(a[1]);
      i.first_column = static_cast<std::uint32_t>(a[2]);
      i.rows_of_keys = node.shape[-2];
    } else if (node.op == &ops::op<ops::Cast>()) {
      const int in = node.inputs[0];
      i.kind =
          graph_.node(in).dtype == DType::u8 ? TileInstruction::from_u8 : TileInstruction::from_i32;
      i.source = place_of_.at(resolve(graph_, in));
    } else {
      const bool copies = node.op == &ops::op<ops::BroadcastTo>();
      i.kind = copies ? TileInstruction::copy : TileInstruction::pointwise;
      i.table = copies ? 0 : ops::pointwise_index(*node.op);
      i.arity = static_cast<int>(node.inputs.size());
      for (int k = 0; k < i.arity; ++k) i.in[k] = operand(node.inputs[static_cast<std::size_t>(k)]);
    }
    i.out = value_of_[id] = new_value(value);
    code_.body.push_back(i);
  }

  int in_memory_of_a_tile(int v) {
    if (code_.values[static_cast<std::size_t>(v)].kind != TileValue::scalar) return v;
    TileInstruction i{
        .kind = TileInstruction::copy, .out = new_value({}), .in = {v, -1, -1}, .arity = 1};
    code_.body.push_back(i);
    return i.out;
  }

  // Buffers by last use; what the prologue makes is kept.
  void assign_buffers() {
    std::vector<int> last(code_.values.size(), -1);
    for (std::size_t k = 0; k < code_.body.size(); ++k)
      for (int a = 0; a < code_.body[k].arity; ++a)
        last[static_cast<std::size_t>(code_.body[k].in[a])] = static_cast<int>(k);
    for (const TileInstruction& i : code_.prologue)
      code_.values[static_cast<std::size_t>(i.out)].slot = code_.buffers++;
    std::vector<int> free;
    for (std::size_t k = 0; k < code_.body.size(); ++k) {
      const TileInstruction& i = code_.body[k];
      const auto release = [&](int v) {
        const TileValue& value = code_.values[static_cast<std::size_t>(v)];
        const bool pinned = std::any_of(code_.prologue.begin(), code_.prologue.end(),
                                        [&](const TileInstruction& p) { return p.out == v; });
        if (value.kind == TileValue::buffer && !pinned &&
            last[static_cast<std::size_t>(v)] == static_cast<int>(k) &&
            std::find(free.begin(), free.end(), value.slot) == free.end())
          free.push_back(value.slot);
      };
      // An input that ends here may be written over: kernels read an element before they write it.
      for (int a = 0; a < i.arity; ++a) release(i.in[a]);
      if (i.out >= 0 && code_.values[static_cast<std::size_t>(i.out)].kind == TileValue::buffer) {
        int& slot = code_.values[static_cast<std::size_t>(i.out)].slot;
        if (free.empty())
          slot = code_.buffers++;
        else
          slot = free.back(), free.pop_back();
        if (last[static_cast<std::size_t>(i.out)] < 0) free.push_back(slot);  // nobody reads it
      }
    }
  }

  const Graph& graph_;
  const Group& group_;
  const std::map<int, Place>& place_of_;
  const std::vector<bool>& stored_;
  int split_;
  TileCode code_;
  std::map<int, int> value_of_;  // node -> value
};

}  // namespace

TileCode compile_tiles(const Graph& graph, const Group& group, const std::map<int, Place>& place_of,
                       const std::vector<bool>& stored) {
  return TileCompiler(graph, group, place_of, stored).take();
}

std::map<int, int> dense_reads(const Graph& graph, const Group& group) {
  std::map<int, int> last;
  std::vector<int> other;
  for (const int id : group.nodes)
    for (const int input : graph.node(id).inputs) {
      const Node& node = graph.node(input);
      if (node.shape == group.shape && is_float(node.dtype))
        last[resolve(graph, input)] = id;
      else
        other.push_back(resolve(graph, input));
    }
  for (const int id : other) last.erase(id);
  return last;
}

}  // namespace diabolo::plan
