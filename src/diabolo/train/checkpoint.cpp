#include <diabolo/io/json_number.h>
#include <diabolo/io/model_file.h>
#include <diabolo/train/checkpoint.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>
#include <vector>

namespace diabolo {
namespace {

using Json = nlohmann::json;

constexpr const char* kKey = "training";  // of the metadata
constexpr const char* kNote = "note";
constexpr std::int64_t kMostWhole = std::int64_t{1} << 53;

// --- to the file --------------------------------------------------------------------------------

Json to_json(const std::vector<double>& numbers) {
  Json list = Json::array();
  for (const double x : numbers) list.push_back(finite_or_null(x));
  return list;
}

Json to_json(const EpochSums& s) {
  return {{"rows", s.rows},
          {"loss", finite_or_null(s.loss)},
          {"log_px", finite_or_null(s.log_px)},
          {"kl", finite_or_null(s.kl)},
          {"mean", to_json(s.mean)},
          {"square", to_json(s.square)},
          {"learning_rate", s.learning_rate},
          {"beta", finite_or_null(s.beta)},
          {"seconds", s.seconds}};
}

Json to_json(const PhaseState& p) {
  return {{"epoch", p.epoch},
          {"step_of_epoch", p.step_of_epoch},
          {"steps", p.steps},
          {"shards", p.shards},
          {"sums", to_json(p.sums)},
          {"power1", p.optimizer.power1},
          {"power2", p.optimizer.power2},
          {"steps_made", p.optimizer.made},
          {"norm", p.optimizer.norm},
          {"best_epoch", p.best.epoch},
          {"best_after", p.best.after},
          {"best_allowed", p.best.score.first},
          {"best_score", finite_or_null(p.best.score.second)},
          {"sound_epoch", p.sound.epoch},
          {"is_over", p.is_over}};
}

Json to_json(const TrainingState& state, bool is_finished) {
  Json times = Json::array();
  for (const EpochTimes& t : state.times)
    times.push_back({t.train_seconds, t.seconds, t.rows_per_second});
  return {{"model", to_json(state.model)},
          {"partial", to_json(state.partial)},
          {"cut", {{"begin", state.cut.begin}, {"end", state.cut.end}, {"top", state.cut.top}}},
          {"bad_steps",
           {{"count", state.bad.count},
            {"rate_factor", state.bad.rate_factor},
            {"rows", state.bad.rows}}},
          {"times", times},
          {"train_seconds", state.train_seconds},
          {"seconds", state.seconds},
          {"data_rows", state.data_rows},
          {"valid_fingerprint", state.valid_fingerprint},
          {"is_finished", is_finished}};
}

// Calls f(name, tensor) for each array of a state.
template <class State, class F>
void for_each_tensor(State& state, F&& f) {
  const auto phase = [&](const std::string& name, auto& p) {
    f(name + ".moment1", p.optimizer.moment1);
    f(name + ".moment2", p.optimizer.moment2);
    f(name + ".best.values", p.best.values);
    f(name + ".best.state", p.best.state);
    f(name + ".sound.values", p.sound.values);
    f(name + ".sound.state", p.sound.state);
  };
  phase("model", state.model);
  phase("partial", state.partial);
  f("last.values", state.last_values);
  f("last.state", state.last_state);
}

Tensor numbers_of(const std::vector<std::int64_t>& rows) {
  const std::vector<std::uint64_t> x(rows.begin(), rows.end());
  return Tensor::of<std::uint64_t>({std::ssize(rows)}, x);
}

// --- from the file ------------------------------------------------------------------------------
// As in io/model_file.cpp: what nlohmann's `at` and `get` throw becomes one `corrupt_file`.

std::int64_t count_from(const Json& json, const char* name, std::int64_t least = 0,
                        std::int64_t most = kMostWhole) {
  const std::int64_t n = whole_number(json.at(name));
  if (n < least || n > most) refuse_json(std::string("number of ") + name);
  return n;
}

std::vector<double> numbers_from(const Json& json) {
  std::vector<double> numbers;
  for (const Json& x : json) numbers.push_back(number_or_nan(x));
  return numbers;
}

EpochSums sums_from(const Json& json) {
  return {.rows = json.at("rows").get<double>(),
          .loss = number_or_nan(json.at("loss")),
          .log_px = number_or_nan(json.at("log_px")),
          .kl = number_or_nan(json.at("kl")),
          .mean = numbers_from(json.at("mean")),
          .square = numbers_from(json.at("square")),
          .learning_rate = json.at("learning_rate").get<double>(),
          .beta = number_or_nan(json.at("beta")),
          .seconds = json.at("seconds").get<double>()};
}

PhaseState phase_from(const Json& json) {
  PhaseState p;
  p.epoch = count_from(json, "epoch", 1);
  p.step_of_epoch = count_from(json, "step_of_epoch");
  p.steps = count_from(json, "steps");
  p.shards = count_from(json, "shards", 0, kMostShards);
  p.sums = sums_from(json.at("sums"));
  p.optimizer.power1 = json.at("power1").get<double>();
  p.optimizer.power2 = json.at("power2").get<double>();
  p.optimizer.made = count_from(json, "steps_made");
  p.optimizer.norm = json.at("norm").get<double>();
  p.sound.epoch = count_from(json, "sound_epoch");
  p.best.epoch = count_from(json, "best_epoch");
  p.best.after = json.at("best_after").get<double>();
  if (!(p.best.after >= 0 && p.best.after <= static_cast<double>(kMostWhole)))
    refuse_json("number of best_after");
  p.best.score = {json.at("best_allowed").get<bool>(),
                  number_or(json.at("best_score"), -std::numeric_limits<double>::infinity())};
  p.is_over = json.at("is_over").get<bool>();
  return p;
}

TrainingState state_from(const Json& json) {
  TrainingState state;
  state.model = phase_from(json.at("model"));
  state.partial = phase_from(json.at("partial"));
  const Json& cut = json.at("cut");
  state.cut = {.begin = count_from(cut, "begin", -1),
               .end = count_from(cut, "end"),
               .top = cut.at("top").get<double>()};
  const Json& bad = json.at("bad_steps");
  state.bad = {.count = count_from(bad, "count"),
               .rate_factor = bad.at("rate_factor").get<double>(),
               .rows = bad.at("rows").get<std::string>()};
  for (const Json& t : json.at("times"))
    state.times.push_back({t.at(0).get<double>(), t.at(1).get<double>(), t.at(2).get<double>()});
  state.train_seconds = json.at("train_seconds").get<double>();
  state.seconds = json.at("seconds").get<double>();
  state.data_rows = count_from(json, "data_rows");
  state.valid_fingerprint = json.at("valid_fingerprint").get<std::string>();
  return state;
}

}  // namespace

void write_checkpoint(const std::string& path, const ModelData& model, const TrainingState& state,
                      bool is_finished, const std::string& note) {
  TensorFile file = to_tensors(model);
  file.metadata[kKey] = to_json(state, is_finished).dump();
  if (!note.empty()) file.metadata[kNote] = note;
  const auto add = [&](const std::string& name, Tensor tensor) {
    if (tensor.size() > 0)
      file.tensors.emplace_back(std::string(kTraining) + name, std::move(tensor));
  };
  for_each_tensor(state, [&](const std::string& name, const Tensor& t) { add(name, t.clone()); });
  add("rows", numbers_of(state.rows));
  add("valid_rows", numbers_of(state.valid_rows));
  write_safetensors(path, file);
}

Checkpoint read_checkpoint(const std::string& path, const Components& components) {
  TensorFile file = read_safetensors(path);
  const auto damaged = [&](std::string_view what) {
    fail(
        ErrorCode::corrupt_file, "checkpoint",
        "expected a whole checkpoint of a training, got a damaged one in '{}' ({}); train from the "
        "start",
        path, what);
  };
  const auto entry = file.metadata.find(kKey);
  check(entry != file.metadata.end(), ErrorCode::corrupt_file, "checkpoint",
        "expected a checkpoint of a training, got another file in '{}'; give the one that fit "
        "wrote",
        path);
  Checkpoint checkpoint{.model = from_tensors(file, path, components), .state = {}};
  TrainingState& state = checkpoint.state;
  try {
    const Json json = parse_json(entry->second);
    state = state_from(json);
    checkpoint.is_finished = json.at("is_finished").get<bool>();
  } catch (const Json::exception& error) {
    damaged(error.what());
  }
  const auto take = [&](const std::string& name, DType dtype) {
    for (auto& [known, tensor] : file.tensors) {
      if (known != std::string(kTraining) + name) continue;
      if (tensor.dtype() != dtype) damaged(name);
      return std::move(tensor);
    }
    return Tensor();
  };
  const std::int64_t parameters = checkpoint.model.parameters.size(),
                     states = checkpoint.model.state.size();
  for_each_tensor(state, [&](const std::string& name, Tensor& to) {
    to = take(name, DType::f32);
    const std::int64_t whole = name.ends_with("state") ? states : parameters;
    if (to.size() != 0 && to.size() != whole) damaged(name);
    for (const float x : to.as<float>())
      if (!std::isfinite(x)) damaged(name);
  });
  const auto rows = [&](const std::string& name) {
    const Tensor tensor = take(name, DType::u64);
    std::vector<std::int64_t> list;
    if (tensor.size() == 0) return list;
    for (const std::uint64_t row : tensor.as<std::uint64_t>()) {
      if (row > static_cast<std::uint64_t>(kMostWhole)) damaged(name);
      list.push_back(static_cast<std::int64_t>(row));
    }
    return list;
  };
  // Weights and the state that belongs to them are both there, or neither.
  for (const auto& [values, of_it, name] :
       {std::tuple(&state.model.best.values, &state.model.best.state, "model.best.state"),
        std::tuple(&state.model.sound.values, &state.model.sound.state, "model.sound.state"),
        std::tuple(&state.last_values, &state.last_state, "last.state")})
    if (values->size() != 0 && of_it->size() != states) damaged(name);
  state.rows = rows("rows");
  state.valid_rows = rows("valid_rows");
  if (const auto note = file.metadata.find(kNote); note != file.metadata.end())
    checkpoint.note = note->second;
  if (state.times.size() != checkpoint.model.history.size()) damaged("times");
  const auto latents = static_cast<std::size_t>(checkpoint.model.latent());
  for (const PhaseState* phase : {&state.model, &state.partial}) {
    const EpochSums& sums = phase->sums;
    if (sums.mean.size() != sums.square.size() ||
        (!sums.mean.empty() && sums.mean.size() != latents))
      damaged("sums");
    if (phase->shards > 0 && (phase->optimizer.moment1.size() != parameters ||
                              phase->optimizer.moment2.size() != parameters))
      damaged("moments");
  }
  return checkpoint;
}

}  // namespace diabolo
