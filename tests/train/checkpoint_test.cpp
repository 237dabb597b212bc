// A training that is stopped and goes on from its checkpoint, at every step, ends with the bytes of
// one that was never stopped.
#include <gtest/gtest.h>
#include <train/tiny_fit.h>

#include <diabolo/data/atomic_file.h>
#include <diabolo/data/columns.h>
#include <diabolo/data/read.h>
#include <diabolo/io/model_file.h>
#include <diabolo/io/safetensors.h>
#include <diabolo/kernels/bf16.h>
#include <diabolo/train/checkpoint.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

namespace diabolo {
namespace {

using testing::all_rows;
using testing::curve;
using testing::quick;
using testing::stripes;
using testing::TinyFit;
using testing::with_holes;

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / name).string();
}

// Everything of a model that its file has.
std::string content(const ModelData& model) {
  const TensorFile file = to_tensors(model);
  std::string text = file.metadata.at("diabolo");
  for (const auto& [name, tensor] : file.tensors) {
    text += name;
    text.append(reinterpret_cast<const char*>(tensor.data()), tensor.bytes());
  }
  return text;
}

Dataset curve_rows(std::int64_t rows, std::uint64_t seed) { return curve(rows, 3, seed); }
Dataset stripe_rows(std::int64_t rows, std::uint64_t seed) { return stripes(rows, 9, seed); }
Dataset wide_rows(std::int64_t rows, std::uint64_t seed) { return curve(rows, 64, seed); }

/// Numbers, whole numbers and words that depend on each other, with holes.
Dataset table_rows(std::int64_t rows, std::uint64_t seed) {
  RandomStream random({.seed = seed});
  Column x{.name = "x"}, count{.name = "count"}, word{.name = "word"};
  for (std::int64_t r = 0; r < rows; ++r) {
    const double t = random.normal();
    x.numbers.push_back(r % 7 == 3 ? std::nan("") : t + 0.1 * random.normal());
    count.numbers.push_back(std::floor(3 * std::abs(t)));
    word.texts.push_back(r == 0 || t < -0.5 ? "low" : r == 1 || t < 0.5 ? "middle" : "high");
  }
  // Of the rows that come first.
  static const auto schema = make_table({x, count, word}).schema;
  return make_table({x, count, word}, schema);
}

struct Case {
  const char* name;
  FitOptions options;
  bool holes = false, validated = true, is_wild = false;
  Dataset (*rows)(std::int64_t rows, std::uint64_t seed) = curve_rows;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  const auto add = [&](const char* name, bool holes = false, bool validated = true) {
    list.push_back({name, quick(), holes, validated});
    return &list.back().options;
  };
  list.reserve(32);
  add("plain");
  add("without validation", false, false);
  add("warm-up and cosine")->schedule = "cosine";
  list.back().options.beta_warmup = 1.5;
  FitOptions* limited = add("a multiplier");
  limited->kl_limit = 0.5;
  limited->model = "constrained-vae";
  limited->beta = {};
  add("a mixture")->components = {{"prior", "mixture"}, {"prior.components", "3"}};
  add("a cut schedule")->schedule = "linear";
  list.back().options.patience = 1;
  list.back().options.epochs = 8;
  list.back().options.learning_rate = 0.05;
  add("patience at its end")->patience = 1;
  list.back().options.epochs = 12;
  list.back().options.learning_rate = 0.05;
  FitOptions* partial_patience = add("patience of partial rows at its end", true);
  partial_patience->missing = true;
  partial_patience->beta = {};
  partial_patience->patience = 1;
  partial_patience->epochs = 24;
  partial_patience->learning_rate = 0.05;
  FitOptions* trimmed = add("trimmed");
  trimmed->trim = 0.1;
  trimmed->epochs = 4;
  FitOptions* partial = add("holes", true);
  partial->missing = true;
  partial->beta = {};
  partial->components = {{"prior", "mixture"}, {"prior.components", "3"}};
  for (const char* model : {"ae", "beta-vae"}) {
    add(model);
    list.back().options = quick(model);
  }
  add("bits that are drawn")->binarize = "dynamic";
  list.back().rows = stripe_rows;
  add("several draws a row")->components = {
      {"objective", "iwae"}, {"objective.draws", "5"}, {"prior", "standard"}};
  add("a table")->beta = {};
  list.back().rows = table_rows;
  if (kernels::have_bf16()) {
    FitOptions* half = add("bf16");
    half->precision = "bf16";
    half->hidden = {64};
    list.back().rows = wide_rows;
  }
  FitOptions* decayed = add("weight decay, two threads");
  decayed->optimizer = "adamw";
  decayed->weight_decay = 0.1;
  add("reproducible")->mode = "reproducible";
  add("a row that is not finite")->scale = "none";
  list.back().is_wild = true;
  add("a row that is not finite, without validation", false, false)->scale = "none";
  list.back().is_wild = true;
  FitOptions* diverging = add("diverging");
  diverging->scale = "none";
  diverging->epochs = 12;
  list.back().is_wild = true;
  FitOptions* unwatched = add("diverging, without validation", false, false);
  unwatched->scale = "none";
  unwatched->epochs = 12;
  list.back().is_wild = true;
  return list;
}

constexpr int kThreads = 2;

void train_on(TinyFit& fit, const Dataset& data, const Dataset* valid, const TrainerHooks& hooks,
              int threads) {
  ThreadPool pool(threads);
  train(fit.model, {}, fit.job, {&data, all_rows(data), valid}, pool, hooks, fit.state);
}

// And what the guards of steps know.
std::string content(const TinyFit& fit) {
  const OptimizerState& adam = fit.state.model.optimizer;
  return content(fit.model) + fmt::format(" {} {} {}", fit.state.bad.rows, adam.made, adam.norm);
}

struct Broken {
  const Case& options;
  const Dataset& data;
  const Dataset* valid;

  // What a training that `hooks` stop ends with, once it went on from its last checkpoint.
  std::string end(TrainerHooks hooks, int threads) const {
    const std::string path = temporary("diabolo-step.safetensors");
    TinyFit first(options.options, data);
    int saves = 0;
    hooks.save = [&](const ModelData& model, const TrainingState& state) {
      ++saves;
      write_checkpoint(path, model, state, false);
    };
    train_on(first, data, valid, hooks, kThreads);
    EXPECT_GE(saves, 2);
    Checkpoint kept = read_checkpoint(path, {});
    EXPECT_FALSE(kept.is_finished);
    TinyFit again(options.options, data);
    again.model = std::move(kept.model);
    again.state = std::move(kept.state);
    train_on(again, data, valid, {}, threads);
    std::filesystem::remove(path);
    return content(again);
  }
};

TEST(checkpoint, a_training_that_is_stopped_at_any_step_or_epoch_ends_with_the_same_bytes) {
  for (const Case& c : cases()) {
    Dataset data = c.holes ? with_holes(c.rows(40, 1), 0.2) : c.rows(40, 1);
    if (c.is_wild) data.values.as<float>()[7] = 3e38f;
    const Dataset held_out = c.holes ? with_holes(c.rows(20, 2), 0.2) : c.rows(20, 2);
    const Dataset* valid = c.validated ? &held_out : nullptr;
    TinyFit whole(c.options, data);
    int steps = 0, epochs = 0;
    train_on(whole, data, valid,
             {.on_epoch = [&](const EpochReport&) { return ++epochs > 0; },
              .on_partial_epoch = [&](double, auto, auto) { return ++epochs > 0; },
              .should_stop = [&] { return ++steps < 0; }},
             kThreads);
    EXPECT_EQ(whole.state.bad.count,
              c.is_wild ? std::min<std::int64_t>(c.options.epochs.value(), 10) : 0);
    const std::string expected = content(whole);
    ASSERT_GT(steps, 6) << c.name;
    ASSERT_GT(epochs, 2) << c.name;
    if (std::string_view(c.name).find("patience") != std::string_view::npos) {
      EXPECT_LT(epochs, whole.job.epochs + whole.job.partial_epochs) << c.name << " was not";
    }
    const Broken broken{c, data, valid};
    for (int stop = 1; stop <= steps; ++stop) {
      int done = 0;
      const bool any_threads = c.options.mode == "reproducible";
      ASSERT_EQ(broken.end({.should_stop = [&] { return ++done >= stop; }},
                           any_threads ? 1 + stop % 3 : kThreads),
                expected)
          << c.name << " stopped after step " << stop;
    }
    for (int stop = 1; stop <= epochs; ++stop) {
      int done = 0;
      ASSERT_EQ(broken.end({.on_epoch = [&](const EpochReport&) { return ++done < stop; },
                            .on_partial_epoch = [&](double, auto, auto) { return ++done < stop; }},
                           kThreads),
                expected)
          << c.name << " stopped after epoch " << stop;
    }
  }
}

TEST(checkpoint, more_epochs_go_on_from_the_last_weights) {
  const Dataset data = curve(64, 3), valid = curve(20, 3, 2);
  FitOptions options = quick();
  options.components = {{"prior", "mixture"}, {"prior.components", "3"}};
  options.epochs = 6;
  TinyFit whole(options, data);
  whole.train(data, &valid);
  options.epochs = 3;
  TinyFit half(options, data);
  half.train(data, &valid);
  EXPECT_NE(half.values(), whole.values());
  const std::string path = temporary("diabolo-more.safetensors");
  write_checkpoint(path, half.model, half.state, true);
  Checkpoint kept = read_checkpoint(path, {});
  EXPECT_TRUE(kept.is_finished);
  half.model = std::move(kept.model);
  half.state = std::move(kept.state);
  half.job = whole.job;
  half.train(data, &valid);
  EXPECT_EQ(half.values(), whole.values());
  EXPECT_EQ(half.model.history.size(), 6u);
  half.train(data, &valid);  // nothing is left to do
  EXPECT_EQ(half.values(), whole.values());
  std::filesystem::remove(path);
}

TinyFit trained() {
  const Dataset data = curve(64, 3);
  TinyFit fit(quick(), data);
  fit.train(data);
  return fit;
}

TEST(checkpoint, is_a_model_file_too) {
  const TinyFit fit = trained();
  const std::string path = temporary("diabolo-model.safetensors");
  write_checkpoint(path, fit.model, fit.state, true);
  EXPECT_EQ(content(read_model(path, {})), content(fit.model));
  write_model(path, fit.model);
  try {
    read_checkpoint(path, {});
    FAIL() << "a model is no checkpoint";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::corrupt_file);
    EXPECT_NE(error.message().find("expected a checkpoint"), std::string::npos) << error.message();
  }
  std::filesystem::remove(path);
}

// The disk fills up, at every byte of the ends and some between: the checkpoint before stays, and
// nothing else does.
TEST(checkpoint, a_full_disk_leaves_the_one_before) {
  const Dataset data = curve(64, 3);
  TinyFit fit(quick(), data);
  const auto folder = std::filesystem::path(temporary("diabolo-full"));
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "c").string();
  write_checkpoint(path, fit.model, fit.state, false);
  const std::string before = content(read_checkpoint(path, {}).model);
  fit.train(data);
  write_checkpoint(path + "2", fit.model, fit.state, false);
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path + "2"));
  std::filesystem::remove(path + "2");
  for (std::int64_t room = 0; room <= bytes; room += room < 200 || room > bytes - 200 ? 1 : 97) {
    const SimulatedFullDisk disk(room);  // the flush takes one byte more
    try {
      write_checkpoint(path, fit.model, fit.state, false);
      FAIL() << "there was room for " << room << " bytes of " << bytes;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::io);
      ASSERT_NE(error.message().find(path), std::string::npos) << error.message();
    }
    ASSERT_EQ(content(read_checkpoint(path, {}).model), before) << room;
    ASSERT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << room;
  }
  const SimulatedFullDisk enough(bytes + 1);
  write_checkpoint(path, fit.model, fit.state, false);
  EXPECT_EQ(content(read_checkpoint(path, {}).model), content(fit.model));
  std::filesystem::remove_all(folder);
}

// Whatever number or array is spoilt: an error, or a checkpoint of plausible content.
TEST(checkpoint, damage_is_an_error) {
  const TinyFit fit = trained();
  const std::string path = temporary("diabolo-damaged.safetensors");
  write_checkpoint(path, fit.model, fit.state, true);
  const TensorFile good = read_safetensors(path);
  const auto refused = [&](TensorFile file) {
    write_safetensors(path, file);
    try {
      read_checkpoint(path, {});
    } catch (const Error& error) {
      return error.code() == ErrorCode::corrupt_file;
    }
    return false;
  };
  const auto copy = [&] {
    TensorFile file;
    file.metadata = good.metadata;
    for (const auto& [name, tensor] : good.tensors) file.tensors.emplace_back(name, tensor.clone());
    return file;
  };
  for (const char* name : {"training.model.moment1", "training.model.moment2"}) {
    TensorFile file = copy();
    std::erase_if(file.tensors, [&](const auto& entry) { return entry.first == name; });
    EXPECT_TRUE(refused(std::move(file))) << name;
    file = copy();
    for (auto& [known, tensor] : file.tensors)
      if (known == name) tensor.as<float>()[0] = std::numeric_limits<float>::infinity();
    EXPECT_TRUE(refused(std::move(file))) << name;
  }
  const std::string text = good.metadata.at("training");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"epoch\":", "\"epoch\":-"},
           {"\"epoch\":", "\"epoch\":1e300,\"x\":"},
           {"\"steps\":", "\"step\":"},
           {"\"shards\":", "\"shards\":1000000,\"x\":"},
           {"\"times\":[[", "\"times\":[[0.0,0.0,0.0],["},
           {"{", "["}}) {
    TensorFile file = copy();
    std::string& now = file.metadata["training"];
    const std::size_t at = now.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    now.replace(at, from.size(), to);
    EXPECT_TRUE(refused(std::move(file))) << to;
  }
  EXPECT_FALSE(refused(copy()));
  std::filesystem::remove(path);
}

// What a state may hold that its data do not allow.
TEST(checkpoint, a_crafted_state_is_an_error) {
  const TinyFit fit = trained();
  const std::string path = temporary("diabolo-crafted.safetensors");
  const auto is_refused = [&](const TrainingState& state) {
    write_checkpoint(path, fit.model, state, true);
    try {
      read_checkpoint(path, {});
    } catch (const Error& error) {
      return error.code() == ErrorCode::corrupt_file;
    }
    return false;
  };
  const auto with = [&](auto&& change) {
    TrainingState state;
    write_checkpoint(path, fit.model, fit.state, true);
    state = read_checkpoint(path, {}).state;
    change(state);
    return state;
  };
  EXPECT_FALSE(is_refused(with([](TrainingState&) {})));
  EXPECT_TRUE(is_refused(with([](TrainingState& s) { s.model.best.after = 1e300; })));
  EXPECT_TRUE(is_refused(with([](TrainingState& s) { s.model.best.after = -1; })));
  std::filesystem::remove(path);
}

TEST(checkpoint, a_crafted_state_does_not_go_on) {
  const Dataset data = curve(64, 3), valid = curve(20, 3, 2);
  const auto refuses = [&](auto&& change, const Dataset* held_out) {
    TinyFit fit(quick(), data);
    fit.train(data, held_out);
    change(fit.state);
    try {
      fit.train(data, held_out);
    } catch (const Error& error) {
      return error.code() == ErrorCode::corrupt_file;
    }
    return false;
  };
  EXPECT_TRUE(refuses([](TrainingState& s) { s.rows = {0}; }, nullptr));
  EXPECT_TRUE(refuses([](TrainingState& s) { s.rows.assign(64, 64); }, nullptr));  // not there
  EXPECT_TRUE(refuses([](TrainingState& s) { s.rows.assign(65, 0); }, nullptr));
  EXPECT_TRUE(refuses([](TrainingState& s) { s.rows.assign(64, 0); }, &valid));  // none to validate
  EXPECT_FALSE(refuses([](TrainingState& s) { s.rows.assign(64, 0); }, nullptr));
}

// Whatever number of the state is another: the file is refused, or the training goes on and ends.
TEST(checkpoint, a_state_of_other_numbers_is_an_error_or_goes_on) {
  const Dataset data = curve(40, 3), valid = curve(20, 3, 2);
  FitOptions options = quick();
  options.epochs = 8;
  options.trim = 0.1;
  options.batch_size = 2;
  options.schedule = "linear";
  options.patience = 2;
  const std::string path = temporary("diabolo-other.safetensors");
  TinyFit fit(options, data);
  int stop = 75;  // after the trim
  fit.train(data, &valid, 1, {.should_stop = [&] { return --stop == 0; }});
  write_checkpoint(path, fit.model, fit.state, false);
  const TensorFile good = read_safetensors(path);
  const nlohmann::json state = nlohmann::json::parse(good.metadata.at("training"));
  int refused = 0, gone_on = 0;
  const nlohmann::json leaves = state.flatten();
  for (const auto& [place, leaf] : leaves.items()) {
    if (!leaf.is_number()) continue;
    for (const double x : {-1.0, 0.0, 1.0, 2.0, 7.0, 1e6, 9e15, 1e300}) {
      nlohmann::json other = state;
      other[nlohmann::json::json_pointer(place)] =
          leaf.is_number_float() || x > 1e18 ? nlohmann::json(x)
                                             : nlohmann::json(static_cast<std::int64_t>(x));
      TensorFile file;
      file.metadata = good.metadata;
      file.metadata["training"] = other.dump();
      for (const auto& [name, tensor] : good.tensors)
        file.tensors.emplace_back(name, tensor.clone());
      write_safetensors(path, file);
      try {
        Checkpoint kept = read_checkpoint(path, {});
        TinyFit again(options, data);
        again.model = std::move(kept.model);
        again.state = std::move(kept.state);
        int most = 60;
        again.train(data, &valid, 1, {.should_stop = [&] { return --most <= 0; }});
        ++gone_on;
      } catch (const Error& error) {
        ASSERT_NE(error.code(), ErrorCode::internal) << place << " = " << x << ": " << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 20);
  EXPECT_GT(gone_on, 100);
  std::filesystem::remove(path);
}

TEST(checkpoint, a_finished_training_without_its_last_weights_is_over) {
  const Dataset data = curve(64, 3);
  FitOptions more = quick();
  more.epochs = 9;
  const TinyFit longer(more, data);
  TinyFit fit(quick(), data);
  fit.train(data);
  fit.state.last_values = Tensor();
  fit.state.last_state = Tensor();
  fit.job = longer.job;
  const auto values = fit.values();
  fit.train(data);
  EXPECT_EQ(fit.values(), values);
}

}  // namespace
}  // namespace diabolo
