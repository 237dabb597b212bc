#include <diabolo/data/schema.h>

#include <algorithm>
#include <array>

namespace diabolo {
namespace {

constexpr std::array kKinds{
    std::pair{Kind::continuous, "continuous"}, std::pair{Kind::positive, "positive"},
    std::pair{Kind::bounded, "bounded"},       std::pair{Kind::count, "count"},
    std::pair{Kind::binary, "binary"},         std::pair{Kind::categorical, "categorical"},
    std::pair{Kind::boolean, "boolean"},       std::pair{Kind::datetime, "datetime"},
    std::pair{Kind::constant, "constant"},     std::pair{Kind::identifier, "identifier"}};

constexpr const char* kLevels = "levels";  // the setting that belongs to single columns

int rank(const std::string& likelihood) {
  constexpr std::array<std::string_view, 6> order{"normal", "student",   "",
                                                  "bins",   "bernoulli", "categorical"};
  const auto known = std::find(order.begin(), order.end(), likelihood);
  return known == order.end() ? 2 : static_cast<int>(known - order.begin());
}

ComponentChoice without_levels(ComponentChoice choice) {
  choice.settings.erase(kLevels);
  return choice;
}

}  // namespace

std::string_view name(Kind kind) {
  for (const auto& [known, text] : kKinds)
    if (known == kind) return text;
  return "unknown";
}

bool kind_named(std::string_view name, Kind& kind) {
  for (const auto& [known, text] : kKinds)
    if (text == name) {
      kind = known;
      return true;
    }
  return false;
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto& entry : kKinds) names.emplace_back(entry.second);
  return names;
}

std::int64_t ColumnSchema::level_count() const {
  if (code.form == ColumnCode::levels)
    return static_cast<std::int64_t>(std::max(levels.size(), values.size()));
  if (code.form == ColumnCode::bins) return static_cast<std::int64_t>(code.edges.size()) - 1;
  return 0;
}

int Schema::find(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].field.name == name) return static_cast<int>(i);
  return -1;
}

bool same_cells(const Schema& a, const Schema& b) {
  if (&a == &b) return true;
  const auto next = [](const Schema& schema, std::size_t i) {
    while (i < schema.columns.size() && !schema.columns[i].used) ++i;
    return i;
  };
  std::size_t i = next(a, 0), j = next(b, 0);
  for (; i < a.columns.size() && j < b.columns.size(); i = next(a, i + 1), j = next(b, j + 1)) {
    const ColumnSchema &x = a.columns[i], &y = b.columns[j];
    if (x.field.name != y.field.name || x.likelihood != y.likelihood || x.code != y.code ||
        x.levels != y.levels || x.values != y.values)
      return false;
  }
  return i == a.columns.size() && j == b.columns.size();
}

std::vector<CellGroup> cell_groups(const Schema& schema) {
  std::vector<CellGroup> groups;
  std::map<std::pair<std::string, Settings>, std::size_t> places;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (!schema.columns[i].used) continue;
    const ComponentChoice likelihood = without_levels(schema.columns[i].likelihood);
    const auto [known, is_new] =
        places.try_emplace({likelihood.type, likelihood.settings}, groups.size());
    if (is_new) groups.push_back({likelihood, {}});
    groups[known->second].columns.push_back(static_cast<int>(i));
  }
  std::stable_sort(groups.begin(), groups.end(), [](const CellGroup& a, const CellGroup& b) {
    return rank(a.likelihood.type) < rank(b.likelihood.type);
  });
  const auto column = [&](int i) -> const ColumnSchema& {
    return schema.columns[static_cast<std::size_t>(i)];
  };
  for (CellGroup& group : groups) {
    const auto has_levels = [&](int i) { return column(i).likelihood.settings.contains(kLevels); };
    if (!std::all_of(group.columns.begin(), group.columns.end(), has_levels)) continue;
    // Equal sizes lie side by side, so that they can be computed together.
    std::stable_sort(group.columns.begin(), group.columns.end(), [&](int a, int b) {
      return column(a).level_count() < column(b).level_count();
    });
    std::vector<std::int64_t> counts;
    for (const int i : group.columns) counts.push_back(column(i).level_count());
    group.likelihood.settings[kLevels] = format_widths(counts);
  }
  return groups;
}

}  // namespace diabolo
