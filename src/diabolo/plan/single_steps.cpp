#include <diabolo/base/error.h>
#include <diabolo/ops/ops.h>
#include <diabolo/plan/single_steps.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace diabolo::plan {
namespace {

// A step that is one function of its places; the function is chosen once, for the element type.
class FunctionStep final : public Step {
 public:
  using Function = std::function<void(const Frame&)>;
  FunctionStep(std::string text, double bytes, Function function)
      : text_(std::move(text)), function_(std::move(function)) {
    cost.bytes = bytes;
  }
  void run(const Frame& frame) const noexcept override { function_(frame); }
  std::string describe() const override { return text_; }

 private:
  std::string text_;
  Function function_;
};

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()), 1);
  for (int i = shape.rank() - 2; i >= 0; --i)
    strides[static_cast<std::size_t>(i)] = strides[static_cast<std::size_t>(i + 1)] * shape[i + 1];
  return strides;
}

// Walks `dims` in row-major order with a position that moves by `strides`; f(position).
template <class F>
void walk(const Shape& dims, const std::vector<std::int64_t>& strides, F&& f) {
  std::int64_t index[kMaxRank] = {};
  std::int64_t at = 0;
  const std::int64_t count = dims.size();
  for (std::int64_t n = 0; n < count; ++n) {
    f(at);
    for (int i = dims.rank() - 1; i >= 0; --i) {
      const auto k = static_cast<std::size_t>(i);
      at += strides[k];
      if (++index[i] < dims[i]) break;
      at -= strides[k] * dims[i];
      index[i] = 0;
    }
  }
}

template <std::size_t Bytes>
struct Word {
  std::byte data[Bytes];
};

// transpose, broadcast_to: out walks in order, in by strides.
template <class Element>
FunctionStep::Function strided_copy(const Shape& shape, const std::vector<std::int64_t>& strides,
                                    Place in, Place out) {
  return [=](const Frame& frame) {
    const Element* from = frame.at<Element>(in);
    Element* to = frame.at<Element>(out);
    walk(shape, strides, [&](std::int64_t at) { *to++ = from[at]; });
  };
}

FunctionStep::Function strided_copy(DType dtype, const Shape& shape,
                                    const std::vector<std::int64_t>& strides, Place in, Place out) {
  switch (size_of(dtype)) {
    case 1:
      return strided_copy<Word<1>>(shape, strides, in, out);
    case 4:
      return strided_copy<Word<4>>(shape, strides, in, out);
    default:
      return strided_copy<Word<8>>(shape, strides, in, out);
  }
}

// Bytes of the dimensions after `axis`, and the number of pieces before it.
struct Blocks {
  std::int64_t outer = 1, inner_bytes = 1;
  Blocks(const Node& node, int axis) : inner_bytes(static_cast<std::int64_t>(size_of(node.dtype))) {
    for (int i = 0; i < axis; ++i) outer *= node.shape[i];
    for (int i = axis + 1; i < node.shape.rank(); ++i) inner_bytes *= node.shape[i];
  }
};

// A piece of `length` bytes out of every `from_step` bytes, laid down every `to_step` bytes.
FunctionStep::Function block_copy(std::int64_t count, std::int64_t length, Place in,
                                  std::int64_t from_step, Place out, std::int64_t to_step) {
  return [=](const Frame& frame) {
    const auto* from = frame.at<std::byte>(in);
    auto* to = frame.at<std::byte>(out);
    for (std::int64_t i = 0; i < count; ++i)
      std::memcpy(to + i * to_step, from + i * from_step, static_cast<std::size_t>(length));
  };
}

// Reductions that are neither of rows nor of columns: in the order of the elements.
template <class T>
FunctionStep::Function general_reduce(const Shape& shape, const Node& node, Place in, Place out) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()), 0);
  std::int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    const auto& axes = node.attributes.ints;
    if (std::find(axes.begin(), axes.end(), i) != axes.end()) continue;
    strides[static_cast<std::size_t>(i)] = stride;
    stride *= shape[i];
  }
  const bool sum = node.op == &ops::op<ops::Sum>();
  const std::int64_t size = node.shape.size();
  return [=](const Frame& frame) {
    const T* from = frame.at<T>(in);
    T* to = frame.at<T>(out);
    std::fill_n(to, size, sum ? T(0) : -std::numeric_limits<T>::infinity());
    walk(shape, strides, [&](std::int64_t at) {
      to[at] = sum ? to[at] + *from : math::max(to[at], *from);
      ++from;
    });
  };
}

// An index outside the table would be a fault of the caller's data: it reads and writes nothing.
FunctionStep::Function gather(const Shape& table, std::int64_t rows, DType dtype, Place in,
                              Place index, Place out) {
  const std::int64_t bytes = table[1] * static_cast<std::int64_t>(size_of(dtype));
  const std::int64_t limit = table[0];
  return [=](const Frame& frame) {
    const auto* from = frame.at<std::byte>(in);
    const auto* at = frame.at<std::int32_t>(index);
    auto* to = frame.at<std::byte>(out);
    for (std::int64_t i = 0; i < rows; ++i, to += bytes) {
      if (at[i] >= 0 && at[i] < limit)
        std::memcpy(to, from + at[i] * bytes, static_cast<std::size_t>(bytes));
      else
        std::memset(to, 0, static_cast<std::size_t>(bytes));
    }
  };
}

template <class T>
FunctionStep::Function scatter_add(const Shape& target, std::int64_t rows, Place index, Place in,
                                   Place out) {
  return [=](const Frame& frame) {
    const auto* at = frame.at<std::int32_t>(index);
    const T* from = frame.at<T>(in);
    T* to = frame.at<T>(out);
    std::fill_n(to, target.size(), T(0));
    for (std::int64_t i = 0; i < rows; ++i, from += target[1])
      if (at[i] >= 0 && at[i] < target[0])
        for (std::int64_t c = 0; c < target[1]; ++c) to[at[i] * target[1] + c] += from[c];
  };
}

template <class T>
FunctionStep::Function argmin(std::int64_t rows, std::int64_t columns, Place in, Place out) {
  return [=](const Frame& frame) {
    const T* from = frame.at<T>(in);
    auto* to = frame.at<std::int32_t>(out);
    for (std::int64_t r = 0; r < rows; ++r, from += columns) {
      std::int64_t best = 0;
      for (std::int64_t c = 0; c < columns && from[best] == from[best]; ++c)
        if (from[c] < from[best] || from[c] != from[c]) best = c;
      to[r] = static_cast<std::int32_t>(best);
    }
  };
}

}  // namespace

std::unique_ptr<Step> make_single_step(const Graph& graph, int id,
                                       const std::map<int, Place>& place_of) {
  const Node& node = graph.node(id);
  const Node& first = graph.node(node.inputs[0]);
  const bool is_f32 = graph.real() == DType::f32;
  const Place out = place_of.at(id);
  const auto place = [&](std::size_t i) { return place_of.at(resolve(graph, node.inputs[i])); };
  double bytes = static_cast<double>(node.shape.size()) * static_cast<double>(size_of(node.dtype));
  for (const int input : node.inputs)
    bytes += static_cast<double>(graph.node(input).shape.size()) *
             static_cast<double>(size_of(graph.node(input).dtype));

  FunctionStep::Function function;
  if (node.op == &ops::op<ops::Transpose>()) {
    const auto strides = strides_of(first.shape);
    std::vector<std::int64_t> order;
    for (const std::int64_t i : node.attributes.ints)
      order.push_back(strides[static_cast<std::size_t>(i)]);
    function = strided_copy(node.dtype, node.shape, order, place(0), out);
  } else if (node.op == &ops::op<ops::BroadcastTo>()) {
    auto strides = strides_of(first.shape);
    for (int i = 0; i < first.shape.rank(); ++i)
      if (first.shape[i] == 1) strides[static_cast<std::size_t>(i)] = 0;
    strides.insert(strides.begin(),
                   static_cast<std::size_t>(node.shape.rank() - first.shape.rank()), 0);
    function = strided_copy(node.dtype, node.shape, strides, place(0), out);
  } else if (node.op == &ops::op<ops::Slice>()) {
    const auto axis = static_cast<int>(node.attributes.ints[0]);
    const Blocks blocks(node, axis);
    Place from = place(0);
    from.offset += node.attributes.ints[1] * blocks.inner_bytes;
    const std::int64_t length = node.shape[axis] * blocks.inner_bytes;
    function =
        block_copy(blocks.outer, length, from, first.shape[axis] * blocks.inner_bytes, out, length);
  } else if (node.op == &ops::op<ops::Concat>()) {
    const auto axis = static_cast<int>(node.attributes.ints[0]);
    const Blocks blocks(node, axis);
    std::vector<FunctionStep::Function> parts;
    Place to = out;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const std::int64_t length = graph.node(node.inputs[i]).shape[axis] * blocks.inner_bytes;
      parts.push_back(block_copy(blocks.outer, length, place(i), length, to,
                                 node.shape[axis] * blocks.inner_bytes));
      to.offset += length;
    }
    function = [parts](const Frame& frame) {
      for (const auto& part : parts) part(frame);
    };
  } else if (node.op->op_class() == OpClass::reduction) {
    function = is_f32 ? general_reduce<float>(first.shape, node, place(0), out)
                      : general_reduce<double>(first.shape, node, place(0), out);
  } else if (node.op == &ops::op<ops::Gather>()) {
    function = gather(first.shape, node.shape[0], node.dtype, place(0), place(1), out);
  } else if (node.op == &ops::op<ops::ScatterAdd>()) {
    function = is_f32 ? scatter_add<float>(node.shape, first.shape[0], place(0), place(1), out)
                      : scatter_add<double>(node.shape, first.shape[0], place(0), place(1), out);
  } else if (node.op == &ops::op<ops::Argmin>()) {
    const std::int64_t columns = first.shape[-1], rows = first.shape.size() / columns;
    function = is_f32 ? argmin<float>(rows, columns, place(0), out)
                      : argmin<double>(rows, columns, place(0), out);
  } else {
    fail(ErrorCode::unsupported, "plan", "expected an op that has a kernel, got {}",
         node.op->name());
  }
  return std::make_unique<FunctionStep>(fmt::format("{} {}", node.op->name(), node.shape), bytes,
                                        std::move(function));
}

}  // namespace diabolo::plan
