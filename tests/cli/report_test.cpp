// `report`, and the page that `fit` leaves. What the page looks like: tests/browser.
#include "cli/command.h"
#include "cli/table_command.h"

namespace diabolo {
namespace {

bool is_off(const Workplace& w) {
  return w.run("report nothing").err.find("are off") != std::string::npos;
}

TEST(ReportVerb, says_once_that_reports_are_off_where_they_are) {
  const Workplace w;
  const bool off = is_off(w);
  const Result fit = w.succeed("fit rows.npy -o run --epochs 2");
  EXPECT_EQ(fit.err.find("reports are off") != std::string::npos, off);
  EXPECT_EQ(w.has("run/report.html"), !off);
  EXPECT_EQ(fit.out.find("run/report.html in a browser") != std::string::npos, !off);
  w.succeed("fit rows.npy -o without --epochs 2 --no-report");
  EXPECT_FALSE(w.has("without/report.html"));
  const Result more = w.succeed("fit --resume run --epochs 3 --no-report");
  EXPECT_EQ(more.out.find("in a browser"), std::string::npos) << "the page there is of before";
}

TEST(ReportVerb, makes_the_same_page_again_from_what_the_run_knows) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.succeed("fit rows.npy -o run --epochs 2 --missing nan");
  const std::string page = bytes_of(w.path("run/report.html"));
  EXPECT_EQ(page.find("@DIABOLO_DATA@"), std::string::npos);
  EXPECT_EQ(page.find(w.path()), std::string::npos) << "a page that is mailed names no folders";
  w.succeed("report run");
  EXPECT_EQ(bytes_of(w.path("run/report.html")), page);
  w.succeed("report run/model.safetensors rows.npy -o page.html --points 5 --quiet");
  EXPECT_NE(bytes_of(w.path("page.html")), page);
}

TEST(ReportVerb, rows_that_are_gone_do_not_cost_the_page_that_has_them) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  const std::string page = bytes_of(w.path("run/report.html"));
  std::filesystem::rename(w.path("rows.npy"), w.path("moved.npy"));
  w.refuse(1, "report run", "learned from are not at '" + w.path("rows.npy"));
  EXPECT_EQ(bytes_of(w.path("run/report.html")), page);
  w.succeed("report run moved.npy");
  EXPECT_NE(w.succeed("report run -o bare.html").err.find("without rows"), std::string::npos);
  std::filesystem::remove(w.path("run/report.html"));
  const Result bare = w.succeed("report run");
  EXPECT_NE(bare.err.find("not at '" + w.path("rows.npy")), std::string::npos) << bare.err;
}

TEST(ReportVerb, a_page_with_rows_is_kept_whatever_made_them_go) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  std::filesystem::remove(w.path("run/checkpoint.safetensors"));
  w.refuse(1, "report run", "which a page without would replace");
  w.succeed("report run -o bare.html");
  std::filesystem::copy(w.path("run/model.safetensors"), w.path("alone.safetensors"));
  w.succeed("report alone.safetensors");
  w.succeed("report alone.safetensors");  // a page without rows may be made again
}

TEST(ReportVerb, shows_the_pictures_that_were_held_out_as_fit_does) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  write_npy(Tensor(DType::u8, {40}), {40}, w.path("labels.npy"));
  const std::string seed = " --seed 9007199254740993";  // which no double holds
  for (const std::string valid : {"0.3", "0", "pictures.npy"}) {
    w.succeed("fit pictures.npy -o run --overwrite --epochs 1 --labels labels.npy --valid " +
              valid + seed);
    const std::string page = bytes_of(w.path("run/report.html"));
    w.succeed("report run" + seed);
    EXPECT_TRUE(bytes_of(w.path("run/report.html")) == page) << valid;
  }
}

TEST(ReportVerb, a_finished_run_is_made_whole_without_a_false_word) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.succeed("fit rows.npy -o run --epochs 3 --patience 0");
  std::filesystem::remove(w.path("run/model.safetensors"));
  const Result again = w.succeed("fit rows.npy -o run --resume");
  EXPECT_NE(again.err.find("finished: its files are made again"), std::string::npos) << again.err;
  EXPECT_EQ(again.err.find("goes on"), std::string::npos) << again.err;
  EXPECT_EQ(again.err.find("validation had ended"), std::string::npos) << again.err;

  w.succeed("fit rows.npy -o run --resume --epochs 5 --no-report");
  const Result stale = w.succeed("fit rows.npy -o run --resume --no-report --json");
  EXPECT_NE(stale.out.find("\"report\": null"), std::string::npos) << stale.out;
}

TEST(ReportVerb, labels_stay_out_of_the_configuration_of_other_fits) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.succeed("fit rows.npy -o run --epochs 1 --labels c2");
  EXPECT_EQ(bytes_of(w.path("run/config.toml")).find("labels"), std::string::npos);
  put(w, "labels.toml", "labels = \"c1\"\n");
  w.succeed("fit rows.npy -o other --epochs 1 --config labels.toml");
  EXPECT_NE(bytes_of(w.path("other/report.html")).find("\"has_labels\":true"), std::string::npos);
}

TEST(ReportVerb, a_column_that_colours_is_listed_once) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  w.succeed("report run rows.npy --labels c1 -o page.html");
  const std::string page = bytes_of(w.path("page.html"));
  const std::size_t map = page.find("\"map\":{");
  ASSERT_NE(map, std::string::npos);
  const std::string columns = page.substr(map, page.find("\"columns_shown\"") - map);
  std::size_t count = 0;
  for (std::size_t at = 0; (at = columns.find("\"name\":\"c1\"", at)) != std::string::npos; ++at)
    ++count;
  EXPECT_EQ(count, 1u) << columns.substr(0, 400);
  EXPECT_NE(page.find("\"columns_shown\":4"), std::string::npos);
}

TEST(ReportVerb, a_broken_checkpoint_does_not_cost_the_page_of_a_model) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  put(w, "run/checkpoint.safetensors", "nothing of use");
  const Result r = w.succeed("report run rows.npy -o page.html");
  EXPECT_NE(r.err.find("begun with is not known"), std::string::npos) << r.err;
  EXPECT_TRUE(w.has("page.html"));
}

TEST(ReportVerb, a_damaged_metrics_file_is_told_and_not_shown) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  const std::string whole = bytes_of(w.path("run/metrics.csv"));
  for (const std::string& text :
       {std::string(), std::string("nonsense"), whole.substr(0, whole.find('\n') + 1),
        whole.substr(0, whole.size() - 40), "a,b\n1,2\n" + whole}) {
    put(w, "run/metrics.csv", text);
    const Result r = w.succeed("report run -o page.html");
    EXPECT_NE(r.err.find("is damaged"), std::string::npos) << text;
    EXPECT_NE(bytes_of(w.path("page.html")).find("what the model remembers"), std::string::npos);
  }
  std::filesystem::remove(w.path("run/metrics.csv"));
  const Result r = w.succeed("report run -o page.html");
  EXPECT_EQ(r.err.find("damaged"), std::string::npos) << r.err;
  EXPECT_NE(bytes_of(w.path("page.html")).find("\"title\":\"run\""), std::string::npos);
}

TEST(ReportVerb, labels_may_lack) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  Tensor labels(DType::f32, {60});
  labels.as<float>()[7] = std::nanf("");
  write_npy(labels, {60}, w.path("labels.npy"));
  w.succeed("report run rows.npy --labels labels.npy");
}

TEST(ReportVerb, a_run_keeps_its_labels) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  Tensor labels(DType::u8, {60});
  for (std::size_t i = 0; i < 60; ++i) labels.as<std::uint8_t>()[i] = i % 2 ? 7 : 9;
  write_npy(labels, {60}, w.path("labels.npy"));
  const auto has_labels = [&] {
    const std::string page = bytes_of(w.path("run/report.html"));
    return page.find("\"has_labels\":true") != std::string::npos;
  };
  const std::string fit = "fit rows.npy -o run --patience 0 --resume --labels ";
  w.succeed(fit + "labels.npy --epochs 2");
  EXPECT_TRUE(has_labels());
  EXPECT_NE(w.succeed(fit + "labels.npy --epochs 2").err.find("not looked at"), std::string::npos);
  const std::string page = bytes_of(w.path("run/report.html"));
  w.succeed("report run");
  EXPECT_EQ(bytes_of(w.path("run/report.html")), page);
  w.succeed("fit --resume run --epochs 3");
  EXPECT_TRUE(has_labels());

  w.refuse(2, fit + "nothing --epochs 3", "neither");
  w.succeed(fit + "c2 --epochs 3");
  EXPECT_NE(bytes_of(w.path("run/report.html")).find("\"name\":\"c2\""), std::string::npos);
  w.succeed(fit + "labels.npy --epochs 3");
  std::filesystem::remove(w.path("labels.npy"));
  const Result without = w.succeed("fit --resume run --epochs 4");
  EXPECT_NE(without.err.find("labels of the run are not used"), std::string::npos) << without.err;
  EXPECT_FALSE(has_labels());
}

TEST(ReportVerb, labels_are_a_file_of_as_many_rows_or_a_column) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  Tensor labels(DType::u8, {60}), few(DType::u8, {59});
  write_npy(labels, {60}, w.path("labels.npy"));
  write_npy(few, {59}, w.path("few.npy"));
  w.succeed("report run rows.npy --labels labels.npy");
  w.succeed("report run rows.npy --labels c2");
  w.refuse(1, "report run rows.npy --labels few.npy", "a label for each of 60 rows, got 59");
  w.refuse(2, "report run rows.npy --labels nothing", "neither");
  write_npy(labels, {30, 2}, w.path("pairs.npy"));
  w.refuse(1, "report run rows.npy --labels pairs.npy", "got 30 rows of 2 numbers");
  if (!have_tables()) return;
  std::string words = "what\n";
  for (int i = 0; i < 60; ++i) words += i % 2 ? "left\n" : "right\n";
  put(w, "words.csv", words);
  w.succeed("report run rows.npy --labels words.csv");
  EXPECT_NE(bytes_of(w.path("run/report.html")).find("[\"left\",\"right\"]"), std::string::npos);
  put(w, "few.csv", "what\nleft\n");
  w.refuse(1, "report run rows.npy --labels few.csv", "got 1 in 'few.csv'");
  put(w, "two.csv", "a,b\nleft,right\n");
  w.refuse(1, "report run rows.npy --labels two.csv", "a table of one column for --labels, got 2");
  w.refuse(1, "fit rows.npy -o other --labels few.npy --quiet", "got 59");
}

TEST(ReportVerb, the_page_says_of_pictures_what_is_true) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  const auto held_out = [&](const std::string& options) {
    w.succeed("fit pictures.npy -o run --overwrite --epochs 1 " + options);
    return bytes_of(w.path("run/report.html")).find("\"held_out\":true") != std::string::npos;
  };
  EXPECT_TRUE(held_out("--valid 0.2"));
  EXPECT_TRUE(held_out("--valid pictures.npy"));
  EXPECT_FALSE(held_out("--valid 0"));
}

TEST(ReportVerb, the_page_tells_the_rows_learned_from_from_others) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  const auto learned = [&](const std::string& data) {
    w.succeed("report run " + data + " -o page.html");
    return bytes_of(w.path("page.html")).find("\"learned\":true") != std::string::npos;
  };
  EXPECT_TRUE(learned("rows.npy"));
  std::filesystem::copy(w.path("rows.npy"), w.path("same.npy"));
  EXPECT_TRUE(learned("same.npy"));
  w.succeed("sample run -n 30 --seed 1 -o other.npy");
  EXPECT_FALSE(learned("other.npy"));
}

TEST(ReportVerb, goes_into_the_folder_and_over_nothing_else) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.make_model();
  std::filesystem::create_directory(w.path("alone"));
  std::filesystem::copy(w.path("run/model.safetensors"), w.path("alone"));
  w.succeed("report alone/");
  EXPECT_TRUE(w.has("alone/report.html"));
  const std::string rows = bytes_of(w.path("rows.npy"));
  w.refuse(2, "report run rows.npy -o rows.npy", "ends in .html for --output, got 'rows.npy'");
  w.refuse(2, "report run -o run/model.safetensors", "ends in .html");
  w.refuse(2, "report run -o -", "ends in .html");
  EXPECT_EQ(bytes_of(w.path("rows.npy")), rows);
}

TEST(ReportVerb, a_report_that_fails_does_not_cost_the_run) {
  const Workplace w;
  if (is_off(w)) GTEST_SKIP() << "this build has no page";
  w.succeed("fit rows.npy -o run --epochs 2 --patience 0 --no-report");
  std::filesystem::create_directories(w.path("run/report.html/in the way"));
  const Result r = w.run("fit --resume run --epochs 3");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_NE(r.err.find("the model is saved, its report is not"), std::string::npos) << r.err;
  EXPECT_TRUE(w.has("run/model.safetensors"));
  EXPECT_NE(w.succeed("fit rows.npy -o run --resume").err.find("finished"), std::string::npos);
}

/// What a terminal of so many columns was shown.
std::string shown(const Workplace& w, int columns, const std::string& environment,
                  const std::string& options = "") {
  const Result r =
      w.shell("script -qec \"stty cols " + std::to_string(columns) + "; " + environment +
              " $D fit rows.npy -o run --epochs 40 --patience 0 --overwrite --no-report" + options +
              "\" /dev/null");
  EXPECT_EQ(r.code, 0) << r.out << r.err;
  return r.out;
}

/// The frames with numbers: after the first epoch.
std::vector<std::string> frames(const Workplace& w, int columns, const std::string& environment) {
  std::vector<std::string> list;
  std::string frame;
  for (const char c : shown(w, columns, environment)) {
    if (c != '\r' && c != '\n') {
      frame += c;
      continue;
    }
    if (frame.find("/40 ") != std::string::npos && frame.find("loss") != std::string::npos)
      list.push_back(frame);
    frame.clear();
  }
  return list;
}

std::size_t visible(const std::string& frame) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < frame.size(); ++i)
    if (frame[i] == '\x1b')
      i = frame.find_first_of("mK", i);
    else
      ++count;
  return count;
}

TEST(ProgressLine, stays_within_any_terminal_and_keeps_its_places) {
  const Workplace w;
  for (const int columns : {120, 80, 30}) {
    const std::vector<std::string> list = frames(w, columns, "NO_COLOR=1 TERM=xterm");
    ASSERT_FALSE(list.empty()) << columns;
    for (const std::string& frame : list) {
      EXPECT_LT(visible(frame), static_cast<std::size_t>(columns)) << frame;
      EXPECT_EQ(visible(frame), visible(list.front())) << frame;
      EXPECT_EQ(frame.find("\x1b[3"), std::string::npos) << "a colour in spite of NO_COLOR";
    }
    const bool has_bar = list.front().find('[') < list.front().find("\x1b");
    EXPECT_EQ(has_bar, columns > 30) << list.front();
    for (const char* part : {"left", "loss", "valid", "kl", "rows/s"})
      EXPECT_EQ(list.front().find(part) != std::string::npos,
                columns > 30 || part == std::string("loss"))
          << part << " in " << list.front();
  }
  const std::vector<std::string> coloured = frames(w, 120, "NO_COLOR= TERM=xterm");
  EXPECT_NE(coloured.back().find("\x1b[36m"), std::string::npos) << coloured.back();
}

TEST(ProgressLine, shows_digits_that_are_so_and_keeps_the_speed_at_80_columns) {
  const Workplace w;
  const std::string text = w.shell(
                                "script -qec \"stty cols 80; TERM=xterm NO_COLOR=1 $D fit "
                                "pictures.npy -o run --epochs 4 --overwrite --no-report\" "
                                "/dev/null")
                               .out;
  EXPECT_NE(text.find("rows/s"), std::string::npos) << text;
  const auto cells = cells_of(bytes_of(w.path("run/metrics.csv")));
  for (std::size_t epoch = 1; epoch + 1 < cells.size(); ++epoch) {
    const double loss = std::stod(cells[epoch][7]);
    const std::string shown = loss >= 1000  ? fmt::format("loss {:.0f} ", loss)
                              : loss >= 100 ? fmt::format("loss {:.1f} ", loss)
                                            : fmt::format("loss {:.2f} ", loss);
    EXPECT_NE(text.find(shown), std::string::npos) << shown << " in " << text;
  }
}

TEST(ProgressLine, is_drawn_within_the_first_epoch_and_of_partial_rows_too) {
  const Workplace w;
  const std::string text = shown(w, 100, "TERM=xterm NO_COLOR=1", " --missing nan --partial on");
  EXPECT_NE(text.find("epoch  1/40  [..........]"), std::string::npos) << text;
  EXPECT_NE(text.find("partial rows: epoch 40/40  [##########]"), std::string::npos) << text;
}

TEST(ProgressLine, a_dumb_terminal_gets_plain_lines) {
  const Workplace w;
  const std::string text = shown(w, 80, "TERM=dumb");
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_NE(text.find("\nepoch 40/40  loss"), std::string::npos) << text;
}

}  // namespace
}  // namespace diabolo
