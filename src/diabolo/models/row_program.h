// A graph over the rows of a batch, run over any number of rows: plans for a few batch sizes
// (powers of two up to kChunk) are compiled at need and kept, workspaces are pooled, chunks are
// spread over threads. What every consumer of a model that is not training goes through.
#pragma once

#include <diabolo/base/function_ref.h>
#include <diabolo/base/parallel.h>
#include <diabolo/plan/plan.h>
#include <diabolo/tensor/tensor.h>

#include <functional>
#include <memory>
#include <mutex>

namespace diabolo {

class RowProgram {
 public:
  static constexpr std::int64_t kChunk = 256;
  /// Memory of a plan for more than one row: chunks of wide rows are smaller, and stay in cache.
  static constexpr std::size_t kMostBytes = std::size_t{4} << 20;

  /// Builds the graph for `rows` rows. Batched inputs and outputs have the rows on axis 0, but for
  /// outputs [K, B]. Each output has a slot of its own.
  using Build = std::function<std::vector<Output>(Graph& graph, std::int64_t rows)>;

  /// One chunk at work: memory for every slot, named as in the graph.
  class Chunk {
   public:
    std::int64_t first = 0, rows = 0;  // of the whole
    std::int64_t capacity = 0;         // rows of the plan; those beyond `rows` repeat the last
    /// The memory of an input or output; empty if the plan has no such slot.
    Tensor* find(std::string_view slot);
    template <class T>
    std::span<T> get(std::string_view slot) {
      Tensor* tensor = find(slot);
      return tensor ? tensor->as<T>() : std::span<T>();
    }

   private:
    friend class RowProgram;
    Workspace workspace_;
    std::vector<std::pair<std::string, Tensor>> memory_;
    std::size_t inputs_ = 0;  // the first so many of memory_ are batched inputs
  };

  RowProgram(Build build, const PlanOptions& options);
  ~RowProgram();

  /// For each chunk of `rows` rows: fill(chunk) writes the inputs of chunk.rows rows, the plan
  /// runs, take(chunk) reads the outputs. Chunks run on the threads of `pool` (in the caller if
  /// null), so fill and take must touch only what belongs to their rows; an exception of theirs is
  /// passed on. `parameters` and `state` are the model's flat arrays.
  void run(std::int64_t rows, const float* parameters, const float* state,
           const RunContext& context, ThreadPool* pool, FunctionRef<void(Chunk&)> fill,
           FunctionRef<void(Chunk&)> take) const;

 private:
  struct Bucket;
  Bucket& bucket(std::int64_t rows) const;
  Bucket& bucket_of(std::uint64_t size) const;
  std::unique_ptr<Chunk> acquire(Bucket& bucket) const;

  Build build_;
  PlanOptions options_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Bucket>> buckets_;  // by log2 of the size
  mutable std::int64_t most_rows_ = kChunk;
};

}  // namespace diabolo
