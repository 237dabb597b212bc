#include <diabolo/nn/dense.h>
#include <diabolo/nn/network.h>
#include <gtest/gtest.h>

#include <cmath>

namespace diabolo {
namespace {

const std::vector<SettingInfo> kInfos = {
    {.name = "scale",
     .help = "",
     .fallback = "learned",
     .low = 0.5,
     .high = 2,
     .words = {"learned"}},
    {.name = "count", .help = "", .fallback = 3.0, .low = 1, .high = 9},
    {.name = "kind", .help = "", .fallback = "a", .words = {"a", "b"}},
    {.name = "hidden", .help = "", .fallback = "64", .widths = true}};

// The message of the error that `f` throws.
template <class F>
std::string message(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

std::string refusal(const Settings& given) {
  return message([&] { complete("thing", kInfos, given); });
}

TEST(component, settings_not_given_take_their_defaults) {
  const Settings s = complete("thing", kInfos, {{"count", 5.0}});
  EXPECT_EQ(number(s, "count"), 5);
  EXPECT_TRUE(has_word(s, "scale", "learned"));
  EXPECT_EQ(number(s, "scale", -1), -1);
  EXPECT_TRUE(has_word(s, "hidden", "64"));
}

TEST(component, unknown_setting_names_the_nearest) {
  EXPECT_EQ(refusal({{"cuont", 5.0}}),
            "expected a setting of 'thing', got 'cuont'; did you mean 'count'?");
}

TEST(component, number_out_of_bounds_is_refused) {
  EXPECT_EQ(refusal({{"count", 10.0}}), "expected count between 1 and 9, got 10");
  EXPECT_EQ(refusal({{"scale", 0.25}}), "expected scale between 0.5 and 2, got 0.25");
  EXPECT_EQ(refusal({{"count", std::nan("")}}), "expected count between 1 and 9, got nan");
}

TEST(component, word_of_another_kind_is_refused) {
  EXPECT_EQ(refusal({{"count", "many"}}), "expected a number for count, got 'many'");
  EXPECT_EQ(refusal({{"scale", "fixed"}}), "expected a number, learned for scale, got 'fixed'");
  EXPECT_EQ(refusal({{"kind", "c"}}), "expected a, b for kind, got 'c'");
  EXPECT_EQ(refusal({{"kind", 1.0}}), "expected one of a, b for kind, got 1");
}

TEST(component, widths_are_whole_numbers_separated_by_commas) {
  EXPECT_EQ(parse_widths("hidden", "400,20"), (std::vector<std::int64_t>{400, 20}));
  EXPECT_EQ(parse_widths("hidden", 400.0), (std::vector<std::int64_t>{400}));
  EXPECT_EQ(format_widths({400, 20}), "400,20");
  for (const char* bad : {"", "0", "-3", "4,,5", "4,", ",4", "4.5", "4x", "99999999999999999999"})
    EXPECT_NE(refusal({{"hidden", bad}}).find("expected whole numbers"), std::string::npos) << bad;
}

TEST(component, large_width_given_as_a_number_is_understood) {
  EXPECT_EQ(parse_widths("hidden", 1000000.0), (std::vector<std::int64_t>{1000000}));
}

TEST(component, layers_are_bounded_in_number_but_not_levels_of_columns) {
  std::string many = "3";
  for (int i = 0; i < 64; ++i) many += ",3";
  EXPECT_EQ(parse_widths("levels", many).size(), 65u);
  EXPECT_EQ(message([&] { networks().make({"mlp", {{"hidden", many}}}); }),
            "expected at most 64 layers, got 65");
}

TEST(component, unknown_type_names_the_nearest) {
  EXPECT_EQ(message([] { networks().find("mlpp"); }),
            "expected the name of a network, got 'mlpp'; did you mean 'mlp'?");
}

TEST(component, added_entry_replaces_one_of_the_same_name) {
  auto table = networks();
  table.add({"mlp", "another", {}, {}});
  EXPECT_EQ(table.entries().size(), 1u);
  EXPECT_EQ(table.find("mlp").summary, "another");
}

TEST(component, unknown_activation_names_the_nearest) {
  EXPECT_EQ(message([] { activation("rellu"); }),
            "expected the name of an activation, got 'rellu'; did you mean 'relu'?");
}

}  // namespace
}  // namespace diabolo
