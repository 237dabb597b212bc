#include <diabolo/base/nearest.h>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace diabolo {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  std::string best;
  std::size_t fewest = std::max<std::size_t>(name.size() / 2, 1) + 1;
  if (name.size() > 64) return best;
  for (const std::string& candidate : candidates)
    if (const std::size_t edits = distance(name, candidate); edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  if (const std::string best = nearest(name, candidates); !best.empty())
    return fmt::format("; did you mean '{}'?", best);
  return fmt::format("; known are {}", fmt::join(candidates.begin(), candidates.end(), ", "));
}

}  // namespace diabolo
