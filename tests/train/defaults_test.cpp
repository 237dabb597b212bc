// What make_job chooses, and what it refuses.
#include <diabolo/models/presets.h>
#include <diabolo/train/sizing.h>
#include <gtest/gtest.h>
#include <train/tiny_fit.h>

namespace diabolo {
namespace {

using testing::curve;
using testing::quick;
using testing::stripes;

Dataset zeros(std::int64_t rows, std::int64_t dimensions) {
  return Dataset::from(Tensor(DType::f32, {rows, dimensions}), "zeros");
}

FitJob job(const FitOptions& options, const Dataset& data) {
  return make_job(options, data, data.size(), {});
}

std::string refusal(const FitOptions& options, const Dataset& data = curve(20, 3)) {
  try {
    job(options, data);
  } catch (const Error& error) {
    EXPECT_NE(error.code(), ErrorCode::internal);
    return error.message();
  }
  return "accepted";
}

void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

// Bytes that are not black and white alone: a picture.
Dataset grey(std::int64_t rows, std::int64_t dimensions) { return stripes(rows, dimensions); }

TEST(defaults, tables_are_sized_as_tables_and_pictures_as_pictures) {
  const auto expect = [](const FitJob& j, const Sizing& s) {
    EXPECT_EQ(j.composition.latent, s.latent);
    EXPECT_EQ(to_string(j.composition.encoder.settings.at("hidden")), format_widths(s.hidden));
    EXPECT_EQ(to_string(j.composition.decoder.settings.at("hidden")), format_widths(s.hidden));
    EXPECT_EQ(j.batch_size, s.batch_size);
    EXPECT_EQ(j.epochs, s.epochs);
    EXPECT_EQ(j.patience, std::max(10., std::round(s.patience * static_cast<double>(s.epochs))));
    EXPECT_EQ(j.learning_rate, s.learning_rate);
    EXPECT_EQ(j.schedule, s.schedule);
  };
  // The rows trained on are told apart from the data, since some are kept for validation.
  expect(make_job({}, curve(20, 30), 900, {}), sizing(900, 30, RowForm::numbers));
  expect(make_job({}, grey(20, 30), 900, {}), sizing(900, 30, RowForm::pictures));
  expect(make_job({}, zeros(20, 30), 900, {}), sizing(900, 30, RowForm::pictures));
}

TEST(defaults, a_batch_is_of_all_rows_where_they_are_few) {
  EXPECT_EQ(job({}, curve(20, 3)).batch_size, 20);
  EXPECT_EQ(job({}, grey(20, 3)).batch_size, 20);
}

// The last column holds 0 and 1, which are names.
Dataset with_a_column_of_names(Dataset data) {
  Schema schema;
  for (std::int64_t d = 0; d < data.dimensions(); ++d) {
    ColumnSchema column;
    column.field.name = "c" + std::to_string(d);
    column.likelihood = {d + 1 < data.dimensions() ? "normal" : "bernoulli", {}};
    schema.columns.push_back(column);
  }
  const auto x = data.values.as<float>();
  const auto D = static_cast<std::size_t>(data.dimensions());
  for (std::size_t i = D - 1; i < x.size(); i += D) x[i] = x[i] > 0 ? 1 : 0;
  data.schema = std::make_shared<const Schema>(schema);
  return data;
}

TEST(defaults, tables_get_a_weight_and_a_prior_that_go_together) {
  const Sizing size = sizing(900, 30, RowForm::numbers);
  const FitJob table = make_job({}, curve(20, 30), 900, {});
  EXPECT_EQ(table.composition.prior.type, "mixture");
  EXPECT_EQ(number(table.composition.prior.settings, "components"),
            static_cast<double>(size.components));
  EXPECT_EQ(number(table.composition.objective.settings, "beta"), 1) << "of numbers alone";
  const FitJob names = make_job({}, with_a_column_of_names(curve(20, 30)), 900, {});
  EXPECT_EQ(number(names.composition.objective.settings, "beta"), size.beta_of_categories);
  const FitJob picture = make_job({}, grey(20, 30), 900, {});
  EXPECT_EQ(picture.composition.prior.type, "standard");
  EXPECT_EQ(number(picture.composition.objective.settings, "beta"), 1);
  FitOptions told;
  told.beta = 1;
  told.components = {{"prior", "standard"}};
  const FitJob plain = make_job(told, curve(20, 30), 900, {});
  EXPECT_EQ(plain.composition.prior.type, "standard");
  EXPECT_EQ(number(plain.composition.objective.settings, "beta"), 1);
}

TEST(defaults, of_arrays_of_numbers_alone_rows_are_left_out) {
  EXPECT_GT(job({}, curve(20, 3)).trim, 0);
  EXPECT_EQ(job({}, with_a_column_of_names(curve(20, 3))).trim, 0);
  EXPECT_EQ(job({}, stripes(20, 3)).trim, 0);
  FitOptions options;
  options.model = "ae";
  EXPECT_EQ(job(options, curve(20, 3)).trim, 0) << "no bound";
  options = {};
  options.trim = 0.2;
  EXPECT_EQ(job(options, stripes(20, 3)).trim, 0.2) << "told";
}

TEST(defaults, components_of_the_prior_may_be_told) {
  FitOptions options;
  options.components = {{"prior.components", "7"}};
  EXPECT_EQ(
      number(make_job(options, curve(20, 30), 900, {}).composition.prior.settings, "components"),
      7);
}

TEST(defaults, the_kl_warms_up_for_a_share_of_the_epochs_to_a_most) {
  FitOptions options;
  const Sizing size = sizing(900, 30, RowForm::numbers);
  const auto warmup = [&](const Dataset& data) {
    return make_job(options, data, 900, {}).beta_warmup;
  };
  options.epochs = 35;
  EXPECT_EQ(warmup(curve(20, 30)), std::floor(35 * size.warmup));
  options.epochs = 100000;
  EXPECT_EQ(warmup(curve(20, 30)), size.most_warmup);
  EXPECT_EQ(warmup(grey(20, 100)), 0) << "pictures do not";
  options.beta_warmup = 0.5;
  EXPECT_EQ(warmup(curve(20, 30)), 0.5);
}

TEST(defaults, likelihood_follows_the_values) {
  const auto likelihood = [](const FitOptions& o, const Dataset& data) {
    return job(o, data).composition.likelihood.type;
  };
  EXPECT_EQ(likelihood({}, curve(20, 3)), "normal");
  EXPECT_EQ(likelihood({}, stripes(20, 3)), "normal");
  EXPECT_EQ(likelihood({}, zeros(20, 3)), "bernoulli");
  FitOptions options;
  options.binarize = "dynamic";
  EXPECT_EQ(likelihood(options, stripes(20, 3)), "bernoulli");
  options.binarize = "none";
  options.likelihood = "bernoulli";
  EXPECT_EQ(likelihood(options, stripes(20, 3)), "bernoulli");
}

TEST(defaults, bytes_of_two_values_are_binarised_data) {
  for (const std::uint8_t most : {std::uint8_t{1}, std::uint8_t{255}}) {
    const Dataset data = Dataset::from(
        Tensor::of<std::uint8_t>({2, 2}, std::vector<std::uint8_t>{0, most, most, 0}), "bits");
    const FitJob j = job({}, data);
    EXPECT_EQ(j.composition.likelihood.type, "bernoulli");
    EXPECT_EQ(j.transform.scale, std::vector<double>{static_cast<double>(most)});
    EXPECT_TRUE(j.zero_one);
  }
  EXPECT_FALSE(job({}, stripes(20, 3)).zero_one);
}

TEST(defaults, scale_follows_the_type_of_the_values) {
  EXPECT_EQ(job({}, stripes(20, 3)).transform.scale, std::vector<double>{255});
  EXPECT_EQ(job({}, stripes(20, 3)).transform.shift, std::vector<double>{0});
  const Dataset data =
      Dataset::from(Tensor::of<float>({4, 2}, std::vector<float>{1, 5, 3, 5, 1, 5, 3, 5}));
  const Transform t = job({}, data).transform;
  EXPECT_EQ(t.shift, (std::vector<double>{2, 5}));
  EXPECT_EQ(t.scale, (std::vector<double>{1, 1})) << "a constant column keeps its units";
  const Dataset tenth = Dataset::from(Tensor::of<float>({999, 1}, std::vector<float>(999, 0.1f)));
  EXPECT_EQ(job({}, tenth).transform.scale, std::vector<double>{1})
      << "whatever its mean rounds to";
  for (const float unit : {1e-33f, 1e-5f, 1e30f}) {
    const Dataset far = Dataset::from(Tensor::of<float>({2, 1}, std::vector<float>{0, 2 * unit}));
    EXPECT_FLOAT_EQ(static_cast<float>(job({}, far).transform.scale[0]), unit);
  }
  FitOptions options;
  options.scale = "none";
  EXPECT_EQ(job(options, data).transform.shift, std::vector<double>{0});
  EXPECT_EQ(job(options, stripes(20, 3)).transform.scale, std::vector<double>{1});
}

TEST(defaults, decoder_mirrors_the_encoder_unless_told_otherwise) {
  FitOptions options;
  options.hidden = {30, 20, 10};
  EXPECT_EQ(to_string(job(options, curve(20, 3)).composition.decoder.settings.at("hidden")),
            "10,20,30");
  options.decoder_hidden = {7};
  EXPECT_EQ(to_string(job(options, curve(20, 3)).composition.decoder.settings.at("hidden")), "7");
}

TEST(defaults, options_reach_the_components) {
  FitOptions options;
  options.beta = 3;
  EXPECT_EQ(number(job(options, curve(20, 3)).composition.objective.settings, "beta"), 3);
  options.beta = {};
  options.kl_limit = 5;
  EXPECT_EQ(job(options, curve(20, 3)).composition.objective.type, "constrained");
  options.components = {{"likelihood", "normal"}, {"likelihood.scale", "0.1"}};
  EXPECT_EQ(number(job(options, curve(20, 3)).composition.likelihood.settings, "scale"), 0.1);
  options = {};
  options.model = "beta-vae";
  EXPECT_EQ(number(job(options, curve(20, 3)).composition.objective.settings, "beta"), 4);
}

TEST(defaults, every_setting_in_force_is_told) {
  const FitJob j = job(quick("beta-vae"), curve(20, 3));
  EXPECT_EQ(j.settings.at("model"), "beta-vae");
  EXPECT_EQ(j.settings.at("objective.beta"), "4");
  EXPECT_EQ(j.settings.at("encoder.hidden"), "8");
  EXPECT_EQ(j.settings.at("batch-size"), "16");
  EXPECT_FALSE(j.settings.contains("threads"));
}

TEST(refused, every_option_out_of_range_by_its_name) {
  const auto with = [](auto set) {
    FitOptions o;
    set(o);
    return refusal(o);
  };
  expect_in("--latent", with([](auto& o) { o.latent = 0; }));
  expect_in("--latent", with([](auto& o) { o.latent = -3; }));
  expect_in("--epochs", with([](auto& o) { o.epochs = 0; }));
  expect_in("--batch-size", with([](auto& o) { o.batch_size = 0; }));
  expect_in("--beta", with([](auto& o) { o.beta = -1; }));
  expect_in("--beta", with([](auto& o) { o.beta = std::nan(""); }));
  expect_in("--beta-warmup", with([](auto& o) { o.beta_warmup = -1; }));
  expect_in("--kl-limit", with([](auto& o) { o.kl_limit = 0; }));
  expect_in("--learning-rate", with([](auto& o) { o.learning_rate = 0; }));
  expect_in("--learning-rate", with([](auto& o) { o.learning_rate = INFINITY; }));
  expect_in("--patience", with([](auto& o) { o.patience = -1; }));
  expect_in("--clip-norm", with([](auto& o) { o.clip_norm = -1; }));
  expect_in("--trim", with([](auto& o) { o.trim = -0.1; }));
  expect_in("--trim", with([](auto& o) { o.trim = 0.6; }));
  expect_in("--trim", with([](auto& o) { o.trim = 0.1, o.model = "ae"; }));
  expect_in("--valid", with([](auto& o) { o.valid = 1; }));
  expect_in("--valid", with([](auto& o) { o.valid = -0.1; }));
  expect_in("--valid", with([](auto& o) { o.valid = std::nan(""); }));
  expect_in("--threads", with([](auto& o) { o.threads = -1; }));
  expect_in("expected whole numbers", with([](auto& o) { o.hidden = {0}; }));
  expect_in("expected whole numbers", with([](auto& o) { o.decoder_hidden = {-4}; }));
}

TEST(refused, unknown_words_with_the_nearest_known_one) {
  const auto with = [](auto set) {
    FitOptions o;
    set(o);
    return refusal(o);
  };
  expect_in("did you mean 'beta-vae'", with([](auto& o) { o.model = "betavae"; }));
  expect_in("did you mean 'bernoulli'", with([](auto& o) { o.likelihood = "bernouli"; }));
  expect_in("did you mean 'cosine'", with([](auto& o) { o.schedule = "cosin"; }));
  expect_in("did you mean 'adamw'", with([](auto& o) { o.optimizer = "adammw"; }));
  expect_in("did you mean 'dynamic'", with([](auto& o) { o.binarize = "dinamic"; }));
  expect_in("did you mean 'reproducible'", with([](auto& o) { o.mode = "reproducable"; }));
  expect_in("did you mean 'bf16'", with([](auto& o) { o.precision = "bf61"; }));
  expect_in("leave one of them out", with([](auto& o) {
              o.precision = "bf16";
              o.mode = "reproducible";
            }));
  expect_in("tanh", with([](auto& o) { o.activation = "tahn"; }));
  expect_in("did you mean 'prior'", with([](auto& o) { o.components = {{"priro", "mixture"}}; }));
  expect_in("did you mean 'components'",
            with([](auto& o) { o.components = {{"prior", "mixture"}, {"prior.component", "3"}}; }));
  expect_in("between 1 and 1000", with([](auto& o) {
              o.components = {{"prior", "mixture"}, {"prior.components", "0"}};
            }));
}

TEST(refused, options_that_do_not_go_together) {
  FitOptions o;
  o.beta = 2;
  o.kl_limit = 10;
  expect_in("--beta or --kl-limit", refusal(o));
  o = {};
  o.weight_decay = 0.1;
  o.optimizer = "adam";
  expect_in("adamw", refusal(o));
  o = {};
  o.model = "ae";
  o.beta = 2;
  expect_in("--beta", refusal(o));
}

TEST(refused, data_outside_the_range_of_the_likelihood_by_row_and_column) {
  std::vector<float> values(12, 0.5f);
  values[7] = 1.5f;
  const Dataset data = Dataset::from(Tensor::of<float>({4, 3}, values), "numbers");
  FitOptions o;
  o.likelihood = "bernoulli";
  expect_in("got 1.5 in row 2, column 1 (from 0) of numbers", refusal(o, data));
  o.likelihood = "auto";
  o.binarize = "dynamic";
  expect_in("row 2, column 1", refusal(o, data));
  o = {};
  o.scale = "none";
  o.likelihood = "bernoulli";
  expect_in("expected values in [0, 1]", refusal(o, stripes(20, 3)));
  o.scale = "auto";
  EXPECT_EQ(refusal(o, stripes(20, 3)), "accepted");
}

TEST(refused, point_posterior_with_a_bound) {
  const Dataset data = curve(20, 3);
  FitOptions o;
  o.components = {{"posterior", "deterministic"}};
  const FitJob j = job(o, data);
  EXPECT_THROW(make_model(j.composition, {}, j.transform, data.row_shape, 0), Error);
}

TEST(defaults, a_rate_that_would_make_weights_grow_without_bound_is_refused) {
  FitOptions options;
  options.optimizer = "adamw";
  options.weight_decay = 0.1;
  options.learning_rate = 10;
  EXPECT_EQ(job(options, stripes(20, 3)).learning_rate, 10);
  options.learning_rate = 11;
  EXPECT_THROW(job(options, stripes(20, 3)), Error);
}

}  // namespace
}  // namespace diabolo
