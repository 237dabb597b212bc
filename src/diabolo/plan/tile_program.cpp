#include <diabolo/base/error.h>
#include <diabolo/base/random.h>
#include <diabolo/graph/op.h>
#include <diabolo/plan/tile_compiler.h>
#include <diabolo/plan/tile_program.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace diabolo::plan {
namespace {

using kernels::kLanes;
using kernels::kTile;

template <class T>
class TileProgram final : public Step {
 public:
  TileProgram(TileCode code, std::string text, const Cost& its_cost, kernels::Level level)
      : kernels_(kernels::tile_kernels_of<T>(level)),
        code_(std::move(code)),
        text_(std::move(text)) {
    cost = its_cost;
  }

  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(code_.buffers * kTile + code_.row_reductions * kLanes) *
           sizeof(T);
  }

  std::string describe() const override { return text_; }

  void run(const Frame& frame) const noexcept override {
    T* memory = reinterpret_cast<T*>(frame.scratch);
    T* pointers[kMaxTileValues];
    for (std::size_t v = 0; v < code_.values.size(); ++v)
      if (code_.values[v].kind == TileValue::buffer)
        pointers[v] = memory + code_.values[v].slot * kTile;
    for (const TileInstruction& i : code_.body) start(frame, i);
    for (const TileInstruction& i : code_.prologue)
      load(frame, i, pointers, 0, code_.tile_rows, 0, code_.tile_columns);
    for (std::int64_t r = 0; r < code_.rows; r += code_.tile_rows) {
      const std::int64_t n_rows = std::min(code_.tile_rows, code_.rows - r);
      for (std::int64_t c = 0; c < code_.columns; c += code_.tile_columns) {
        const std::int64_t n_columns = std::min(code_.tile_columns, code_.columns - c);
        for (std::size_t v = 0; v < code_.values.size(); ++v) {
          const TileValue& value = code_.values[v];
          if (value.kind == TileValue::dense)
            pointers[v] = frame.at<T>(value.place) + r * code_.columns + c;
          else if (value.kind == TileValue::row)
            pointers[v] = frame.at<T>(value.place) + value.rows.offset(r) + c;
          else if (value.kind == TileValue::scalar)
            pointers[v] = frame.at<T>(value.place) + value.rows.offset(r);
        }
        for (const TileInstruction& i : code_.body)
          execute(frame, i, pointers, r, n_rows, c, n_columns);
      }
    }
  }

 private:
  bool is_scalar(int v) const noexcept {
    return code_.values[static_cast<std::size_t>(v)].kind == TileValue::scalar;
  }

  // Reductions over several tiles begin with their neutral element.
  void start(const Frame& frame, const TileInstruction& i) const noexcept {
    const T lowest = -std::numeric_limits<T>::infinity();
    if (i.kind == TileInstruction::add_columns)
      std::fill_n(frame.at<T>(i.target), code_.columns, T(0));
    else if (i.kind == TileInstruction::max_columns)
      std::fill_n(frame.at<T>(i.target), code_.columns, lowest);
  }

  // One row to all, by copies of twice the length each: rows may be as short as a number.
  static void repeat(T* out, const T* row, std::int64_t rows, std::int64_t columns) noexcept {
    const std::int64_t all = rows * columns;
    std::memcpy(out, row, static_cast<std::size_t>(columns) * sizeof(T));
    for (std::int64_t done = columns; done < all; done *= 2)
      std::memcpy(out + done, out,
                  static_cast<std::size_t>(std::min(done, all - done)) * sizeof(T));
  }

  void load(const Frame& frame, const TileInstruction& i, T* const* pointers, std::int64_t r,
            std::int64_t n_rows, std::int64_t c, std::int64_t n_columns) const noexcept {
    T* out = pointers[i.out];
    const T* source = frame.at<T>(i.source);
    if (i.kind == TileInstruction::repeat_rows && i.rows.uniform && i.rows.stride == 0) {
      repeat(out, source + c, n_rows, n_columns);
      return;
    }
    if (i.kind == TileInstruction::fill_rows && i.rows.uniform) {
      kernels_.spread(out, source + r * i.rows.stride, i.rows.stride, n_rows, n_columns);
      return;
    }
    for (std::int64_t k = 0; k < n_rows; ++k, out += n_columns) {
      const T* from = source + i.rows.offset(r + k);
      if (i.kind == TileInstruction::repeat_rows)
        std::memcpy(out, from + c, static_cast<std::size_t>(n_columns) * sizeof(T));
      else
        std::fill_n(out, n_columns, *from);
    }
  }

  void make_noise(const Frame& frame, const TileInstruction& i, T* out, std::int64_t r,
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
  void reduce_rows(const Frame& frame, const TileInstruction& i, const T* in, std::int64_t r,
                   std::int64_t n_rows, std::int64_t c, std::int64_t n_columns) const noexcept {
    const bool sum = i.kind == TileInstruction::add_rows;
    T* target = frame.at<T>(i.target) + r;
    if (n_columns == code_.columns) {
      (sum ? kernels_.add_rows : kernels_.max_rows)(target, in, n_rows, code_.columns);
      return;
    }
    T* lanes = lanes_of(frame, i);
    if (c == 0) std::fill_n(lanes, kLanes, sum ? T(0) : -std::numeric_limits<T>::infinity());
    (sum ? kernels_.add_lanes : kernels_.max_lanes)(lanes, in, n_columns);
    if (c + n_columns == code_.columns)
      *target = (sum ? kernels_.fold_add : kernels_.fold_max)(lanes);
  }

  T* lanes_of(const Frame& frame, const TileInstruction& i) const noexcept {
    return reinterpret_cast<T*>(frame.scratch) + code_.buffers * kTile + i.table * kLanes;
  }

  void execute(const Frame& frame, const TileInstruction& i, T* const* pointers, std::int64_t r,
               std::int64_t n_rows, std::int64_t c, std::int64_t n_columns) const noexcept {
    const std::int64_t n = n_rows * n_columns;
    switch (i.kind) {
      case TileInstruction::pointwise: {
        const T* in[kernels::kMaxArity];
        int scalars = 0;
        for (int k = 0; k < i.arity; ++k) {
          in[k] = pointers[i.in[k]];
          scalars |= is_scalar(i.in[k]) << k;
        }
        kernels_.pointwise[i.table << kernels::kMaxArity | scalars](pointers[i.out], in, n);
        return;
      }
      case TileInstruction::from_u8:
        kernels_.from_u8(pointers[i.out], frame.at<std::uint8_t>(i.source) + r * code_.columns + c,
                         n);
        return;
      case TileInstruction::from_i32:
        kernels_.from_i32(pointers[i.out], frame.at<std::int32_t>(i.source) + r * code_.columns + c,
                          n);
        return;
      case TileInstruction::noise:
        make_noise(frame, i, pointers[i.out], r, n_rows, c, n_columns);
        return;
      case TileInstruction::repeat_rows:
      case TileInstruction::fill_rows:
        load(frame, i, pointers, r, n_rows, c, n_columns);
        return;
      case TileInstruction::copy:
        if (is_scalar(i.in[0]))
          std::fill_n(pointers[i.out], n, *pointers[i.in[0]]);
        else if (pointers[i.out] != pointers[i.in[0]])
          std::memcpy(pointers[i.out], pointers[i.in[0]], static_cast<std::size_t>(n) * sizeof(T));
        return;
      case TileInstruction::add_rows:
      case TileInstruction::max_rows:
        reduce_rows(frame, i, pointers[i.in[0]], r, n_rows, c, n_columns);
        return;
      case TileInstruction::add_columns:
      case TileInstruction::max_columns:
        (i.kind == TileInstruction::add_columns ? kernels_.add_columns : kernels_.max_columns)(
            frame.at<T>(i.target) + c, pointers[i.in[0]], n_rows, n_columns);
        return;
    }
  }

  const kernels::TileKernels<T>& kernels_;
  TileCode code_;
  std::string text_;
};

std::string text_of(const Graph& graph, const Group& group, const TileCode& code) {
  std::string names;
  for (const int id : group.nodes)
    names += fmt::format("{}{}", names.empty() ? "" : " ", graph.node(id).op->name());
  return fmt::format("tile {} as {}x{}, {} buffers: {}", group.shape, code.rows, code.columns,
                     code.buffers, names);
}

double bytes_of(const Node& node) {
  return static_cast<double>(node.shape.size()) * static_cast<double>(size_of(node.dtype));
}

// Each array from outside is read once, each stored one written once.
Cost cost_of(const Graph& graph, const Group& group, const std::vector<bool>& stored) {
  Cost cost;
  std::vector<int> seen;
  for (const int id : group.nodes) {
    const Node& node = graph.node(id);
    cost.flops += node.op->flops(graph, node);
    if (stored[static_cast<std::size_t>(id)]) cost.bytes += bytes_of(node);
    for (const int input : node.inputs) {
      const int source = resolve(graph, input);
      if (std::binary_search(group.nodes.begin(), group.nodes.end(), source) ||
          std::find(seen.begin(), seen.end(), source) != seen.end())
        continue;
      seen.push_back(source);
      cost.bytes += bytes_of(graph.node(source));
    }
  }
  return cost;
}

}  // namespace

std::unique_ptr<Step> make_tile_program(const Graph& graph, const Group& group,
                                        const std::map<int, Place>& place_of,
                                        const std::vector<bool>& stored, kernels::Level level) {
  TileCode code = compile_tiles(graph, group, place_of, stored);
  std::string text = text_of(graph, group, code);
  const Cost cost = cost_of(graph, group, stored);
  if (graph.real() == DType::f32)
    return std::make_unique<TileProgram<float>>(std::move(code), std::move(text), cost, level);
  return std::make_unique<TileProgram<double>>(std::move(code), std::move(text), cost, level);
}

}  // namespace diabolo::plan
