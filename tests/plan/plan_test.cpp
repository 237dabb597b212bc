// The plan as its users see it: slots, outputs of every kind, memory, threads, descriptions.
#include <diabolo/base/random.h>
#include <diabolo/graph/rows.h>
#include <gtest/gtest.h>
#include <plan/evaluate.h>
#include <plan/vae_graph.h>
#include <support/allocations.h>

#include <array>
#include <cmath>
#include <thread>

namespace diabolo {
namespace {

using testing::allocations;
using testing::evaluate;
using testing::to_tensor;
using testing::VaeGraph;
using testing::Values;

// A VAE's plan with its memory, filled from a seed.
struct Training {
  explicit Training(const VaeGraph& vae, const PlanOptions& options)
      : plan(vae.graph, vae.outputs, options), workspace(plan.make_workspace()) {
    bind("x", DType::u8, 255);
    bind("keys", DType::u64, 1 << 20);
    bind("parameters", vae.graph.real(), 0);
    for (const char* slot : {"loss", "log_px", "kl", "gradient"}) {
      results.push_back(
          Tensor(DType::u8, {static_cast<std::int64_t>(plan.slot_bytes(plan.slot(slot)))}));
      workspace.bind(plan.slot(slot), results.back().data());
    }
  }
  void bind(const char* slot, DType type, int below) {
    const int number = plan.slot(slot);
    Values values(plan.slot_bytes(number) / size_of(type));
    std::uint32_t state = 1;
    for (double& v : values) {
      state = state * 1664525u + 1013904223u;
      v = below ? static_cast<double>(state >> 8) * 0x1p-24 * below
                : (static_cast<double>(state >> 8) * 0x1p-24 - 0.5) * 0.2;
    }
    given.push_back(to_tensor(type, values));
    workspace.bind(number, given.back().data());
  }
  std::vector<std::byte> bytes() const {
    std::vector<std::byte> all;
    for (const Tensor& t : results) all.insert(all.end(), t.data(), t.data() + t.bytes());
    return all;
  }

  Plan plan;
  Workspace workspace;
  std::vector<Tensor> given, results;
};

const PlanOptions kReproducible{.mode = kernels::Mode::reproducible};

TEST(Plan, runs_without_allocating) {
  const VaeGraph vae(16, 784, 100, 20);
  Training training(vae, kReproducible);
  for (const bool profiling : {false, true}) {
    training.workspace.set_profiling(profiling);
    const long before = allocations();
    training.plan.run(training.workspace, {.seed = 1});
    EXPECT_EQ(allocations(), before);
  }
}

TEST(Plan, single_steps_run_without_allocating) {
  Graph g;
  const Var x = input(g, "x", DType::f32, {6, 5, 4}), index = input(g, "index", DType::i32, {6});
  const Var table = reshape(x, {6, 20});
  const Var parts[] = {x, x};
  const std::vector<Output> outputs = {{transpose(x, {2, 0, 1}), "a"},
                                       {slice(x, 1, 1, 2), "b"},
                                       {concat(parts, 1), "c"},
                                       {gather(table, index), "d"},
                                       {argmin(x), "e"},
                                       {sum(x, {1}), "f"},
                                       {scatter_add(index, table, 6), "g"},
                                       {broadcast_to(x, {2, 6, 5, 4}), "h"}};
  const Plan plan(g, outputs, kReproducible);
  Workspace workspace = plan.make_workspace();
  std::vector<Tensor> memory;
  for (const char* slot : {"x", "index", "a", "b", "c", "d", "e", "f", "g", "h"}) {
    const int number = plan.slot(slot);
    memory.push_back(Tensor(DType::u8, {static_cast<std::int64_t>(plan.slot_bytes(number))}));
    workspace.bind(number, memory.back().data());
  }
  const long before = allocations();
  plan.run(workspace);
  EXPECT_EQ(allocations(), before);
}

TEST(Plan, serves_several_threads_with_a_workspace_each) {
  const VaeGraph vae(16, 100, 32, 5);
  Training first(vae, kReproducible);
  first.plan.run(first.workspace, {.seed = 4});
  const auto expected = first.bytes();
  const Plan& shared = first.plan;
  std::vector<std::unique_ptr<Training>> others;
  for (int i = 0; i < 4; ++i) {
    others.push_back(std::make_unique<Training>(vae, kReproducible));
  }
  std::vector<std::thread> threads;
  for (auto& other : others)
    threads.emplace_back([&shared, t = other.get()] {
      Workspace workspace = shared.make_workspace();
      const char* given[] = {"x", "keys", "parameters"};
      for (std::size_t i = 0; i < 3; ++i) workspace.bind(shared.slot(given[i]), t->given[i].data());
      const char* results[] = {"loss", "log_px", "kl", "gradient"};
      for (std::size_t i = 0; i < 4; ++i)
        workspace.bind(shared.slot(results[i]), t->results[i].data());
      for (int run = 0; run < 10; ++run) shared.run(workspace, {.seed = 4});
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& other : others) EXPECT_EQ(other->bytes(), expected);
}

TEST(Plan, gives_the_same_bits_fused_unfused_and_at_every_level) {
  const VaeGraph vae(33, 784, 100, 20);
  Training first(vae, kReproducible);
  first.plan.run(first.workspace, {.seed = 4, .pass = 9});
  for (const auto level : kernels::available_levels())
    for (const bool fuse : {false, true}) {
      Training other(vae, {.mode = kernels::Mode::reproducible, .level = level, .fuse = fuse});
      other.plan.run(other.workspace, {.seed = 4, .pass = 9});
      EXPECT_EQ(first.bytes(), other.bytes()) << name(level) << " " << fuse;
    }
}

TEST(Plan, its_arena_is_smaller_than_the_sum_of_its_arrays) {
  const VaeGraph vae(128, 784, 400, 20);
  const Plan fused(vae.graph, vae.outputs, kReproducible);
  const Plan single(vae.graph, vae.outputs, {.mode = kernels::Mode::reproducible, .fuse = false});
  std::size_t sum = 0;
  for (int id = 0; id < vae.graph.size(); ++id)
    sum += static_cast<std::size_t>(vae.graph.node(id).shape.size()) * sizeof(float);
  EXPECT_LT(fused.arena_bytes(), sum / 4);
  EXPECT_LT(single.arena_bytes(), sum / 2);
  EXPECT_LE(fused.arena_bytes(), single.arena_bytes());
  EXPECT_LT(fused.steps() * 3, single.steps());
}

TEST(Plan, describes_its_steps_and_the_time_they_took) {
  const VaeGraph vae(16, 100, 32, 5);
  Training training(vae, kReproducible);
  training.workspace.set_profiling(true);
  for (int i = 0; i < 3; ++i) training.plan.run(training.workspace);
  const std::string text = training.plan.describe(&training.workspace);
  EXPECT_NE(text.find("product 16x32x100 B^T + bias relu (portable)"), std::string::npos) << text;
  EXPECT_NE(text.find("GFLOP/s"), std::string::npos);
  EXPECT_NE(text.find("arena"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), training.plan.steps() + 2);
  EXPECT_EQ(training.workspace.runs(), 3);
  double seconds = 0;
  for (const double s : training.workspace.step_seconds()) seconds += s;
  EXPECT_GT(seconds, 0);
  // Products alone: forward, and twice that backward but for the input.
  const double forward = 2.0 * 16 * (100 * 32 + 32 * 5 * 2 + 5 * 32 + 32 * 100);
  EXPECT_GT(training.plan.cost().flops, 3 * forward - 2.0 * 16 * 100 * 32);
  EXPECT_LT(training.plan.cost().flops, 4 * forward);
  EXPECT_GT(training.plan.cost().bytes, 0);
}

TEST(Plan, outputs_may_be_sources_duplicates_views_and_constants) {
  Graph g;
  const Var x = input(g, "x", DType::f32, {2, 3}), y = x * 2.0;
  const Var outputs[] = {x,
                         x,
                         reshape(x, {3, 2}),
                         y,
                         y,
                         reshape(y, {6}),
                         constant(g, 3),
                         full(g, {2}, 4),
                         constant(g, {2}, {5, 6}),
                         parameter(g, "w", {2}, 1),
                         sum(y),
                         input(g, "i", DType::i32, {2}),
                         argmin(x)};
  const Values v = {1, 2, 3, 4, 5, 0};
  const Values w = {2, 4, 6, 8, 10, 0};
  for (const bool fuse : {true, false}) {
    const auto found =
        evaluate(g, outputs, {{"x", v}, {"parameters", {7, 8, 9}}, {"i", {3, -4}}}, {.fuse = fuse});
    const std::vector<Values> expected = {v,      v,      v,      w,    w,       w,     {3},
                                          {4, 4}, {5, 6}, {8, 9}, {30}, {3, -4}, {0, 2}};
    EXPECT_EQ(found, expected);
  }
}

TEST(Plan, outputs_share_a_slot_at_offsets) {
  Graph g;
  const Var x = input(g, "x", DType::f32, {3});
  const std::vector<Output> outputs = {{x * 2.0, "flat", 4}, {sum(x), "flat", 0}, {x, "flat", 1}};
  const Plan plan(g, outputs);
  EXPECT_EQ(plan.slot_bytes(plan.slot("flat")), 7 * sizeof(float));
  Workspace workspace = plan.make_workspace();
  const float in[] = {1, 2, 3};
  std::vector<float> out(7);
  workspace.bind(plan.slot("x"), in);
  workspace.bind(plan.slot("flat"), out.data());
  plan.run(workspace);
  EXPECT_EQ(out, (std::vector<float>{6, 1, 2, 3, 2, 4, 6}));
}

TEST(Plan, reads_outputs_where_they_were_stored) {
  Graph g;
  const Var x = input(g, "x", DType::f32, {2, 2});
  const Var y = matmul(x, x), z = matmul(y, y);
  const Var outputs[] = {y, sum(z)};
  EXPECT_EQ(evaluate(g, outputs, {{"x", {1, 1, 0, 1}}}), (std::vector<Values>{{1, 2, 0, 1}, {6}}));
}

// The hidden layer of a backward pass, in shapes that every kernel takes: bits as with a step each.
TEST(Plan, epilogues_of_products_keep_the_bits) {
  for (const auto& [m, n, k] : {std::array<std::int64_t, 3>{9, 21, 2}, {33, 100, 4}, {40, 70, 30}})
    for (const bool transposed : {false, true}) {
      Graph g;
      const auto matrix = [&](const char* name, std::int64_t rows, std::int64_t columns) {
        return input(g, name, DType::f32, {rows, columns});
      };
      const Var a = matrix("a", m, k), c = matrix("c", m, k), h = matrix("h", m, n);
      const auto right = [&](const char* name) {
        return transposed ? transpose(matrix(name, n, k), {1, 0}) : matrix(name, k, n);
      };
      const Var y = select(less(constant(g, 0), h), matmul(a, right("b")) + matmul(c, right("d")),
                           constant(g, 0));
      const Var outputs[] = {sum(y, {0}), matmul(a, y, true, false)};
      testing::Inputs inputs;
      std::uint32_t state = 1;
      for (const char* name : {"a", "b", "c", "d", "h"})
        for (std::int64_t i = 0; i < m * std::max(n, k) + n * k; ++i) {
          state = state * 1664525u + 1013904223u;
          inputs[name].push_back(static_cast<double>(state >> 8) * 0x1p-24 - 0.5);
        }
      const auto run = [&](bool fuse, kernels::Level level) {
        return evaluate(g, outputs, inputs,
                        {.mode = kernels::Mode::reproducible, .level = level, .fuse = fuse});
      };
      const auto wanted = run(false, kernels::Level::v2);
      for (const kernels::Level level : kernels::available_levels())
        EXPECT_EQ(run(true, level), wanted) << m << "x" << n << "x" << k << " " << name(level);
      const std::vector<Output> named{{outputs[0], "sums"}, {outputs[1], "gradient"}};
      EXPECT_EQ(Plan(g, named, kReproducible).steps(), 3);
    }
}

// Products with whatever may follow them, in any order and shape, as outputs and not: fused as with
// a step each, and the same the second time, whatever the outputs held.
TEST(Plan, random_epilogues_of_products_keep_the_values) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    RandomStream random({.seed = seed});
    const auto pick = [&](std::initializer_list<std::int64_t> from) {
      return from.begin()[random.below(from.size())];
    };
    Graph g;
    const std::int64_t m = pick({1, 5, 33}), n = pick({1, 3, 21}), k = pick({1, 2, 9});
    testing::Inputs inputs;
    const auto matrix = [&](std::int64_t rows, std::int64_t columns) {
      const std::string name = fmt::format("x{}", inputs.size());
      for (std::int64_t i = 0; i < rows * columns; ++i)
        inputs[name].push_back(random.uniform() - 0.5);
      return input(g, name, DType::f32, {rows, columns});
    };
    Var y = matmul(matrix(m, k), matrix(k, n));
    std::vector<Var> seen{y};
    for (std::size_t step = 0; step < 4; ++step) {
      const Var other = matmul(matrix(pick({1, m}), k), matrix(k, n));
      switch (random.below(6)) {
        case 0:
          y = y + other;
          break;
        case 1:
          y = other + y;
          break;
        case 2:
          y = y + reshape(matrix(1, n), {n});
          break;
        case 3:
          y = relu(y);
          break;
        case 4:
          y = select(less(constant(g, 0), matrix(y.shape()[0], n)), y, constant(g, 0));
          break;
        default:
          y = sum(y, {0}) + y;
      }
      seen.push_back(y);
    }
    std::vector<Var> outputs{random.below(2) ? y : exp(y)};
    if (random.below(2)) outputs.push_back(seen[random.below(seen.size())]);
    if (random.below(2)) outputs.push_back(sum(seen[random.below(seen.size())], {0}));
    const auto make = [&](bool fuse) {
      return testing::Runner(g, outputs, {.mode = kernels::Mode::reproducible, .fuse = fuse});
    };
    testing::Runner fused = make(true), single = make(false);
    const auto wanted = single.run(inputs);
    for (int run = 0; run < 2; ++run) ASSERT_EQ(fused.run(inputs), wanted) << "seed " << seed;
  }
}

TEST(Plan, refuses_what_it_cannot_run) {
  Graph g;
  const Var a = input(g, "x", DType::f32, {2}), b = input(g, "x", DType::f32, {3});
  const std::vector<Output> outputs = {{sum(a) + sum(b), "y"}};
  EXPECT_THROW(Plan(g, outputs), Error);
  EXPECT_THROW(Plan(g, {}), Error);
}

TEST(Plan, knows_the_slots_it_reads) {
  Graph g;
  const Var x = input(g, "x", DType::f32, {2});
  input(g, "unused", DType::f32, {2});
  parameter(g, "w", {2}, 0);
  const std::vector<Output> outputs = {{x + 1.0, "y"}};
  const Plan plan(g, outputs);
  EXPECT_GE(plan.slot("x"), 0);
  EXPECT_EQ(plan.slot("unused"), -1);
  EXPECT_EQ(plan.slot("parameters"), -1);
  EXPECT_EQ(plan.slot("nothing"), -1);
}

TEST(Plan, empty_arrays_do_no_harm) {
  Graph g;
  const Var x = input(g, "x", DType::f32, {0, 3}), y = input(g, "y", DType::f32, {2, 0});
  const Var outputs[] = {sum(x), sum(exp(x), {0}), sum(y, {1}), reduce_max(x), matmul(y, x)};
  const double low = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(evaluate(g, outputs, {{"x", {}}, {"y", {}}}, kReproducible),
            (std::vector<Values>{{0}, {0, 0, 0}, {0, 0}, {low}, {0, 0, 0, 0, 0, 0}}));
}

TEST(Noise, depends_on_the_row_key_and_not_on_its_place) {
  const auto draw = [](const Values& keys, std::int64_t draws, const RunContext& context,
                       std::int64_t columns = 21) {
    Graph g;
    const auto rows = static_cast<std::int64_t>(keys.size());
    const Var k = input(g, "keys", DType::u64, {rows});
    const Var noise = normal_noise(k, {draws, rows, columns}, Stream::eval, "n");
    const Var y = noise * 1.0 + 0.0;
    return evaluate(g, std::span(&y, 1), {{"keys", keys}}, {}, context)[0];
  };
  const auto part = [](const Values& v, std::size_t i) {
    return Values(v.begin() + static_cast<std::ptrdiff_t>(21 * i),
                  v.begin() + static_cast<std::ptrdiff_t>(21 * (i + 1)));
  };
  const Values whole = draw({5, 6, 7}, 2, {.seed = 3});
  EXPECT_EQ(part(draw({7, 9}, 2, {.seed = 3}), 0), part(whole, 2));
  EXPECT_EQ(part(draw({7, 9}, 2, {.seed = 3}), 2), part(whole, 5));  // the second draw
  EXPECT_EQ(part(draw({7}, 1, {.seed = 3, .first_draw = 1}), 0), part(whole, 5));
  EXPECT_NE(part(whole, 2), part(whole, 5));
  EXPECT_NE(part(draw({7}, 1, {.seed = 3, .pass = 1}), 0), part(whole, 2));
  EXPECT_NE(part(draw({7}, 1, {.seed = 4}), 0), part(whole, 2));
}

TEST(Noise, nodes_of_one_graph_differ_and_wide_ones_are_one_run_of_columns) {
  Graph g;
  const Var keys = input(g, "keys", DType::u64, {2});
  const Var a = uniform_noise(keys, {2, 1001}, Stream::train, "a");
  const Var b = uniform_noise(keys, {2, 3}, Stream::train, "b");
  const Var c = uniform_noise(keys, {2, 3}, Stream::binarize, "c");
  const Var outputs[] = {a, b, c};
  const auto found = evaluate(g, outputs, {{"keys", {9, 4}}}, {}, {.seed = 2, .pass = 7});
  const auto expected = [](Stream stream, std::uint64_t row, std::uint64_t column) {
    return (static_cast<double>(random_bits({2, stream, 7, row, 0}, column) >> 9) + 0.5) * 0x1p-23;
  };
  for (std::uint64_t i = 0; i < 1001; ++i) {
    ASSERT_EQ(found[0][i], expected(Stream::train, 9, i));
    ASSERT_EQ(found[0][1001 + i], expected(Stream::train, 4, i));
  }
  for (std::uint64_t i = 0; i < 3; ++i) {  // a's columns take whole blocks of four
    EXPECT_EQ(found[1][i], expected(Stream::train, 9, 1004 + i));
    EXPECT_EQ(found[2][i], expected(Stream::binarize, 9, i));
  }
}

TEST(Noise, may_be_bound_from_outside) {
  Graph g;
  const Var keys = input(g, "keys", DType::u64, {2});
  const Var y = 2.0 * normal_noise(keys, {2, 2}, Stream::train, "eps");
  EXPECT_EQ(evaluate(g, std::span(&y, 1), {{"eps", {1, 2, 3, 4}}}, {.bind_noise = true})[0],
            (Values{2, 4, 6, 8}));
}

TEST(Slices, of_a_batch_add_up_to_the_whole) {
  const std::int64_t B = 12, D = 9, H = 7, Z = 3;
  const auto run = [&](std::int64_t first, std::int64_t rows) {
    const VaeGraph vae(rows, D, H, Z, DType::f64);
    std::vector<Var> sums{vae.outputs[0].value};
    for (std::size_t i = 3; i < vae.outputs.size(); ++i) sums.push_back(vae.outputs[i].value);
    EXPECT_TRUE(keeps_rows_apart(vae.graph, sums));
    Values x, keys, w;
    for (std::int64_t i = first * D; i < (first + rows) * D; ++i)
      x.push_back(static_cast<double>(i * 37 % 256));
    for (std::int64_t i = first; i < first + rows; ++i) keys.push_back(static_cast<double>(i));
    for (std::int64_t i = 0; i < vae.parameters; ++i)
      w.push_back(std::sin(static_cast<double>(i)) * 0.3);
    auto found = evaluate(vae.graph, sums, {{"x", x}, {"keys", keys}, {"parameters", w}});
    for (auto& values : found)
      for (double& v : values) v *= static_cast<double>(rows);  // the loss is a mean over rows
    return found;
  };
  const auto whole = run(0, B), top = run(0, 5), rest = run(5, B - 5);
  for (std::size_t o = 0; o < whole.size(); ++o)
    for (std::size_t i = 0; i < whole[o].size(); ++i)
      EXPECT_NEAR(whole[o][i], top[o][i] + rest[o][i], 1e-10 * (1 + std::abs(whole[o][i])));
}

}  // namespace
}  // namespace diabolo
