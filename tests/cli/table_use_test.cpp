// From a CSV to a model and every use of it, as a shell would.
#include <diabolo/data/npy.h>

#include <set>

#include "cli/table_command.h"

namespace diabolo {
namespace {

using TableUse = TableCommand;

TEST_F(TableUse, nothing_seems_wrong_with_a_healthy_table_with_holes) {
  const TableWorkplace w;
  EXPECT_EQ(w.succeed("fit t.csv -o run --quiet --json").json()["findings"].size(), 0u);
  const std::string metrics = bytes_of(w.path("run/metrics.csv"));
  for (const char* name : {"no-active-units", "scale-at-bound", "same-rows", "copied-rows"})
    EXPECT_EQ(metrics.find(name), std::string::npos) << name;
}

TEST_F(TableUse, info_tells_kind_range_and_reason_of_every_column) {
  const TableWorkplace w;
  const std::string text = w.succeed("info t.csv").out;
  for (const char* part : {"identifier", "datetime", "categorical", "boolean", "constant", "weight",
                           "left out", "student", "missing"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const auto json = w.succeed("info t.csv --json").json();
  EXPECT_EQ(json["kind"], "table");
  EXPECT_EQ(json["rows"], 300);
  EXPECT_EQ(json["columns"].size(), 9u);
  EXPECT_EQ(json["columns"][0]["used"], false);
}

TEST_F(TableUse, a_nested_column_can_be_dropped_kept_and_taken_apart) {
  const TableWorkplace w;
  std::string text;
  RandomStream random({.seed = 3});
  for (int i = 0; i < 200; ++i)
    text += fmt::format("{{\"a\":{:.4f}1,\"b\":{{\"c\":{:.4f}1}}}}\n", random.normal(),
                        random.normal());
  put(w, "n.jsonl", text);
  w.refuse(1, "info n.jsonl", "got 'b' of type STRUCT(c DOUBLE); leave it out (--drop)");
  w.succeed("info n.jsonl --drop b");
  EXPECT_EQ(w.succeed("info n.jsonl --query 'SELECT a, b.c FROM data' --json")
                .json()["columns"][1]["name"],
            "c");
  w.succeed("fit n.jsonl -o run --drop b --epochs 2 --quiet");
  w.succeed("fit n.jsonl -o again --schema run/schema.json --epochs 2 --quiet");
  const auto rows = w.succeed("score run n.jsonl --keep b --format tsv").out;
  EXPECT_TRUE(rows.starts_with("b\trow")) << rows.substr(0, 100);
  EXPECT_NE(rows.find("\"\"c\"\":"), std::string::npos) << rows.substr(0, 100);
  w.succeed("impute run n.jsonl -o whole.jsonl");
  EXPECT_EQ(bytes_of(w.path("whole.jsonl")), text);
  w.succeed("fit n.jsonl -o deep --query 'SELECT a, b.c AS b FROM data' --epochs 2 --quiet");
  w.refuse(1, "score deep n.jsonl", "'b'");
  w.succeed("score deep n.jsonl --query 'SELECT a, b.c AS b FROM data'");
}

TEST_F(TableUse, a_model_shows_its_table_and_is_evaluated) {
  const TableWorkplace w;
  w.make_table_model();
  EXPECT_NE(w.succeed("info run").out.find("colour"), std::string::npos);
  EXPECT_EQ(w.succeed("info run --json").json()["dimensions"], 7);
  const auto e = w.succeed("evaluate run new.csv --samples 5 --json").json();
  EXPECT_EQ(e["rows"], 40);
  EXPECT_TRUE(e["nll"].is_number());
  EXPECT_TRUE(e["mse"].is_null());
  EXPECT_EQ(e["nll_discrete"], e["nll"]) << "decimals are fixed";
  EXPECT_TRUE(e["nll_continuous"].is_null());
  EXPECT_TRUE(e["bits_per_dim"].is_number());
  EXPECT_LT(e["dimensions"].get<double>(), 7) << "cells that are there";
  EXPECT_TRUE(w.has("run/schema.json"));
}

TEST_F(TableUse, encode_and_reconstruct_give_a_row_for_each) {
  const TableWorkplace w;
  w.make_table_model("--latent 2");
  EXPECT_EQ(cells_of(w.succeed("encode run new.csv").out).size(), 41u);
  w.succeed("encode run new.csv -o z.npy");
  EXPECT_EQ(w.array("z.npy").shape(), Shape({40, 2}));
  w.succeed("encode run new.csv --draws 3 -o d.npy");
  EXPECT_EQ(w.array("d.npy").shape(), Shape({40, 3, 2}));
  w.succeed("decode run z.npy -o back.csv");
  w.succeed("encode run new.csv -o z.csv");
  w.succeed("decode run z.csv -o again.csv");
  EXPECT_EQ(bytes_of(w.path("again.csv")), bytes_of(w.path("back.csv")));
  const auto rows = cells_of(bytes_of(w.path("back.csv")));
  EXPECT_EQ(rows[0],
            (std::vector<std::string>{"when", "colour", "stars", "weight", "flag", "x", "y"}));
  EXPECT_EQ(rows[1].size(), 7u);
  const auto seen = cells_of(w.succeed("reconstruct run new.csv").out);
  EXPECT_EQ(seen[0], rows[0]);
  EXPECT_EQ(seen.size(), 41u);
}

TEST_F(TableUse, encode_keeps_columns_beside_the_codes) {
  const TableWorkplace w;
  w.make_table_model("--latent 2");
  const auto codes = cells_of(w.succeed("encode run new.csv").out);
  const auto new_rows = cells_of(bytes_of(w.path("new.csv")));
  const auto kept = cells_of(w.succeed("encode run new.csv --keep id,colour --keep y").out);
  ASSERT_EQ(kept.size(), codes.size());
  EXPECT_EQ(kept[0], (std::vector<std::string>{"id", "colour", "y", "z0", "z1"}));
  for (std::size_t i = 1; i < kept.size(); ++i) {
    EXPECT_EQ(kept[i][0] + kept[i][1] + kept[i][2],
              new_rows[i][0] + new_rows[i][2] + new_rows[i][8]);
    EXPECT_EQ(kept[i][3] + "," + kept[i][4], codes[i][0] + "," + codes[i][1]);
  }
  w.succeed("encode run new.csv --keep all --draws 2 -o all.parquet");
  EXPECT_EQ(w.succeed("info all.parquet --json").json()["columns"].size(), 13u);
  w.refuse(2, "encode run new.csv --keep id,colur", "got 'colur'; did you mean 'colour'?");
  for (const char* verb : {"encode run", "score run", "predict run --target x"})
    w.refuse(2, verb + std::string(" new.csv --keep y -o z.npy"),
             "expected an output that is a table together with --keep, got .npy");
  put(w, "comma.csv", "\"id,x\"" + bytes_of(w.path("new.csv")).substr(2));
  const std::string one = w.succeed("encode run comma.csv --keep id,x").out;
  EXPECT_EQ(one.substr(0, one.find('\n')), "\"id,x\",z0,z1") << "there is a column of this name";
  w.refuse(2, "encode run comma.csv --keep id,colour", "got 'id'");
  w.succeed("fit rows.npy -o arrays --epochs 2 --quiet");
  w.refuse(2, "encode arrays rows.npy --keep id", "expected a table for --keep, got an array");
}

TEST_F(TableUse, score_has_its_parts_reasons_and_kept_columns) {
  const TableWorkplace w;
  w.make_table_model();
  w.succeed("score run new.csv --explain --keep id --threshold 0 -o scores.tsv");
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(bytes_of(w.path("scores.tsv")), '\n'))
    rows.push_back(split(line, '\t'));
  ASSERT_EQ(rows.size(), 41u);
  const std::vector<std::string> first(rows[0].begin(), rows[0].begin() + 6);
  EXPECT_EQ(first, (std::vector<std::string>{"id", "row", "score", "log_px", "kl", "outlier"}));
  EXPECT_EQ(rows[0].size(), 14u);
  EXPECT_EQ(rows[0][6], "reasons");
  std::set<std::string> parts(rows[0].begin() + 7, rows[0].end());
  EXPECT_TRUE(parts.contains("why:colour") && parts.contains("why:y"));
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i][0], fmt::format("k{:04}", i - 1));
    double why = 0;
    for (std::size_t c = 7; c < 14; ++c) why += std::stod(rows[i][c]);
    EXPECT_NEAR(why, -std::stod(rows[i][3]), 1e-3);
    EXPECT_NEAR(std::stod(rows[i][2]), std::stod(rows[i][4]) - std::stod(rows[i][3]), 1e-6);
    EXPECT_EQ(rows[i][5], std::stod(rows[i][2]) > 0 ? "1" : "0");
  }
  const auto all = cells_of(w.succeed("score run new.csv --keep all").out);
  EXPECT_EQ(all[0].size(), 13u);
  w.refuse(2, "score run new.csv --keep idd", "did you mean 'id'");
  w.refuse(2, "score run new.csv --contamination 1.5", "between 0 and 1");
  w.refuse(2, "score run new.csv --contamination 0.1 --threshold 3", "got both");
}

TEST_F(TableUse, a_shifted_row_scores_higher) {
  const TableWorkplace w;
  w.make_table_model("--epochs 60");
  put(w, "odd.csv",
      "id,when,colour,stars,weight,flag,fixed,x,y\n"
      "a,2020-05-05,green,2,50.0,yes,7,0.1,0.2\n"
      "b,2020-05-05,green,2,50.0,yes,7,0.1,5.2\n");
  const auto rows = cells_of(w.succeed("score run odd.csv").out);
  EXPECT_GT(std::stod(rows[2][1]), std::stod(rows[1][1]) + 3);
  w.succeed("score run odd.csv --explain -o why.tsv");
  const std::string reasons = split(split(bytes_of(w.path("why.tsv")), '\n')[2], '\t')[4];
  EXPECT_TRUE(reasons.starts_with("y (+") || reasons.starts_with("x (+")) << reasons;
  w.succeed("score run odd.csv --explain -o why.npy");
  EXPECT_EQ(w.array("why.npy").shape(), Shape({2, 11}));
  w.make_table_model("--valid 0 -o bare");
  EXPECT_NE(w.succeed("score bare odd.csv --explain").out.find("reasons"), std::string::npos)
      << "the rows that were trained on serve where none were held out";
}

TEST_F(TableUse, impute_fills_holes_and_leaves_every_other_cell_as_it_stands) {
  const TableWorkplace w;
  w.make_table_model();
  const auto was = cells_of(bytes_of(w.path("new.csv")));
  const Result r = w.succeed("impute run new.csv -o whole.csv --samples 100");
  EXPECT_NE(r.err.find("effective sample size"), std::string::npos) << r.err;
  const auto now = cells_of(bytes_of(w.path("whole.csv")));
  ASSERT_EQ(now.size(), was.size());
  const std::set<std::string> colours{"red", "green", "blue"};
  for (std::size_t i = 0; i < was.size(); ++i) {
    ASSERT_EQ(now[i].size(), was[i].size());
    for (std::size_t c = 0; c < was[i].size(); ++c) {
      if (!was[i][c].empty()) {
        EXPECT_EQ(now[i][c], was[i][c]) << i << " " << c;
      }
      EXPECT_NE(now[i][c], "") << i << " " << c;
    }
    if (i > 0) {
      EXPECT_TRUE(colours.contains(now[i][2])) << now[i][2];
    }
    if (i > 0) {
      EXPECT_EQ(now[i][3].find('.'), std::string::npos) << "whole numbers";
    }
  }
  EXPECT_EQ(w.succeed("impute run new.csv --samples 100").out, bytes_of(w.path("whole.csv")));
}

TEST_F(TableUse, impute_lets_categories_stand_that_the_model_never_saw) {
  const TableWorkplace w;
  w.make_table_model("--kind stars=categorical");
  const std::string rows =
      "id,when,colour,stars,weight,flag,fixed,x,y\n"
      "a,2020-05-05,gold,2,50.0,yes,7,0.1,0.2\n"
      "b,2020-05-05,,4,50.0,yes,7,,0.2\n"
      "c,2020-05-05,mauve,9,50.0,yes,7,0.1,0.2\n";
  put(w, "odd.csv", rows);
  const Result r = w.succeed("impute run odd.csv -o whole.csv --samples 50 --uncertainty");
  EXPECT_NE(r.err.find("column 'colour' has 2 values that the model has never seen"),
            std::string::npos)
      << r.err;
  EXPECT_NE(r.err.find("1 row had missing values"), std::string::npos) << r.err;
  const auto was = cells_of(rows), now = cells_of(bytes_of(w.path("whole.csv")));
  ASSERT_EQ(now.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t c = 0; c < 9; ++c) {
      if (!was[i][c].empty()) {
        EXPECT_EQ(now[i][c], was[i][c]) << i << " " << c;
      }
      EXPECT_NE(now[i][c], "");
    }
  ASSERT_EQ(now[0].size(), 11u) << "of colour and x alone";
  EXPECT_EQ(now[0][9].substr(0, 12), "uncertainty:");
  EXPECT_EQ(now[1][9] + now[1][10] + now[3][9] + now[3][10], "");
  for (const char* kind : {"parquet", "jsonl"}) {
    const std::string in = fmt::format("odd.{}", kind);
    w.succeed("impute run odd.csv --samples 50 -o " + in);
    w.succeed("impute run " + in + " --samples 50 -o again.csv");
    const auto again = cells_of(bytes_of(w.path("again.csv")));
    EXPECT_EQ(again[1][2] + again[3][2], "goldmauve") << kind;
    EXPECT_EQ(again[2][3] + again[3][3], "49") << kind;
  }
  w.succeed("impute run odd.csv --samples 50 --draws 2 -o d.csv");
  EXPECT_EQ(cells_of(bytes_of(w.path("d-2.csv")))[1][2], "gold");
}

TEST_F(TableUse, impute_draws_files_and_says_how_unsure_it_is) {
  const TableWorkplace w;
  w.make_table_model();
  w.succeed("impute run new.csv -o m.csv --draws 2 --samples 50");
  EXPECT_TRUE(w.has("m-1.csv") && w.has("m-2.csv") && !w.has("m.csv"));
  EXPECT_NE(bytes_of(w.path("m-1.csv")), bytes_of(w.path("m-2.csv")));
  const auto one = cells_of(bytes_of(w.path("m-1.csv")));
  for (std::size_t i = 1; i < one.size(); ++i)
    EXPECT_TRUE((std::set<std::string>{"1", "2", "3", "5"}).contains(one[i][3])) << one[i][3];
  const auto rows = cells_of(w.succeed("impute run new.csv --uncertainty --samples 50").out);
  EXPECT_EQ(rows[0].size(), 14u);
  EXPECT_EQ(rows[0][9].substr(0, 12), "uncertainty:");
  w.refuse(2, "impute run new.csv --draws 2", "-o OUT");
}

TEST_F(TableUse, predict_gives_the_target_whether_the_file_has_it_or_not) {
  const TableWorkplace w;
  w.make_table_model("--epochs 60");
  const std::string with = w.succeed("predict run new.csv --target y").out;
  put(w, "less.csv", [&] {
    std::string text;
    for (const auto& row : cells_of(bytes_of(w.path("new.csv"))))
      for (std::size_t c = 0; c < 8; ++c) text += row[c] + (c == 7 ? "\n" : ",");
    return text;
  }());
  EXPECT_EQ(w.succeed("predict run less.csv --target y").out, with);
  const auto rows = cells_of(w.succeed("predict run new.csv --target y --keep all").out);
  EXPECT_EQ(rows[0].back(), "predicted:y");
  double error = 0, count = 0;
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (!rows[i][8].empty() && !rows[i][7].empty())
      error += std::abs(std::stod(rows[i][8]) - std::stod(rows[i].back())), ++count;
  EXPECT_LT(error / count, 0.6) << "y has a deviation of 2";
  const auto names = cells_of(w.succeed("predict run new.csv --target colour --target flag").out);
  EXPECT_EQ(names[0], (std::vector<std::string>{"colour", "flag"}));
  EXPECT_TRUE(names[1][1] == "yes" || names[1][1] == "no") << names[1][1];
  w.refuse(2, "predict run new.csv --target colur", "did you mean 'colour'");
  w.refuse(2, "predict run new.csv", "--target");
  w.refuse(1, "predict run nowhere.csv --target y", "got nothing there");
  w.refuse(2, "predict run new.csv --target y -o y.xyz", ".parquet");
}

TEST_F(TableUse, sample_has_types_ranges_and_names_of_the_table) {
  const TableWorkplace w;
  w.make_table_model();
  const std::string text = w.succeed("sample run -n 50").out;
  const auto rows = cells_of(text);
  EXPECT_EQ(rows[0],
            (std::vector<std::string>{"when", "colour", "stars", "weight", "flag", "x", "y"}));
  for (std::size_t i = 1; i <= 50; ++i) {
    EXPECT_EQ(rows[i][0].substr(0, 5), "2020-");
    EXPECT_TRUE((std::set<std::string>{"1", "2", "3", "5"}).contains(rows[i][2])) << rows[i][2];
    EXPECT_LE(rows[i][3].size() - std::min(rows[i][3].find('.'), rows[i][3].size()), 2u)
        << rows[i][3];
    EXPECT_TRUE(rows[i][4] == "yes" || rows[i][4] == "no");
  }
  EXPECT_TRUE(w.succeed("sample run -n 60").out.starts_with(text));
  const auto given =
      cells_of(w.succeed("sample run -n 20 --given colour=blue --given stars=5").out);
  for (std::size_t i = 1; i <= 20; ++i) {
    EXPECT_EQ(given[i][1], "blue");
    EXPECT_EQ(given[i][2], "5");
  }
  const auto by_words =
      cells_of(w.succeed("sample run -n 5 --given when=2020-03-14 --given flag=yes").out);
  for (std::size_t i = 1; i <= 5; ++i) {
    EXPECT_EQ(by_words[i][0], "2020-03-14");
    EXPECT_EQ(by_words[i][4], "yes");
  }
  w.refuse(2, "sample run -n 2 --given when=2020-02-30", "a value as 2020-01-01");
  w.refuse(2, "sample run -n 2 --given when=2021-03-14", "from 2020-01-01 to 2020-12-28");
  w.refuse(2, "sample run -n 2 --given flag=perhaps", "for column 'flag'");
  w.refuse(2, "sample run -n 2 --given colour=pink", "categories");
  w.refuse(2, "sample run -n 2 --given colr=red", "did you mean 'colour'");
  w.refuse(2, "sample run -n 2 --given x=many", "a number for column 'x'");
  w.refuse(2, "sample run -n 2 --given x=1e6", "range of training");
  w.refuse(2, "sample run -n 2 --given stars=4", "one of its 4 values");
  w.refuse(2, "sample run -n 2 --given stars=1 --given stars=5", "twice");
}

TEST_F(TableUse, what_is_given_stands_in_samples_as_it_was_given) {
  const TableWorkplace w;
  std::string text = "ts,tz,day,nz,large,n,c\n";
  RandomStream random({.seed = 3});
  for (int i = 0; i < 120; ++i)
    text += fmt::format(
        "2020-{0:02}-{1:02} {2:02}:{3:02}:{4:02},2020-{1:02}-{0:02} {3:02}:{2:02}:{4:02}+00,"
        "2020-{0:02}-{1:02},{5},{6},{7},{8}\n",
        1 + random.below(12), 1 + random.below(12), random.below(24), random.below(24),
        random.below(60), random.normal(), 1'000'000'000'000'000 + random.below(1'000'000'000),
        random.below(1000), random.below(2) == 0 ? "a" : "b");
  put(w, "moments.csv",
      text +
          "2020-01-01 00:00:00,2020-01-01 00:00:00+00,2020-01-01,-9,"
          "1000000000000000,0,a\n2020-12-31 00:00:00,2020-12-31 00:00:00+00,"
          "2020-12-31,9,9999999999999999,1000,b\n");
  w.succeed("fit moments.csv -o m --quiet --epochs 2 --hidden 16");
  const auto given = [&](const std::string& column, const std::string& value) {
    const auto rows =
        cells_of(w.succeed("sample m -n 2 --given '" + column + "=" + value + "'").out);
    if (rows.size() != 3) return std::string("no rows");
    const auto at = std::find(rows[0].begin(), rows[0].end(), column) - rows[0].begin();
    EXPECT_EQ(rows[1].at(static_cast<std::size_t>(at)), rows[2].at(static_cast<std::size_t>(at)));
    return rows[1].at(static_cast<std::size_t>(at));
  };
  EXPECT_EQ(given("ts", "2020-05-05 10:00:00"), "2020-05-05 10:00:00");
  EXPECT_EQ(given("ts", "2020-05-05 10:00:00.25"), "2020-05-05 10:00:00.25");
  EXPECT_EQ(given("ts", "2020-05-05"), "2020-05-05 00:00:00");
  EXPECT_EQ(given("tz", "2020-02-21 19:21:03+00"), "2020-02-21 19:21:03");
  EXPECT_EQ(given("day", "2020-05-05"), "2020-05-05");
  EXPECT_EQ(given("nz", "0.1"), "0.1");
  EXPECT_EQ(given("large", "1000000123456789"), "1000000123456789");
  EXPECT_EQ(given("n", "17"), "17");
  EXPECT_EQ(given("c", "b"), "b");
  w.refuse(2, "sample m -n 2 --given n=3.5", "expected a whole number for column 'n', got '3.5'");
  w.refuse(2, "sample m -n 2 --given large=9007199254740993", "at most 53 bits");
  w.refuse(2, "sample m -n 2 --given n", "expected COLUMN=VALUE for --given, got 'n'");
}

TEST_F(TableUse, names_and_values_of_what_is_given_may_have_any_signs) {
  const TableWorkplace w;
  std::string text = "b,b=s,\"two\nlines\",x\n";
  for (int i = 0; i < 60; ++i)
    text += fmt::format("{},{},{},{}\n", i % 3 == 0 ? "p=1" : "q=2", i % 2 == 0 ? "yes" : "r=s",
                        i % 2 == 0 ? "\"one\nmore\"" : "none", 0.37 * i * (i % 7));
  put(w, "signs.csv", text);
  w.succeed("fit signs.csv -o m --quiet --epochs 2 --hidden 16");
  const auto rows = [&](const std::string& given) {
    return w.succeed("sample m -n 2 --format jsonl " + given).out;
  };
  EXPECT_NE(rows("--given b=p=1").find("\"b\":\"p=1\""), std::string::npos);
  EXPECT_NE(rows("--given b=s=r=s").find("\"b=s\":\"r=s\""), std::string::npos);
  const std::string both = rows("--given b=q=2 --given \"$(printf 'two\nlines=one\nmore')\"");
  EXPECT_NE(both.find("\"b\":\"q=2\""), std::string::npos) << both;
  EXPECT_NE(both.find("\"two\\nlines\":\"one\\nmore\""), std::string::npos) << both;
  w.refuse(2, "sample m -n 2 --given bb=p=1", "a column of the model for --given, got 'bb'");
}

TEST_F(TableUse, samples_have_holes_like_the_data_on_demand) {
  const TableWorkplace w;
  w.make_table_model();
  const auto holes = [&](const std::string& options) {
    std::map<std::string, int> count;
    const auto rows = cells_of(w.succeed("sample run -n 500 " + options).out);
    for (std::size_t i = 1; i < rows.size(); ++i)
      for (std::size_t c = 0; c < rows[0].size(); ++c) count[rows[0][c]] += rows[i][c].empty();
    return count;
  };
  for (const auto& [column, count] : holes("")) EXPECT_EQ(count, 0) << column;
  auto count = holes("--missing-like-data --given stars=5");
  EXPECT_EQ(count["stars"] + count["when"] + count["flag"], 0);
  for (const char* column : {"colour", "weight", "x", "y"})
    EXPECT_NEAR(count[column], 50, 25) << column;
  EXPECT_NEAR(holes("--missing-like-data")["stars"], 50, 25);
  put(w, "t.csv", "a,b\n1.5,2\n2.5,3\n3.1,4\n4.7,5\n5.2,7\n6.9,9\n7.1,11\n");
  w.succeed("fit t.csv -o whole --epochs 2 --quiet");
  const Result whole = w.succeed("sample whole -n 3 --missing-like-data");
  EXPECT_NE(whole.err.find("no missing values"), std::string::npos) << whole.err;
  EXPECT_EQ(whole.out, w.succeed("sample whole -n 3").out);
}

TEST_F(TableUse, the_least_doubles_make_a_model_that_can_be_read) {
  const TableWorkplace w;
  RandomStream random({.seed = 1});
  std::string text = "tiny,x\n";
  for (int i = 0; i < 200; ++i)
    text += fmt::format("{},{}\n", random.normal() * 1e-311, random.normal());
  put(w, "tiny.csv", text);
  w.succeed("fit tiny.csv -o tiny --quiet --epochs 2");
  const auto rows = cells_of(w.succeed("sample tiny -n 20").out);
  for (std::size_t i = 1; i < rows.size(); ++i)
    EXPECT_LT(std::abs(std::strtod(rows[i][0].c_str(), nullptr)), 1e-310);
  const auto scores = cells_of(w.succeed("score tiny tiny.csv").out);
  for (std::size_t i = 1; i < scores.size(); ++i)
    EXPECT_TRUE(std::isfinite(std::stod(scores[i][1])));
}

TEST_F(TableUse, a_reader_that_goes_away_ends_the_command_quietly) {
  const TableWorkplace w;
  w.make_table_model();
  const Result r =
      w.shell("{ \"$D\" sample run -n 100000 --quiet; echo code $? >&2; } | head -n 1");
  EXPECT_EQ(r.out, "when,colour,stars,weight,flag,x,y\n");
  EXPECT_EQ(r.err, "code 1\n");
}

TEST_F(TableUse, results_go_to_every_kind_of_file_and_come_back_alike) {
  const TableWorkplace w;
  w.make_table_model();
  const std::string csv = w.succeed("sample run -n 30").out;
  for (const char* ending : {"csv", "tsv", "parquet", "jsonl"}) {
    const std::string file = fmt::format("s.{}", ending);
    w.succeed("sample run -n 30 -o " + file);
    EXPECT_EQ(w.succeed("info " + file + " --json").json()["rows"], 30) << ending;
    const auto scores = cells_of(w.succeed("score run " + file).out);
    ASSERT_EQ(scores.size(), 31u) << ending;
    EXPECT_EQ(scores, cells_of(w.succeed("score run s.csv").out)) << ending;
  }
  EXPECT_EQ(bytes_of(w.path("s.csv")), csv);
  EXPECT_EQ(w.succeed("sample run -n 30 --format jsonl").out, bytes_of(w.path("s.jsonl")));
  w.succeed("score run new.csv -o scores.npy");
  EXPECT_EQ(w.array("scores.npy").shape(), Shape({40, 4}));
  w.refuse(1, "sample run -n 3 -o names.npy", ".csv or .parquet");
}

TEST_F(TableUse, fit_gives_the_same_model_for_every_word_that_means_missing) {
  const TableWorkplace w;
  put(w, "t.csv", TableWorkplace::table(120, 5));
  w.make_table_model();
  put(w, "t.csv", TableWorkplace::table(120, 5, "NA"));
  w.succeed("score run t.csv -o a.csv");
  w.make_table_model("--overwrite");
  w.succeed("score run t.csv -o b.csv");
  EXPECT_EQ(bytes_of(w.path("a.csv")), bytes_of(w.path("b.csv")));
}

TEST_F(TableUse, a_model_knows_what_means_missing) {
  const TableWorkplace w;
  put(w, "t.csv", TableWorkplace::table(120, 5));
  w.make_table_model();
  const std::string scores = w.succeed("score run t.csv").out;
  put(w, "t.csv", TableWorkplace::table(120, 5, "-200"));
  EXPECT_NE(w.succeed("score run t.csv").out, scores) << "-200 is a number to this one";
  w.make_table_model("--overwrite --missing '?,-200'");
  EXPECT_EQ(w.succeed("score run t.csv").out, scores);
  EXPECT_EQ(w.succeed("score run t.csv --missing gone").out, scores) << "more can be said";
  const auto filled = cells_of(w.succeed("impute run t.csv --samples 50").out);
  for (std::size_t i = 1; i < filled.size(); ++i)
    for (const std::string& cell : filled[i]) EXPECT_NE(cell, "-200");
  const auto by_file = w.succeed("info t.csv --json --schema run/schema.json").json();
  const auto by_words = w.succeed("info t.csv --json --missing '?,-200'").json();
  EXPECT_EQ(by_file["missing_words"], by_words["missing_words"]);
  EXPECT_EQ(by_file["columns"][3]["missing"], by_words["columns"][3]["missing"]);
  EXPECT_GT(by_file["columns"][3]["missing"], 5);
}

TEST_F(TableUse, info_shows_what_fit_would_do_with_the_same_options) {
  const TableWorkplace w;
  const auto column = [&](const std::string& options, const std::string& name) {
    const auto json = w.succeed("info t.csv --json " + options).json();
    for (const auto& one : json["columns"])
      if (one["name"] == name) return one;
    return nlohmann::json();
  };
  EXPECT_EQ(column("--kind stars=continuous", "stars")["kind"], "continuous");
  EXPECT_EQ(column("--drop weight", "weight")["used"], false);
  EXPECT_EQ(column("--likelihood weight=student", "weight")["likelihood"]["type"], "student");
  EXPECT_EQ(column("--missing red", "colour")["levels"].size(), 2u);
  put(w, "s.json", R"({"columns": [{"name": "x", "used": false}]})");
  EXPECT_EQ(column("--schema s.json", "x")["used"], false);
  EXPECT_EQ(w.succeed("info t.csv --json --query 'SELECT x, y FROM data'").json()["columns"].size(),
            2u);
  put(w, "t.csv", "a=b=1\n1.5=2=3\n7.25=4=6\n");
  EXPECT_EQ(column("--csv delim==", "a")["high"], 7.25) << "the first '=' parts key and value";
  put(w, "t.csv", "a;b\n1,5;2\n2,5;3\n7,25;4\n");
  EXPECT_EQ(column("--csv 'delim=;' --csv decimal_separator=,", "a")["high"], 7.25);
  w.refuse(2, "info t.csv --likelihood student", "COLUMN=NAME");
  w.refuse(1, "fit t.csv -o other --quiet --likelihood student", "--likelihood COLUMN=student");
  w.refuse(1, "info t.csv --quiet --kind aa=count", "did you mean 'a'");
}

TEST_F(TableUse, config_has_what_was_said_of_the_data_and_repeats_the_fit) {
  const TableWorkplace w;
  put(w, "t.csv", TableWorkplace::table(200, 5, "-200.0"));
  w.make_table_model(
      "--kind stars=categorical --drop flag --drop when --likelihood x=student --likelihood "
      "weight=normal --missing -200.0,none --csv 'delim=,' --query 'SELECT * FROM data WHERE "
      "id <> $$k0003$$'");
  const std::string config = bytes_of(w.path("run/config.toml"));
  for (const char* part : {"\"stars=categorical\"", "\"-200.0,none\"", "SELECT", "x=student"})
    EXPECT_NE(config.find(part), std::string::npos) << part << "\n" << config;
  w.succeed("fit t.csv -o again --quiet --config run/config.toml");
  EXPECT_EQ(bytes_of(w.path("again/model.safetensors")), bytes_of(w.path("run/model.safetensors")));
  EXPECT_EQ(bytes_of(w.path("again/config.toml")), config);
}

TEST_F(TableUse, arrays_have_missing_values_on_demand) {
  const Workplace w;
  Tensor rows = w.array("rows.npy");
  for (std::size_t i = 0; i < 240; i += 7)
    rows.as<float>()[i] = std::numeric_limits<float>::quiet_NaN();
  write_npy(rows, rows.shape(), w.path("holes.npy"));
  w.refuse(1, "fit holes.npy -o run", "--missing nan");
  w.succeed("fit holes.npy -o run --missing nan --epochs 3 --quiet");
  w.succeed("encode run holes.npy -o z.npy");
  w.succeed("impute run holes.npy -o whole.npy");
  EXPECT_NE(w.succeed("sample run -n 60 --missing-like-data").out.find("nan"), std::string::npos);
  w.succeed("fit rows.npy -o strict --epochs 3 --quiet");
  w.refuse(1, "encode strict holes.npy", "fit with --missing nan");
  const Tensor whole = w.array("whole.npy");
  for (std::size_t i = 0; i < 240; ++i) {
    EXPECT_TRUE(std::isfinite(whole.as<float>()[i]));
    if (i % 7 != 0) {
      EXPECT_EQ(whole.as<float>()[i], rows.as<float>()[i]);
    }
  }
}

// --- tables of odd sizes ------------------------------------------------------------------------

TEST_F(TableUse, ten_rows_are_enough_for_every_use) {
  const TableWorkplace w;
  std::string text = "id,x,y,colour\n";
  for (int i = 0; i < 10; ++i)
    text += fmt::format("r{},{}.5,{},{}\n", i, i, i * i, i % 2 ? "red" : "blue");
  put(w, "ten.csv", text);
  w.succeed("fit ten.csv -o run --quiet");
  w.succeed("evaluate run ten.csv --quiet");
  w.succeed("score run ten.csv --explain --contamination 0.1 -o s.csv --quiet");
  w.succeed("impute run ten.csv -o i.csv --quiet");
  EXPECT_EQ(bytes_of(w.path("i.csv")), text);
  w.succeed("predict run ten.csv --target colour -o p.csv --quiet");
  const std::string made = w.succeed("sample run -n 5 --quiet").out;
  EXPECT_TRUE(made.starts_with("id,x,y,colour\n") || made.starts_with("x,y,colour\n")) << made;
  EXPECT_EQ(std::ranges::count(made, '\n'), 6);
}

TEST_F(TableUse, three_thousand_columns_are_learned) {
  const TableWorkplace w;
  std::string text;
  RandomStream random({.seed = 3});
  for (int c = 0; c < 3000; ++c) text += fmt::format("{}c{}", c ? "," : "", c);
  text += "\n";
  for (int row = 0; row < 60; ++row) {
    const double z = random.normal();
    for (int c = 0; c < 3000; ++c)
      text += fmt::format("{}{:.3f}", c ? "," : "", z * (c % 7) + random.normal());
    text += "\n";
  }
  put(w, "wide.csv", text);
  w.succeed("fit wide.csv -o run --epochs 2 --quiet");
  w.succeed("score run wide.csv -o s.csv --quiet");
  const std::string made = w.succeed("sample run -n 2 --quiet").out;
  EXPECT_EQ(
      std::count(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(made.find('\n')), ','),
      2999);
}

TEST_F(TableUse, a_million_levels_are_refused_with_what_to_do) {
  const TableWorkplace w;
  std::string text = "name,x\n";
  for (int i = 0; i < 2'000'000; ++i) text += fmt::format("n{},{}\n", i % 1'000'000, i % 7);
  put(w, "many.csv", text);
  w.refuse(1, "fit many.csv -o run --quiet", "65536 different values in column 'name'");
  w.refuse(1, "info many.csv", "--drop it");
  w.succeed("info many.csv --drop name");
}

TEST_F(TableUse, a_column_that_is_not_there_is_missing_only_if_that_is_allowed) {
  const TableWorkplace w;
  w.make_table_model();
  w.succeed("sample run -n 20 -o all.csv --quiet");
  w.succeed("info all.csv --query 'SELECT * EXCLUDE (colour) FROM data'");
  const std::string part = " all.csv --query 'SELECT * EXCLUDE (colour) FROM data'";
  w.refuse(1, "score run" + part, "--allow-missing-columns");
  const auto told = w.succeed("score run" + part + " --allow-missing-columns -o s.csv");
  EXPECT_NE(told.err.find("colour"), std::string::npos) << told.err;
}

}  // namespace
}  // namespace diabolo
