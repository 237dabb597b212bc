#include <diabolo/models/row_program.h>
#include <diabolo/ops/ops.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>
#include <optional>

namespace diabolo {

struct RowProgram::Bucket {
  struct SlotInfo {
    std::string name;
    DType dtype;
    Shape shape;
  };
  std::int64_t rows = 0;
  std::optional<Plan> plan;
  std::vector<SlotInfo> slots;  // batched inputs first
  std::size_t inputs = 0;
  std::vector<std::unique_ptr<Chunk>> free;
};

RowProgram::RowProgram(Build build, const PlanOptions& options)
    : build_(std::move(build)),
      options_(options),
      buckets_(static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(kChunk)))) {}

RowProgram::~RowProgram() = default;

Tensor* RowProgram::Chunk::find(std::string_view slot) {
  for (auto& [name, tensor] : memory_)
    if (name == slot) return &tensor;
  return nullptr;
}

RowProgram::Bucket& RowProgram::bucket(std::int64_t rows) const {
  while (true) {
    const std::int64_t size = std::min(rows, most_rows_);
    Bucket& found = bucket_of(std::bit_ceil(static_cast<std::uint64_t>(size)));
    if (found.rows == 1 || found.plan->arena_bytes() <= kMostBytes) return found;
    most_rows_ = found.rows / 2;  // it never had a chunk
  }
}

RowProgram::Bucket& RowProgram::bucket_of(std::uint64_t size) const {
  auto& bucket = buckets_[static_cast<std::size_t>(std::bit_width(size) - 1)];
  if (bucket) return *bucket;
  auto fresh = std::make_unique<Bucket>();
  fresh->rows = static_cast<std::int64_t>(size);
  Graph graph;
  const std::vector<Output> outputs = build_(graph, fresh->rows);
  fresh->plan.emplace(graph, outputs, options_);
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op == &ops::op<ops::Input>() && fresh->plan->slot(node.attributes.text) >= 0)
      fresh->slots.push_back({node.attributes.text, node.dtype, node.shape});
  }
  fresh->inputs = fresh->slots.size();
  for (const Output& output : outputs)
    fresh->slots.push_back({output.slot, output.value.dtype(), output.value.shape()});
  bucket = std::move(fresh);
  return *bucket;
}

std::unique_ptr<RowProgram::Chunk> RowProgram::acquire(Bucket& bucket) const {
  std::lock_guard lock(mutex_);
  if (!bucket.free.empty()) {
    auto chunk = std::move(bucket.free.back());
    bucket.free.pop_back();
    return chunk;
  }
  auto chunk = std::make_unique<Chunk>();
  chunk->capacity = bucket.rows;
  chunk->workspace_ = bucket.plan->make_workspace();
  chunk->inputs_ = bucket.inputs;
  for (const auto& slot : bucket.slots) {
    chunk->memory_.emplace_back(slot.name, Tensor(slot.dtype, slot.shape));
    chunk->workspace_.bind(bucket.plan->slot(slot.name), chunk->memory_.back().second.data());
  }
  // As many places in the list of free chunks as there are chunks: giving one back allocates
  // nothing.
  bucket.free.reserve(bucket.free.capacity() + 1);
  return chunk;
}

void RowProgram::run(std::int64_t rows, const float* parameters, const float* state,
                     const RunContext& context, ThreadPool* pool, FunctionRef<void(Chunk&)> fill,
                     FunctionRef<void(Chunk&)> take) const {
  if (rows <= 0) return;
  Bucket* bucket = nullptr;
  {
    std::lock_guard lock(mutex_);
    bucket = &this->bucket(rows);
  }
  const Plan& plan = *bucket->plan;
  std::exception_ptr error;
  std::mutex error_mutex;

  const auto work = [&](int index) {
    std::unique_ptr<Chunk> chunk;
    try {
      chunk = acquire(*bucket);
      chunk->first = index * bucket->rows;
      chunk->rows = std::min(bucket->rows, rows - chunk->first);
      fill(*chunk);
      for (std::size_t i = 0; i < chunk->inputs_; ++i) {  // padding is valid data
        Tensor& tensor = chunk->memory_[i].second;
        const std::size_t row = tensor.bytes() / static_cast<std::size_t>(chunk->capacity);
        const std::byte* last = tensor.data() + static_cast<std::size_t>(chunk->rows - 1) * row;
        for (std::int64_t r = chunk->rows; r < chunk->capacity; ++r)
          std::memcpy(tensor.data() + static_cast<std::size_t>(r) * row, last, row);
      }
      if (const int slot = plan.slot("parameters"); slot >= 0)
        chunk->workspace_.bind(slot, parameters);
      if (const int slot = plan.slot("state"); slot >= 0) chunk->workspace_.bind(slot, state);
      plan.run(chunk->workspace_, context);
      take(*chunk);
    } catch (...) {
      std::lock_guard lock(error_mutex);
      if (!error) error = std::current_exception();
    }
    if (chunk) {
      std::lock_guard lock(mutex_);
      bucket->free.push_back(std::move(chunk));
    }
  };
  const int chunks = static_cast<int>((rows + bucket->rows - 1) / bucket->rows);
  if (pool && chunks > 1) {
    pool->run(chunks, work);
  } else {
    for (int i = 0; i < chunks; ++i) work(i);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace diabolo
