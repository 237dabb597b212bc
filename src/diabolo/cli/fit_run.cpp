#include <diabolo/apps/fit.h>
#include <diabolo/base/one_line.h>
#include <diabolo/cli/config.h>
#include <diabolo/cli/fit_run.h>
#include <diabolo/data/read.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>

namespace diabolo::cli {
namespace {

/// What the file of a run says that this command may not know.
void check_settings(const Values& settings, const Options& options, const std::string& run) {
  const std::vector<std::string> known = options.settings();
  for (const auto& [name, text] : settings)
    check(std::ranges::find(known, name) != known.end(), ErrorCode::unsupported, "resume",
          "expected a training with settings that this command has, got one with {} in {}; update "
          "diabolo, or choose another folder",
          in_quotes(name), in_quotes(run));
}

/// Takes what the run was begun with, where nothing else is given.
void go_on_with(const Checkpoint& checkpoint, const BegunWith& begun, const Options& options,
                FitRequest& request, const Components& components) {
  const auto began_from = begun.given.find("init");
  if (!request.init.empty() &&
      (began_from == begun.given.end() || began_from->second != absolute_path(request.init)))
    throw UsageError(
        fmt::format("expected no other --init than the run began with, got {}; leave "
                    "it out, or choose another folder",
                    in_quotes(request.init)));
  Values before = settings_in_force(checkpoint.model, begun.given);
  check_settings(before, options, request.run);
  drop_overridden(before, request.given);
  // What a schema file said stands in the checkpoint, too.
  std::error_code ignored;
  if (const auto file = before.find("schema");
      file != before.end() && !std::filesystem::exists(file->second, ignored))
    before.erase(file);
  try {
    options.apply(before);
  } catch (const UsageError& error) {
    fail(ErrorCode::corrupt_file, "resume", "{} (in the checkpoint of {})", error.what(),
         in_quotes(request.run));
  }
  Values given = begun.given;
  for (const auto& [name, text] : request.given) given[name] = text;
  request.given = std::move(given);
  settle(request, components);
}

/// Of a trained model to begin with: settings of the model itself can be no others.
void take_model(const ModelData& init, const FitRequest& request) {
  const Values known = settings_in_force(init, {});
  for (const auto& [name, text] : request.given) {
    static const std::set<std::string> of_models = {
        "model", "latent", "hidden",   "decoder-hidden", "activation", "likelihood", "scale",
        "kind",  "drop",   "binarize", "schema",         "partial",    "posterior",  "prior"};
    const std::string family = name.substr(0, name.find('.'));
    if (!of_models.contains(name) && (family == name || family == "objective")) continue;
    const auto same = known.find(name);
    const std::string expected = same == known.end() ? "none" : same->second;
    if (expected != text)
      throw UsageError(
          fmt::format("expected --{} {} as the model to begin with has, got {}; leave "
                      "it out",
                      name, expected, text));
  }
}

std::string config_of(const ModelData& model, const FitRequest& request, const Options& options) {
  Values settings = settings_in_force(model, request.given);
  settings.erase("labels");  // of these rows and their page alone
  return fmt::format(
             "# Every setting in force. Again: diabolo fit {} -o RUN --config config.toml\n",
             one_line(shell_word(absolute_path(request.input.path())))) +
         format_config(settings, options.settings());
}

Json as_json(const EpochRecord& record) {
  Json json;
  for_each_number(record, [&](const char* name, auto x) { json[name] = x; });
  for (const char* of_training : {"learning_rate", "beta"}) json.erase(of_training);
  return json;
}

std::string told(const ModelData& model, const EpochRecord* kept, double seconds) {
  if (!kept) return "ended within the first epoch: the weights are those of its last step";
  return fmt::format(
      "{} in {}; best was epoch {}: loss {:.5g}{}, {} of {} latents active",
      counted(std::ssize(model.history), "epoch"), clock_time(seconds), kept->epoch, kept->loss,
      std::isnan(kept->valid_loss) ? "" : fmt::format(", valid {:.5g}", kept->valid_loss),
      kept->active_units, model.latent());
}

Json words_of(const std::string& names) {
  std::istringstream words(names);
  return Json(std::vector<std::string>(std::istream_iterator<std::string>(words), {}));
}

/// `page`: the report of this model, or empty.
void print_result(const ModelData& model, const FitRequest& request, const RunFolder& folder,
                  const std::string& page, double seconds, int signal) {
  const EpochRecord* kept = kept_epoch(model);
  if (!kept && !model.history.empty()) kept = &model.history.back();
  if (request.common.json)
    return print_json({{"run", request.run},
                       {"model", folder.file("model.safetensors")},
                       {"report", page.empty() ? Json(nullptr) : Json(page)},
                       {"epochs", model.history.size()},
                       {"best_epoch", kept ? Json(kept->epoch) : Json(nullptr)},
                       {"seconds", seconds},
                       {"stopped_by_signal", signal == 0 ? Json(nullptr) : Json(signal)},
                       {"findings", words_of(model.findings)},
                       {"best", kept ? as_json(*kept) : Json(nullptr)},
                       {"last", kept ? as_json(model.history.back()) : Json(nullptr)}});
  if (request.common.quiet) return;
  const std::string run = shell_word(request.run), data = shell_word(request.input.path());
  const std::string look =
      page.empty() ? "" : fmt::format("\nto see it, open {} in a browser", shell_word(page));
  print(
      fmt::format("\n{}\nthe model is {}{}\n\nnext:\n"
                  "  diabolo evaluate {} {}\n  diabolo sample {} -n 64 {}\n"
                  "  diabolo encode {} {} -o codes.npy\n",
                  told(model, kept, seconds), shell_word(folder.file("model.safetensors")), look,
                  run, data, run, model.is_image ? "-o samples.png" : "-o samples.csv", run, data));
}

/// Epochs that are planned; 0 if the model does not say.
std::size_t planned_epochs(const ModelData& model) {
  return static_cast<std::size_t>(number_of_setting(model, "epochs").value_or(0));
}

/// True if `file` is there and was not written before `other`.
bool is_newer(const std::string& file, const std::string& other) {
  std::error_code missing, ignored;
  const auto time = std::filesystem::last_write_time(file, missing);
  return !missing && time >= std::filesystem::last_write_time(other, ignored);
}

RunUse use_of(const FitRequest& request) {
  if (request.resume) return RunUse::resume;
  return request.overwrite ? RunUse::overwrite : RunUse::fresh;
}

}  // namespace

FitRun::FitRun(const Options& options, FitRequest& request, const Components& components)
    : options_(options),
      request_(request),
      components_(components),
      folder_(request.run, use_of(request)) {
  asks_for_labels_ = !request.labels.empty();
  if (request.overwrite)
    for (const std::string& path : {request.input.path(), request.valid_file, request.labels})
      if (folder_.holds(path))
        throw UsageError(
            fmt::format("expected data beside the run that is overwritten, got {} of it; copy it "
                        "elsewhere first",
                        in_quotes(path)));
  if (!request.resume) return;
  if (std::optional<Checkpoint> checkpoint = folder_.read_checkpoint(components)) {
    checkpoint_ = std::move(*checkpoint);
    begun_ = from_note(checkpoint_.note, folder_.file("checkpoint.safetensors"));
    goes_on_ = true;
    if (request.input.path().empty()) request.input.set_path(begun_.data);
  } else if (request.input.path().empty()) {
    fail(ErrorCode::io, "resume",
         "expected a run to go on with, got an empty folder at {}; start it by diabolo fit DATA "
         "-o RUN --resume",
         in_quotes(request.run));
  }
}

/// The run is finished, and nothing that is said could change that.
bool FitRun::is_done() const {
  return goes_on_ && checkpoint_.is_finished && folder_.is_whole(checkpoint_, components_) &&
         absolute_path(request_.input.path()) == begun_.data &&
         says_the_same(request_.given, begun_.given, checkpoint_.model);
}

void FitRun::read() {
  if (!request_.init.empty()) {
    std::error_code ignored;
    const std::string file = model_file(request_.init);
    if (!goes_on_ && std::filesystem::equivalent(file, folder_.file("model.safetensors"), ignored))
      throw UsageError(
          fmt::format("expected another folder than that of the model to begin with, "
                      "got {}; choose a new one",
                      in_quotes(request_.run)));
    if (!goes_on_) loaded_.emplace(load(request_.init, components_));
    init_ = goes_on_ ? &checkpoint_.model : &loaded_->data();
    take_model(*init_, request_);
  }
  const bool lacks_schema =
      goes_on_ && begun_.given.contains("schema") && !request_.columns.has_file();
  if (init_ || lacks_schema)
    data_ = request_.input.read(init_ ? *init_ : checkpoint_.model);
  else
    data_ = request_.input.read(request_.columns.request());
  if (data_.schema && !init_) say_lines(describe(*data_.schema));
  take_labels();
  if (!request_.valid_file.empty())
    valid_ = request_.input.like(request_.valid_file).read(data_.schema);
}

/// Labels are of the page alone: without those that a run was begun with it goes on all the same.
void FitRun::take_labels() {
  if (request_.labels.empty()) return;
  if (!asks_for_labels_) {
    labels_ = try_labels(request_.labels, request_.input, data_);
    return;
  }
  Labels labels = read_labels(request_.labels, request_.input, data_);
  labels_ = std::move(labels.values);
  request_.given["labels"] = std::move(labels.from);
}

void FitRun::keep(const ModelData& model, const TrainingState& state, bool is_finished) {
  const bool is_first =
      folder_.keep(model, state, is_finished,
                   to_note({.data = absolute_path(request_.input.path()),
                            .given = request_.given,
                            .machine = machine_in_words(request_.options.threads)}),
                   config_of(model, request_, options_));
  kept_ = Clock::now();
  if (!is_first) return;
  if (was_finished_ && planned_epochs(model) <= model.history.size())
    say("the training is finished: its files are made again");
  else if (goes_on_)
    say(fmt::format("training goes on after {} and {}", counted(std::ssize(model.history), "epoch"),
                    counted(state.model.steps + state.partial.steps, "step")));
  else
    say("training has started");
}

TrainerHooks FitRun::hooks() {
  TrainerHooks hooks;
  hooks.on_begin = [this](std::int64_t epochs, std::int64_t steps) {
    progress_.begin(epochs, steps);
  };
  hooks.on_epoch = [this](const EpochReport& report) {
    folder_.append(report);
    progress_.epoch(report);
    return signals_->received() == 0;
  };
  hooks.on_step = [this] { progress_.step(); };
  hooks.should_stop = [this] { return signals_->received() != 0; };
  hooks.on_partial_epoch = [this](double loss, std::int64_t epoch, std::int64_t epochs) {
    progress_.partial_epoch(loss, epoch, epochs);
    return signals_->received() == 0;
  };
  hooks.is_save_due = [this] {
    return std::chrono::duration<double>(Clock::now() - kept_).count() >= request_.checkpoint_every;
  };
  hooks.save = [this](const ModelData& model, const TrainingState& state) {
    keep(model, state, false);
  };
  hooks.on_divergence = [this](const std::string& advice) { advice_ = advice; };
  if (request_.profile) hooks.on_profile = [this](const std::string& text) { profile_ = text; };
  return hooks;
}

Model FitRun::train() {
  signals_.emplace();
  const FitExtras extras{.valid = valid_ ? &*valid_ : nullptr,
                         .hooks = hooks(),
                         .components = {},
                         .checkpoint = &checkpoint_,
                         .init = init_};
  if (goes_on_) {
    folder_.go_on_after(checkpoint_);
    progress_.go_on_after(std::ssize(checkpoint_.model.history),
                          checkpoint_.state.model.step_of_epoch);
  }
  try {
    return diabolo::fit(data_, request_.options, extras);
  } catch (const ChangedSetting& error) {
    throw UsageError(error.message());
  } catch (const Error& error) {
    const bool is_of_rows =
        error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::shape;
    if (changed_.empty() || !is_of_rows) throw;
    throw UsageError(changed_);
  }
}

/// Pictures and the page. What goes wrong here does not cost the model.
void FitRun::look_at(const Model& model) {
  const auto attempt = [](const char* what, auto&& make) {
    try {
      make();
    } catch (const Error& error) {
      warn(fmt::format("the model is saved, its {} not: {}", what, error.message()));
    } catch (const std::exception& error) {
      warn(fmt::format("the model is saved, its {} not: {}", what, error.what()));
    }
  };
  const std::uint64_t seed = request_.options.seed;
  Examples examples;
  if (model.data().is_image)
    attempt("pictures are", [&] {
      examples =
          examples_of(data_, valid_ ? &*valid_ : nullptr, valid_fraction(request_.options, data_),
                      seed, labels_ ? &*labels_ : nullptr);
      if (labels_ && valid_)
        say("pictures are of the rows of --valid, of which no labels are known: they are not "
            "sorted");
      folder_.save_pictures(model, *examples.rows, examples.labels ? &*examples.labels : nullptr,
                            seed);
    });
  std::error_code ignored;
  const std::string page = folder_.file("report.html");
  if (request_.no_report && std::filesystem::exists(page, ignored))
    say(fmt::format("{} is of before this training; diabolo report {} makes it again", page,
                    shell_word(request_.run)));
  if (request_.no_report) return;
  if (!have_page()) return say(kNoPage);
  attempt("report is", [&] {
    write_report({.model = &model,
                  .run = request_.run,
                  .data_path = request_.input.path(),
                  .data = &data_,
                  .examples = &examples,
                  .labels = labels_ ? &*labels_ : nullptr,
                  .machine = machine_in_words(request_.options.threads),
                  .seed = seed,
                  .threads = request_.options.threads},
                 page);
    page_ = page;
  });
}

int FitRun::end(const ModelData& model, int signal) {
  if (signal != 0)
    say(
        fmt::format("stopped by {}; the best model so far is saved; to go on: diabolo fit --resume "
                    "{}",
                    signals_->name(), shell_word(request_.run)));
  try {
    print_result(model, request_, folder_, page_, checkpoint_.state.seconds, signal);
  } catch (const Error& error) {
    if (request_.common.json) throw;  // this was asked for
    warn(fmt::format("all is saved, its summary is not told: {}", error.message()));
  }
  if (!advice_.empty()) {
    say_error(
        fmt::format("expected a training of finite steps, got {} that were not, and ended it; the "
                    "best model before that is saved; begin again (--overwrite): {}",
                    BadSteps::kMost, advice_));
    return 1;
  }
  return signal == 0 ? 0 : signals_->exit_code();
}

int FitRun::go() {
  if (is_done()) {
    say("the training is finished (the data were not looked at)");
    if (is_newer(folder_.file("report.html"), folder_.file("model.safetensors")))
      page_ = folder_.file("report.html");
    return end(checkpoint_.model, 0);
  }
  folder_.expect_to_write();
  was_finished_ = goes_on_ && checkpoint_.is_finished;
  const std::size_t epochs_before = checkpoint_.model.history.size();
  if (goes_on_) {
    changed_ = changed_reading(request_.given, begun_.given);
    go_on_with(checkpoint_, begun_, options_, request_, components_);
  }
  read();
  const Model model = train();
  progress_.end();
  folder_.save(model);
  signals_->release();  // all is saved that cannot be made again
  const int signal = signals_->received();
  look_at(model);
  if (signal == 0 && advice_.empty()) keep(model.data(), checkpoint_.state, true);
  if (!profile_.empty()) say_lines(profile_);
  if (was_finished_ && model.data().history.size() == epochs_before &&
      epochs_before < planned_epochs(model.data()))
    say("validation had ended the training before its last epoch: more --epochs change nothing");
  return end(model.data(), signal);
}

}  // namespace diabolo::cli
