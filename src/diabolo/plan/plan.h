// A graph made ready to run: a list of steps over one arena. Compiled once, run many times; run()
// takes no lock, throws nothing and allocates nothing, but for what oneDNN does in mode fast. It
// says when.
//
// The passes: constant folding, algebra, common subexpressions (rewrite.h), fusion into tile
// programs and of what follows products into them (fusion.h), liveness and one arena (memory.h).
#pragma once

#include <diabolo/graph/graph.h>
#include <diabolo/kernels/level.h>
#include <diabolo/plan/step.h>
#include <diabolo/tensor/buffer.h>

#include <span>
#include <string_view>

namespace diabolo {

using plan::RunContext;

/// A value that a run writes: to the memory bound to `slot`, `offset` elements from its start.
/// Several outputs may share a slot, as the gradients of all parameters do.
struct Output {
  Var value;
  std::string slot;
  std::int64_t offset = 0;
};

struct PlanOptions {
  kernels::Mode mode = kernels::Mode::fast;
  /// bf16: large products round what they read to bfloat16, and read parameters from the slot
  /// "parameters_bf16", which holds all of them rounded (kernels/bf16.h).
  kernels::Precision precision = kernels::Precision::f32;
  kernels::Level level = kernels::best_level();
  /// Off: a step per node; for tests and for finding faults. In mode reproducible with the same
  /// bits.
  bool fuse = true;
  /// Noise nodes become inputs bound by their names.
  bool bind_noise = false;
};

/// The memory of one run at a time: arena, scratch and the addresses bound to slots.
class Workspace {
 public:
  /// Binds memory to a slot (Plan::slot); it must stay valid through the next run and hold
  /// Plan::slot_bytes. Inputs are only read.
  void bind(int slot, const void* memory) noexcept {
    bases_[static_cast<std::size_t>(slot)] =
        const_cast<std::byte*>(static_cast<const std::byte*>(memory));
  }
  /// Seconds spent in each step so far; filled only once profiling is on.
  const std::vector<double>& step_seconds() const { return step_seconds_; }
  void set_profiling(bool on) { profiling_ = on; }
  std::int64_t runs() const { return runs_; }

 private:
  friend class Plan;
  Buffer arena_;
  std::vector<std::byte*> bases_;
  std::vector<double> step_seconds_;
  std::int64_t runs_ = 0;
  bool profiling_ = false;
};

class Plan {
 public:
  /// Slots: every input's name, "parameters", "state", and the slots of `outputs`.
  /// Throws `invalid_argument` if two inputs share a name, `unsupported` if there is no kernel.
  Plan(const Graph& graph, std::span<const Output> outputs, const PlanOptions& options = {});
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;
  ~Plan();

  /// The number of a slot, for Workspace::bind; -1 if the plan does not read it.
  int slot(std::string_view name) const;
  std::size_t slot_bytes(int slot) const;

  Workspace make_workspace() const;
  /// Runs all steps. Every slot must be bound. Safe from several threads with their own workspaces.
  void run(Workspace& workspace, const RunContext& context = {}) const noexcept;

  int steps() const;
  /// Arrays and scratch of a workspace.
  std::size_t arena_bytes() const;
  /// Of these the arrays: what one step leaves for another. The same with every kernel and level.
  std::size_t array_bytes() const;
  plan::Cost cost() const;
  /// The steps with shapes, FLOPs and bytes; with a workspace that was profiled, also time and the
  /// rates achieved.
  std::string describe(const Workspace* profiled = nullptr) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace diabolo
