// score MODEL DATA: how unlike the training data each row is.
#include <diabolo/apps/explain.h>
#include <diabolo/cli/input.h>
#include <diabolo/cli/keep.h>
#include <diabolo/cli/verbs.h>

#include <numeric>

namespace diabolo::cli {
namespace {

/// why:COLUMN and, where text can be written, reasons.
std::vector<ResultColumn> explanation(const Dataset& data, const Scores& scores,
                                      bool numbers_only) {
  const auto D = static_cast<std::size_t>(data.dimensions());
  std::vector<std::string> names = data.columns;
  for (std::size_t d = names.size(); d < D; ++d) names.push_back(fmt::format("c{}", d));
  std::vector<ResultColumn> columns;
  if (scores.excess.empty()) {
    warn("reasons compare with what columns add on average, which models of pictures do not keep");
  } else if (!numbers_only) {
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < scores.excess.size(); at += D)
      texts.push_back(reasons(std::span(scores.excess).subspan(at, D), names));
    columns.push_back(words("reasons", std::move(texts)));
  }
  for (std::size_t d = 0; d < D; ++d) {
    std::vector<double> why;
    for (std::size_t at = d; at < scores.why.size(); at += D) why.push_back(scores.why[at]);
    columns.push_back(real_numbers("why:" + names[d], std::move(why)));
  }
  return columns;
}

}  // namespace

int score(Arguments arguments) {
  std::string model_path;
  Input input;
  ScoreOptions wanted;
  std::optional<double> threshold, contamination;
  Common common;
  Output output;
  Keep keep;
  Options options(
      {.verb = "score",
       .purpose = std::string(purpose("score")),
       .usage = "MODEL DATA [-o OUT] [options]",
       .details =
           "score = -log p(x) in nats, by importance weighting (Burda et al., 2016): high is "
           "abnormal. log_px and kl\nare its parts: score = kl - log_px. Missing values add "
           "what they add on average, so that a row\nlooks neither more nor less normal for "
           "its holes.",
       .example = "  diabolo score runs/first new.csv -o scores.csv\n"
                  "  diabolo score runs/first new.csv --contamination 0.01 --explain --keep id"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true);
  output.add_to(options, "where scores go: .csv, .tsv, .parquet, .jsonl, .npy");
  keep.add_to(options);
  options.option({.name = "samples",
                  .placeholder = "N",
                  .help = "draws of the code for each row",
                  .fallback = "16"},
                 into(wanted.samples, 1, 1000000));
  options.option({.name = "threshold",
                  .placeholder = "X",
                  .help = "also a column outlier: 1 where the score is above X"},
                 into(threshold));
  options.option({.name = "contamination",
                  .placeholder = "F",
                  .help = "the threshold is the score that a share F of held-out rows exceeds"},
                 into(contamination));
  options.flag("explain",
               "also columns why:COLUMN, what each column adds to -log_px, and reasons: the three "
               "that add most beyond what they add on average",
               wanted.explain);
  options.common(common);
  if (!options.parse(arguments)) return 0;
  output.check_usage(common);
  keep.check_usage(output);
  if (threshold && contamination)
    throw UsageError("expected --threshold or --contamination, got both; choose one");
  if (contamination && !(*contamination > 0 && *contamination < 1))
    throw UsageError(fmt::format("expected a share between 0 and 1 for --contamination, got {}",
                                 *contamination));
  wanted.seed = common.seed;

  const Model model = load_model(model_path, common);
  if (contamination) threshold = model.score_threshold(*contamination);
  input.open(model.data());
  std::vector<ResultColumn> columns = keep.columns(input.table());
  const Dataset data = input.read(model.data());
  Scores scores = model.score_rows(data, wanted);
  const std::int64_t N = data.size();
  std::vector<double> rows(static_cast<std::size_t>(N));
  std::iota(rows.begin(), rows.end(), 0.0);
  columns.push_back(whole_numbers("row", std::move(rows)));
  columns.push_back(real_numbers("score", scores.score));
  columns.push_back(real_numbers("log_px", std::move(scores.log_px)));
  columns.push_back(real_numbers("kl", std::move(scores.kl)));
  if (threshold) {
    std::vector<double> outlier;
    for (const double x : scores.score) outlier.push_back(x > *threshold);
    columns.push_back(whole_numbers("outlier", std::move(outlier)));
  }
  if (wanted.explain)
    for (ResultColumn& column : explanation(data, scores, output.is_npy()))
      columns.push_back(std::move(column));
  output.write(columns, N, input.table(), common);
  return 0;
}

}  // namespace diabolo::cli
