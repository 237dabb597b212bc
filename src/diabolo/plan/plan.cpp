#include <diabolo/base/error.h>
#include <diabolo/ops/ops.h>
#include <diabolo/plan/memory.h>
#include <diabolo/plan/plan.h>
#include <diabolo/plan/rounding.h>
#include <diabolo/plan/single_steps.h>
#include <diabolo/plan/tile_compiler.h>
#include <diabolo/plan/tile_program.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <set>

namespace diabolo {

using plan::Group;
using plan::Place;
using plan::Program;

struct Plan::Impl {
  std::map<std::string, int, std::less<>> slots;
  std::vector<std::size_t> slot_bytes;  // by slot - kFirstSlot
  Buffer constants;
  std::vector<std::unique_ptr<plan::Step>> steps;
  std::int64_t arena_bytes = 0;  // arrays, then scratch
  std::int64_t scratch_offset = 0;

  int slot(const std::string& name, std::size_t bytes) {
    const auto [place, fresh] =
        slots.try_emplace(name, plan::kFirstSlot + static_cast<int>(slots.size()));
    if (fresh) slot_bytes.push_back(0);
    std::size_t& most = slot_bytes[static_cast<std::size_t>(place->second - plan::kFirstSlot)];
    most = std::max(most, bytes);
    return place->second;
  }
};

namespace {

std::int64_t bytes_of(const Node& node) {
  return node.shape.size() * static_cast<std::int64_t>(size_of(node.dtype));
}

// The caller's graph is left as it is; passes work on copies.
Program copy_of(const Graph& graph, std::span<const Output> outputs, bool bind_noise) {
  Program program{std::shared_ptr<Graph>(const_cast<Graph*>(&graph), [](Graph*) {}), {}};
  for (const Output& output : outputs) program.outputs.push_back(output.value);
  return plan::rewrite(program, [&](Graph& to, const Node& node, std::span<const Var> inputs) {
    if (!bind_noise || node.op != &ops::op<ops::Noise>()) return plan::copy(to, node, inputs);
    return input(to, node.attributes.text, node.dtype, node.shape);
  });
}

Program optimized(Program program) {
  for (int round = 0; round < 2; ++round) {
    program = plan::fold_constants(program);
    program = plan::simplify(program);
    program = plan::common_subexpressions(program);
  }
  return program;
}

// Each output is an array of its own: what is a source, or wanted twice, is copied.
void separate_outputs(Program& program) {
  Graph& graph = *program.graph;
  std::set<int> taken;
  for (Var& output : program.outputs) {
    const int behind = plan::resolve(graph, output.id());
    const Node& node = graph.node(behind);
    const bool source = node.op->op_class() == OpClass::source && node.op != &ops::op<ops::Noise>();
    if (!source && taken.insert(behind).second) continue;
    const Shape shape = output.shape();
    output =
        graph.add(ops::op<ops::BroadcastTo>(), std::span(&output, 1),
                  {.ints = {shape.dims().begin(), shape.dims().end()}, .reals = {}, .text = {}});
    taken.insert(output.id());
  }
}

// Turns groups into steps: decides which arrays exist, where they lie, and builds the kernels.
class Lowering {
 public:
  Lowering(const Program& program, std::span<const Output> outputs, const PlanOptions& options,
           auto& impl)
      : program_(program), graph_(*program.graph), options_(options) {
    groups_ = plan::make_groups(program, options.fuse);
    to_round_ = plan::values_to_round(graph_, groups_, options);
    find_arrays();
    place_sources(impl);
    place_outputs(outputs, impl);
    place_arrays(impl);
    for (std::size_t s = 0; s < groups_.size(); ++s) {
      add_rounding(static_cast<int>(s), impl);
      impl.steps.push_back(step(groups_[s]));
    }
    std::size_t scratch = 0;
    for (const auto& step : impl.steps) scratch = std::max(scratch, step->scratch_bytes());
    impl.arena_bytes = impl.scratch_offset + static_cast<std::int64_t>(scratch);
  }

 private:
  // Arrays: what a step makes and another step, or the caller, reads.
  void find_arrays() {
    const auto n = static_cast<std::size_t>(graph_.size());
    made_by_.assign(n, -1);
    read_last_.assign(n, -1);
    stored_.assign(n, false);
    for (std::size_t s = 0; s < groups_.size(); ++s)
      for (const int id : groups_[s].nodes)
        made_by_[static_cast<std::size_t>(id)] = static_cast<int>(s);
    for (std::size_t s = 0; s < groups_.size(); ++s) {
      const Group& group = groups_[s];
      for (const int id : group.nodes) {
        for (const int input : graph_.node(id).inputs) {
          const auto i = static_cast<std::size_t>(plan::resolve(graph_, input));
          if (made_by_[i] == static_cast<int>(s)) continue;
          read_last_[i] = static_cast<int>(s);
          stored_[i] = true;
        }
        const bool reduction = graph_.node(id).op->op_class() == OpClass::reduction;
        const bool result =
            group.kind == Group::product ? id == group.epilogue.value : group.kind == Group::single;
        if (reduction || result) stored_[static_cast<std::size_t>(id)] = true;
      }
    }
    for (const Var& output : program_.outputs)
      stored_[static_cast<std::size_t>(plan::resolve(graph_, output.id()))] = true;
  }

  void place_sources(auto& impl) {
    std::int64_t constants = 0;
    std::set<std::string> inputs;
    const auto flat = [&](const Node& node, const char* slot) {
      const std::int64_t begin =
          node.attributes.ints[0] * static_cast<std::int64_t>(size_of(node.dtype));
      return Place{impl.slot(slot, static_cast<std::size_t>(begin + bytes_of(node))), begin};
    };
    for (int id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_.node(id);
      if (node.op == &ops::op<ops::Input>()) {
        const std::string& name = node.attributes.text;
        check(inputs.insert(name).second, ErrorCode::invalid_argument, "plan",
              "expected inputs of different names, got '{}' twice", name);
        place_[id] = {impl.slot(name, static_cast<std::size_t>(bytes_of(node))), 0};
      } else if (node.op == &ops::op<ops::Parameter>()) {
        place_[id] = flat(node, "parameters");
        if (to_round_.contains(id)) {
          const std::int64_t begin = place_[id].offset / 2, end = begin + bytes_of(node) / 2;
          rounded_[id] = {impl.slot("parameters_bf16", static_cast<std::size_t>(end)), begin};
        }
      } else if (node.op == &ops::op<ops::State>()) {
        place_[id] = flat(node, "state");
      } else if (node.op == &ops::op<ops::Constant>()) {
        place_[id] = {plan::kConstants, constants};
        constants += (bytes_of(node) + 63) / 64 * 64;
      }
    }
    impl.constants = Buffer(static_cast<std::size_t>(constants));
    for (const auto& [id, place] : place_)
      if (place.base == plan::kConstants)
        fill(graph_.node(id), impl.constants.data() + place.offset);
  }

  static void fill(const Node& node, std::byte* memory) {
    const std::vector<double>& values = node.attributes.reals;
    for (std::int64_t i = 0; i < node.shape.size(); ++i) {
      const double value = values[values.size() == 1 ? 0 : static_cast<std::size_t>(i)];
      if (node.dtype == DType::f32)
        reinterpret_cast<float*>(memory)[i] = static_cast<float>(value);
      else
        reinterpret_cast<double*>(memory)[i] = value;
    }
  }

  void place_outputs(std::span<const Output> outputs, auto& impl) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const int id = plan::resolve(graph_, program_.outputs[i].id());
      const Node& node = graph_.node(id);
      const std::int64_t begin = outputs[i].offset * static_cast<std::int64_t>(size_of(node.dtype));
      place_[id] = {impl.slot(outputs[i].slot, static_cast<std::size_t>(begin + bytes_of(node))),
                    begin};
    }
  }

  void place_arrays(auto& impl) {
    std::vector<std::unique_ptr<plan::Lifetime>> lifetimes;
    std::map<int, plan::Lifetime*> of;  // arrays that are still their own
    std::vector<std::pair<int, plan::Lifetime*>> homes;
    for (std::size_t s = 0; s < groups_.size(); ++s) {
      const int now = static_cast<int>(s);
      const auto reads = groups_[s].kind == Group::tile ? plan::dense_reads(graph_, groups_[s])
                                                        : std::map<int, int>{};
      for (const int id : groups_[s].nodes) {
        if (!stored_[static_cast<std::size_t>(id)]) continue;
        if (place_.contains(id)) {
          ensure(groups_[s].epilogue.old < 0 || id != groups_[s].epilogue.value, "plan",
                 "a place of its own for no value that is written over another");
          continue;
        }
        const std::int64_t bytes = bytes_of(graph_.node(id));
        const int last = std::max(read_last_[static_cast<std::size_t>(id)], now);
        // In place: an array of the same size that nobody needs after its last read here.
        plan::Lifetime* home = nullptr;
        if (groups_[s].epilogue.old >= 0 && id == groups_[s].epilogue.value) {
          home = of.at(groups_[s].epilogue.old);
          ensure(home->last == now && home->bytes == bytes, "plan",
                 "an array of the same size that nobody reads once it is added to");
        } else if (graph_.node(id).op->op_class() != OpClass::reduction)
          for (const auto& [read, reader] : reads)
            if (const auto known = of.find(read); known != of.end() && reader <= id &&
                                                  known->second->last == now &&
                                                  known->second->bytes == bytes)
              home = known->second;
        if (home) {
          home->last = last;
          std::erase_if(of, [&](const auto& entry) { return entry.second == home; });
        } else {
          lifetimes.push_back(std::make_unique<plan::Lifetime>(
              plan::Lifetime{.bytes = bytes, .first = now, .last = last, .offset = 0}));
          home = lifetimes.back().get();
        }
        homes.emplace_back(id, home);
        of[id] = home;
      }
    }
    std::vector<std::pair<int, plan::Lifetime*>> copies;
    for (const auto& [id, readers] : to_round_) {
      if (rounded_.contains(id)) continue;
      lifetimes.push_back(
          std::make_unique<plan::Lifetime>(plan::Lifetime{.bytes = bytes_of(graph_.node(id)) / 2,
                                                          .first = readers.first,
                                                          .last = readers.last,
                                                          .offset = 0}));
      copies.emplace_back(id, lifetimes.back().get());
    }
    std::vector<plan::Lifetime*> all;
    for (const auto& lifetime : lifetimes) all.push_back(lifetime.get());
    impl.scratch_offset = plan::place_in_arena(std::move(all));
    for (const auto& [id, home] : homes) place_[id] = {plan::kArena, home->offset};
    for (const auto& [id, home] : copies) rounded_[id] = {plan::kArena, home->offset};
  }

  // What group `s` is the first to read in bfloat16.
  void add_rounding(int s, auto& impl) const {
    for (const auto& [id, readers] : to_round_)
      if (readers.first == s && rounded_.at(id).base == plan::kArena)
        impl.steps.push_back(plan::make_rounding_step(
            place_.at(id), rounded_.at(id), graph_.node(id).shape.size(), options_.level));
  }

  std::unique_ptr<plan::Step> step(const Group& group) const {
    if (group.kind == Group::tile)
      return plan::make_tile_program(graph_, group, place_, stored_, options_.level);
    if (group.kind == Group::product)
      return plan::make_product_step(graph_, group, place_, rounded_, options_);
    return plan::make_single_step(graph_, group.nodes[0], place_);
  }

  const Program& program_;
  const Graph& graph_;
  const PlanOptions& options_;
  std::vector<Group> groups_;
  std::vector<int> made_by_, read_last_;  // steps, by node
  std::vector<bool> stored_;
  std::map<int, Place> place_;
  std::map<int, plan::Readers> to_round_;
  std::map<int, Place> rounded_;  // where the copies in bfloat16 lie
};

}  // namespace

Plan::Plan(const Graph& graph, std::span<const Output> outputs, const PlanOptions& options)
    : impl_(std::make_unique<Impl>()) {
  check(!outputs.empty(), ErrorCode::invalid_argument, "plan", "expected outputs, got none");
  Program program = optimized(copy_of(graph, outputs, options.bind_noise));
  separate_outputs(program);
  Lowering(program, outputs, options, *impl_);
}

Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

int Plan::slot(std::string_view name) const {
  const auto place = impl_->slots.find(name);
  return place == impl_->slots.end() ? -1 : place->second;
}

std::size_t Plan::slot_bytes(int slot) const {
  return impl_->slot_bytes[static_cast<std::size_t>(slot - plan::kFirstSlot)];
}

Workspace Plan::make_workspace() const {
  Workspace workspace;
  workspace.arena_ = Buffer(static_cast<std::size_t>(impl_->arena_bytes));
  workspace.bases_.assign(plan::kFirstSlot + impl_->slot_bytes.size(), nullptr);
  workspace.bases_[plan::kArena] = workspace.arena_.data();
  workspace.bases_[plan::kConstants] = impl_->constants.data();
  workspace.step_seconds_.assign(impl_->steps.size(), 0.0);
  return workspace;
}

void Plan::run(Workspace& workspace, const RunContext& context) const noexcept {
  const plan::Frame frame{workspace.bases_.data(), workspace.arena_.data() + impl_->scratch_offset,
                          context};
  ++workspace.runs_;
  if (!workspace.profiling_) {
    for (const auto& step : impl_->steps) step->run(frame);
    return;
  }
  auto before = std::chrono::steady_clock::now();
  for (std::size_t s = 0; s < impl_->steps.size(); ++s) {
    impl_->steps[s]->run(frame);
    const auto after = std::chrono::steady_clock::now();
    workspace.step_seconds_[s] += std::chrono::duration<double>(after - before).count();
    before = after;
  }
}

int Plan::steps() const { return static_cast<int>(impl_->steps.size()); }

std::size_t Plan::arena_bytes() const { return static_cast<std::size_t>(impl_->arena_bytes); }

std::size_t Plan::array_bytes() const { return static_cast<std::size_t>(impl_->scratch_offset); }

plan::Cost Plan::cost() const {
  plan::Cost total;
  for (const auto& step : impl_->steps) {
    total.flops += step->cost.flops;
    total.bytes += step->cost.bytes;
  }
  return total;
}

std::string Plan::describe(const Workspace* profiled) const {
  std::string text = fmt::format("{:>4} {:>11} {:>11}", "step", "MFLOP", "MB");
  if (profiled) text += fmt::format(" {:>9} {:>6} {:>8} {:>7}", "us", "%", "GFLOP/s", "GB/s");
  text += "  what\n";
  double all = 0;
  if (profiled)
    for (const double seconds : profiled->step_seconds()) all += seconds;
  for (std::size_t s = 0; s < impl_->steps.size(); ++s) {
    const plan::Step& step = *impl_->steps[s];
    text +=
        fmt::format("{:>4} {:>11.3f} {:>11.3f}", s, step.cost.flops * 1e-6, step.cost.bytes * 1e-6);
    if (profiled) {
      const double runs = static_cast<double>(std::max<std::int64_t>(profiled->runs(), 1));
      const double seconds = std::max(profiled->step_seconds()[s] / runs, 1e-12);
      text += fmt::format(" {:>9.1f} {:>6.1f} {:>8.1f} {:>7.1f}", seconds * 1e6,
                          100 * profiled->step_seconds()[s] / std::max(all, 1e-12),
                          step.cost.flops / seconds * 1e-9, step.cost.bytes / seconds * 1e-9);
    }
    text += "  " + step.describe() + "\n";
  }
  const plan::Cost total = cost();
  text += fmt::format("{:>4} {:>11.3f} {:>11.3f}", "all", total.flops * 1e-6, total.bytes * 1e-6);
  if (profiled) {
    const double seconds =
        std::max(all / static_cast<double>(std::max<std::int64_t>(profiled->runs(), 1)), 1e-12);
    text += fmt::format(" {:>9.1f} {:>6.1f} {:>8.1f} {:>7.1f}", seconds * 1e6, 100.0,
                        total.flops / seconds * 1e-9, total.bytes / seconds * 1e-9);
  }
  return text + fmt::format("  arena {:.3f} MB\n", static_cast<double>(arena_bytes()) * 1e-6);
}

}  // namespace diabolo
