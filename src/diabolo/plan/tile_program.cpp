#include <diabolo/base/error.h>
#include <diabolo/base/random.h>
#include <diabolo/kernels/tile.h>
#include <diabolo/ops/ops.h>
#include <diabolo/plan/tile_program.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace diabolo::plan {
namespace {

using kernels::kLanes;
using kernels::kTile;

constexpr int kMaxValues = 160;

// How the rows of an array in memory follow the rows of the iteration.
struct RowStride {
  bool uniform = true;
  std::int64_t stride = 0;  // elements a row, if uniform
  int rank = 0;             // else: dimensions and strides before the split
  std::int64_t dims[kMaxRank] = {}, strides[kMaxRank] = {};

  std::int64_t offset(std::int64_t row) const noexcept {
    if (uniform) return row * stride;
    std::int64_t at = 0;
    for (int i = rank - 1; i >= 0; --i) {
      at += row % dims[i] * strides[i];
      row /= dims[i];
    }
    return at;
  }
};

// Where the numbers of a value are found.
struct Value {
  enum Kind {
    buffer,  // a tile buffer
    dense,   // memory laid out as the iteration
    row,     // memory, a contiguous piece of each row (tiles of one row)
    scalar,  // memory, one number a row (tiles of one row) or one number for all
  };
  Kind kind = buffer;
  int slot = -1;
  Place place{};
  RowStride rows{};
};

struct Instruction {
  enum Kind {
    pointwise,
    from_u8,
    from_i32,
    noise,
    repeat_rows,
    fill_rows,
    copy,
    add_rows,
    max_rows,
    add_columns,
    max_columns
  };
  Kind kind = pointwise;
  int out = -1;  // value (a reduction's: see `target`)
  int in[kernels::kMaxArity] = {-1, -1, -1};
  int arity = 0;
  int table = 0;  // pointwise: the op's row of the table; rows: number of the sum
  int node = -1;
  // Loads and noise: the memory read.
  Place source{};
  RowStride rows{};
  // Noise.
  std::uint32_t stream = 0, first_column = 0;
  std::int64_t rows_of_keys = 1;
  bool normal = false;
  // Reductions: where the result lies.
  Place target{};
};

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

template <class T>
class TileProgram final : public Step {
 public:
  TileProgram(const Graph& graph, const Group& group, const std::map<int, Place>& place_of,
              const std::vector<bool>& stored, kernels::Level level)
      : kernels_(kernels::tile_kernels_of<T>(level)), graph_(&graph), group_(group) {
    const int split = split_of(graph, group);
    rows_ = columns_ = 1;
    for (int i = 0; i < group.shape.rank(); ++i) (i < split ? rows_ : columns_) *= group.shape[i];
    if (columns_ <= kTile) {
      tile_rows_ = std::clamp<std::int64_t>(kTile / std::max<std::int64_t>(columns_, 1), 1, rows_);
      tile_columns_ = columns_;
    } else {
      tile_rows_ = 1;
      const std::int64_t pieces = (columns_ + kTile - 1) / kTile;
      tile_columns_ = ((columns_ + pieces - 1) / pieces + kLanes - 1) / kLanes * kLanes;
    }
    for (const int id : group.nodes) add(id, split, place_of, stored);
    assign_buffers();
    describe_ = text();
    account(stored);
    graph_ = nullptr;  // only the constructor looks into it
  }

  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(buffers_ * kTile + row_reductions_ * kLanes) * sizeof(T);
  }

  std::string describe() const override { return describe_; }

  void run(const Frame& frame) const noexcept override {
    T* memory = reinterpret_cast<T*>(frame.scratch);
    T* pointers[kMaxValues];
    for (std::size_t v = 0; v < values_.size(); ++v)
      if (values_[v].kind == Value::buffer) pointers[v] = memory + values_[v].slot * kTile;
    for (const Instruction& i : body_) start(frame, i);
    for (const Instruction& i : prologue_)
      load(frame, i, pointers, 0, tile_rows_, 0, tile_columns_);
    for (std::int64_t r = 0; r < rows_; r += tile_rows_) {
      const std::int64_t n_rows = std::min(tile_rows_, rows_ - r);
      for (std::int64_t c = 0; c < columns_; c += tile_columns_) {
        const std::int64_t n_columns = std::min(tile_columns_, columns_ - c);
        for (std::size_t v = 0; v < values_.size(); ++v) {
          const Value& value = values_[v];
          if (value.kind == Value::dense)
            pointers[v] = frame.at<T>(value.place) + r * columns_ + c;
          else if (value.kind == Value::row)
            pointers[v] = frame.at<T>(value.place) + value.rows.offset(r) + c;
          else if (value.kind == Value::scalar)
            pointers[v] = frame.at<T>(value.place) + value.rows.offset(r);
        }
        for (const Instruction& i : body_) execute(frame, i, pointers, r, n_rows, c, n_columns);
      }
    }
  }

 private:
  // --- building ---------------------------------------------------------------------------------

  int new_value(Value value) {
    ensure(values_.size() < kMaxValues, "tile program", "a bounded number of values");
    values_.push_back(value);
    return static_cast<int>(values_.size()) - 1;
  }

  bool tile_of_rows() const { return tile_rows_ > 1; }

  // The value of an array from outside, with the instruction that loads it if it needs one.
  int outside(int id, int split, const std::map<int, Place>& place_of) {
    const auto [known, fresh] = value_of_.try_emplace(id, -1);
    if (!fresh) return known->second;
    const Shape& operand = graph_->node(id).shape;
    const Place place = place_of.at(resolve(*graph_, id));
    const RowStride stride =
        is_splat(graph_->node(id)) ? RowStride{} : row_stride(operand, group_.shape, split);
    const bool one_number = operand.size() == 1 || is_splat(graph_->node(id));
    std::int64_t trailing = 1;
    for (int i = split; i < group_.shape.rank(); ++i) {
      const int at = i - (group_.shape.rank() - operand.rank());
      trailing *= at >= 0 ? operand[at] : 1;
    }
    const bool contiguous = trailing == columns_ && !(one_number && group_.shape.size() > 1);
    Value value{.kind = Value::buffer, .slot = -1, .place = place, .rows = stride};
    if (one_number && group_.shape.size() > 1) {
      value.kind = Value::scalar;
    } else if (contiguous && (rows_ == 1 || (stride.uniform && stride.stride == columns_))) {
      value.kind = Value::dense;
    } else if (!tile_of_rows()) {
      value.kind = contiguous ? Value::row : Value::scalar;
    } else {
      const bool invariant = contiguous && stride.uniform && stride.stride == 0;
      const int v = new_value(value);
      Instruction load{.kind = contiguous ? Instruction::repeat_rows : Instruction::fill_rows,
                       .out = v};
      load.source = place;
      load.rows = stride;
      load.node = id;
      (invariant ? prologue_ : body_).push_back(load);
      known->second = v;
      return v;
    }
    return known->second = new_value(value);
  }

  int operand(int id, int split, const std::map<int, Place>& place_of) {
    const auto inside = value_of_.find(id);
    return inside != value_of_.end() ? inside->second : outside(id, split, place_of);
  }

  void add(int id, int split, const std::map<int, Place>& place_of,
           const std::vector<bool>& stored) {
    const Node& node = graph_->node(id);
    Instruction i;
    i.node = id;
    if (node.op->op_class() == OpClass::reduction) {
      const bool rows = reduce_form(*graph_, node).kind == ReduceKind::rows;
      const bool sum = node.op == &ops::op<ops::Sum>();
      i.kind = rows ? (sum ? Instruction::add_rows : Instruction::max_rows)
                    : (sum ? Instruction::add_columns : Instruction::max_columns);
      // A scalar input stands for a whole tile of itself: make it one.
      i.in[0] = in_memory_of_a_tile(operand(node.inputs[0], split, place_of));
      i.arity = 1;
      i.target = place_of.at(id);
      if (rows) i.table = row_reductions_++;
      body_.push_back(i);
      return;
    }
    Value value{.kind = Value::buffer, .slot = -1, .place = {}, .rows = {}};
    if (stored[static_cast<std::size_t>(id)]) {
      value.kind = Value::dense;
      value.place = place_of.at(id);
    }
    if (node.op == &ops::op<ops::Noise>()) {
      const auto& a = node.attributes.ints;
      i.kind = Instruction::noise;
      i.source = place_of.at(resolve(*graph_, node.inputs[0]));
      i.normal = a[0] == ops::Noise::normal;
      i.stream = static_cast<std::uint32_t>(a[1]);
      i.first_column = static_cast<std::uint32_t>(a[2]);
      i.rows_of_keys = node.shape[-2];
    } else if (node.op == &ops::op<ops::Cast>()) {
      const int in = node.inputs[0];
      i.kind = graph_->node(in).dtype == DType::u8 ? Instruction::from_u8 : Instruction::from_i32;
      i.source = place_of.at(resolve(*graph_, in));
    } else {
      const bool copies = node.op == &ops::op<ops::BroadcastTo>();
      i.kind = copies ? Instruction::copy : Instruction::pointwise;
      i.table = copies ? 0 : ops::pointwise_index(*node.op);
      i.arity = static_cast<int>(node.inputs.size());
      for (int k = 0; k < i.arity; ++k)
        i.in[k] = operand(node.inputs[static_cast<std::size_t>(k)], split, place_of);
    }
    i.out = value_of_[id] = new_value(value);
    body_.push_back(i);
  }

  int in_memory_of_a_tile(int v) {
    if (values_[static_cast<std::size_t>(v)].kind != Value::scalar) return v;
    Instruction i{.kind = Instruction::copy, .out = new_value({}), .in = {v, -1, -1}, .arity = 1};
    body_.push_back(i);
    return i.out;
  }

  // Buffers by last use; what the prologue makes is kept.
  void assign_buffers() {
    std::vector<int> last(values_.size(), -1);
    for (std::size_t k = 0; k < body_.size(); ++k)
      for (int a = 0; a < body_[k].arity; ++a)
        last[static_cast<std::size_t>(body_[k].in[a])] = static_cast<int>(k);
    for (const Instruction& i : prologue_)
      values_[static_cast<std::size_t>(i.out)].slot = buffers_++;
    std::vector<int> free;
    for (std::size_t k = 0; k < body_.size(); ++k) {
      const Instruction& i = body_[k];
      const auto release = [&](int v) {
        const Value& value = values_[static_cast<std::size_t>(v)];
        const bool pinned = std::any_of(prologue_.begin(), prologue_.end(),
                                        [&](const Instruction& p) { return p.out == v; });
        if (value.kind == Value::buffer && !pinned &&
            last[static_cast<std::size_t>(v)] == static_cast<int>(k) &&
            std::find(free.begin(), free.end(), value.slot) == free.end())
          free.push_back(value.slot);
      };
      // An input that ends here may be written over: kernels read an element before they write it.
      for (int a = 0; a < i.arity; ++a) release(i.in[a]);
      if (i.out >= 0 && values_[static_cast<std::size_t>(i.out)].kind == Value::buffer) {
        int& slot = values_[static_cast<std::size_t>(i.out)].slot;
        if (free.empty())
          slot = buffers_++;
        else
          slot = free.back(), free.pop_back();
        if (last[static_cast<std::size_t>(i.out)] < 0) free.push_back(slot);  // nobody reads it
      }
    }
  }

  // --- running ----------------------------------------------------------------------------------

  bool is_scalar(int v) const noexcept {
    return values_[static_cast<std::size_t>(v)].kind == Value::scalar;
  }

  // Reductions over several tiles begin with their neutral element.
  void start(const Frame& frame, const Instruction& i) const noexcept {
    const T lowest = -std::numeric_limits<T>::infinity();
    if (i.kind == Instruction::add_columns)
      std::fill_n(frame.at<T>(i.target), columns_, T(0));
    else if (i.kind == Instruction::max_columns)
      std::fill_n(frame.at<T>(i.target), columns_, lowest);
  }

  void load(const Frame& frame, const Instruction& i, T* const* pointers, std::int64_t r,
            std::int64_t n_rows, std::int64_t c, std::int64_t n_columns) const noexcept {
    T* out = pointers[i.out];
    const T* source = frame.at<T>(i.source);
    for (std::int64_t k = 0; k < n_rows; ++k, out += n_columns) {
      const T* from = source + i.rows.offset(r + k);
      if (i.kind == Instruction::repeat_rows)
        std::memcpy(out, from + c, static_cast<std::size_t>(n_columns) * sizeof(T));
      else
        std::fill_n(out, n_columns, *from);
    }
  }

  void make_noise(const Frame& frame, const Instruction& i, T* out, std::int64_t r,
                  std::int64_t n_rows, std::int64_t c, std::int64_t n_columns) const noexcept {
    const auto* keys = frame.at<std::uint64_t>(i.source);
    while (n_rows > 0) {  // a piece for each draw that the tile touches
      const std::int64_t draw = r / i.rows_of_keys, row = r % i.rows_of_keys;
      const std::int64_t n = std::min(n_rows, i.rows_of_keys - row);
      kernels_.noise(out, {.keys = keys + row,
                           .rows = n,
                           .columns = n_columns,
                           .key = philox_key(frame.context.seed, frame.context.pass),
                           .stream = i.stream,
                           .draw = frame.context.first_draw + static_cast<std::uint32_t>(draw),
                           .first_column = i.first_column + static_cast<std::uint32_t>(c),
                           .normal = i.normal});
      out += n * n_columns;
      r += n;
      n_rows -= n;
    }
  }

  // Sums of whole rows at once, or a long row piece by piece through lanes.
  void reduce_rows(const Frame& frame, const Instruction& i, const T* in, std::int64_t r,
                   std::int64_t n_rows, std::int64_t c, std::int64_t n_columns) const noexcept {
    const bool sum = i.kind == Instruction::add_rows;
    T* target = frame.at<T>(i.target) + r;
    if (n_columns == columns_) {
      (sum ? kernels_.add_rows : kernels_.max_rows)(target, in, n_rows, columns_);
      return;
    }
    T* lanes = lanes_of(frame, i);
    if (c == 0) std::fill_n(lanes, kLanes, sum ? T(0) : -std::numeric_limits<T>::infinity());
    (sum ? kernels_.add_lanes : kernels_.max_lanes)(lanes, in, n_columns);
    if (c + n_columns == columns_) *target = (sum ? kernels_.fold_add : kernels_.fold_max)(lanes);
  }

  T* lanes_of(const Frame& frame, const Instruction& i) const noexcept {
    return reinterpret_cast<T*>(frame.scratch) + buffers_ * kTile + i.table * kLanes;
  }

  void execute(const Frame& frame, const Instruction& i, T* const* pointers, std::int64_t r,
               std::int64_t n_rows, std::int64_t c, std::int64_t n_columns) const noexcept {
    const std::int64_t n = n_rows * n_columns;
    switch (i.kind) {
      case Instruction::pointwise: {
        const T* in[kernels::kMaxArity];
        int scalars = 0;
        for (int k = 0; k < i.arity; ++k) {
          in[k] = pointers[i.in[k]];
          scalars |= is_scalar(i.in[k]) << k;
        }
        kernels_.pointwise[i.table << kernels::kMaxArity | scalars](pointers[i.out], in, n);
        return;
      }
      case Instruction::from_u8:
        kernels_.from_u8(pointers[i.out], frame.at<std::uint8_t>(i.source) + r * columns_ + c, n);
        return;
      case Instruction::from_i32:
        kernels_.from_i32(pointers[i.out], frame.at<std::int32_t>(i.source) + r * columns_ + c, n);
        return;
      case Instruction::noise:
        make_noise(frame, i, pointers[i.out], r, n_rows, c, n_columns);
        return;
      case Instruction::repeat_rows:
      case Instruction::fill_rows:
        load(frame, i, pointers, r, n_rows, c, n_columns);
        return;
      case Instruction::copy:
        if (is_scalar(i.in[0]))
          std::fill_n(pointers[i.out], n, *pointers[i.in[0]]);
        else if (pointers[i.out] != pointers[i.in[0]])
          std::memcpy(pointers[i.out], pointers[i.in[0]], static_cast<std::size_t>(n) * sizeof(T));
        return;
      case Instruction::add_rows:
      case Instruction::max_rows:
        reduce_rows(frame, i, pointers[i.in[0]], r, n_rows, c, n_columns);
        return;
      case Instruction::add_columns:
      case Instruction::max_columns:
        (i.kind == Instruction::add_columns ? kernels_.add_columns : kernels_.max_columns)(
            frame.at<T>(i.target) + c, pointers[i.in[0]], n_rows, n_columns);
        return;
    }
  }

  // --- describing -------------------------------------------------------------------------------

  std::string text() const {
    std::string names;
    for (const int id : group_.nodes) {
      const Node& node = graph_->node(id);
      names += fmt::format("{}{}", names.empty() ? "" : " ", node.op->name());
    }
    return fmt::format("tile {} as {}x{}, {} buffers: {}", to_string(group_.shape), rows_, columns_,
                       buffers_, names);
  }

  // Each array from outside is read once, each stored one written once.
  void account(const std::vector<bool>& stored) {
    const Graph& graph = *graph_;
    std::vector<int> seen;
    for (const int id : group_.nodes) {
      const Node& node = graph.node(id);
      cost.flops += node.op->flops(graph, node);
      if (stored[static_cast<std::size_t>(id)] || node.op->op_class() == OpClass::reduction)
        cost.bytes +=
            static_cast<double>(node.shape.size()) * static_cast<double>(size_of(node.dtype));
      for (const int input : node.inputs) {
        const int source = resolve(graph, input);
        if (std::binary_search(group_.nodes.begin(), group_.nodes.end(), source) ||
            std::find(seen.begin(), seen.end(), source) != seen.end())
          continue;
        seen.push_back(source);
        const Node& read = graph.node(source);
        cost.bytes +=
            static_cast<double>(read.shape.size()) * static_cast<double>(size_of(read.dtype));
      }
    }
  }

  const kernels::TileKernels<T>& kernels_;
  const Graph* graph_;
  Group group_;
  std::int64_t rows_ = 1, columns_ = 1, tile_rows_ = 1, tile_columns_ = 1;
  std::vector<Value> values_;
  std::map<int, int> value_of_;  // node -> value
  std::vector<Instruction> prologue_, body_;
  int buffers_ = 0, row_reductions_ = 0;
  std::string describe_;
};

}  // namespace

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

std::unique_ptr<Step> make_tile_program(const Graph& graph, const Group& group,
                                        const std::map<int, Place>& place_of,
                                        const std::vector<bool>& stored, kernels::Level level) {
  if (graph.real() == DType::f32)
    return std::make_unique<TileProgram<float>>(graph, group, place_of, stored, level);
  return std::make_unique<TileProgram<double>>(graph, group, place_of, stored, level);
}

}  // namespace diabolo::plan
