#include <diabolo/base/error.h>
#include <diabolo/data/column_statistics.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace diabolo {
namespace {

constexpr std::size_t kBlock = 1024;  // numbers

/// A place below `count`, from the number of the draw alone.
std::size_t place_below(std::uint64_t draw, std::uint64_t count) {
  std::uint64_t bits = (draw + 1) * 0x9E3779B97F4A7C15ull;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ull;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBull;
  bits ^= bits >> 31;
  // The upper 32 bits times the count: it stays below 2^32 rows without bias to speak of.
  if (count <= std::numeric_limits<std::uint32_t>::max()) return ((bits >> 32) * count) >> 32;
  return bits % count;
}

/// Values and counts in the order of `before(i, j)`.
template <class Value, class Before>
void take_sorted(const std::vector<Value>& values, const std::vector<std::int64_t>& counts,
                 const Before& before, std::vector<Value>& to,
                 std::vector<std::int64_t>& to_counts) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), before);
  for (const std::size_t i : order) {
    to.push_back(values[i]);
    to_counts.push_back(counts[i]);
  }
}

}  // namespace

StatisticsCounter::StatisticsCounter(const Field& field, const StatisticsLimits& limits)
    : limits_(limits), texts_(limits.distinct), numbers_(limits.distinct), lattice_(field) {
  result_.field = field;
}

void StatisticsCounter::add(const ColumnValues& values, std::int64_t rows) {
  result_.rows += rows;
  const auto count = static_cast<std::size_t>(rows);
  if (result_.is_text()) {
    ensure(values.text.size() >= count, "schema", "a text for every row");
    for (std::size_t i = 0; i < count; ++i) {
      if (values.text[i].data() == nullptr)
        ++result_.missing;
      else
        texts_.add(values.text[i]);
    }
    return;
  }
  ensure(values.numbers.size() >= count, "schema", "a number for every row");
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(values.numbers[i])) {
      ++result_.missing;
      continue;
    }
    block_.push_back(values.numbers[i]);
    if (block_.size() == kBlock) add_block();
  }
}

void StatisticsCounter::add_block() {
  if (block_.empty()) return;
  const bool first = moments_.count == 0;
  double low = first ? block_[0] : result_.low, high = first ? block_[0] : result_.high;
  bool rising = result_.increasing;
  for (std::size_t i = first ? 1 : 0; i < block_.size(); ++i) {
    const double x = block_[i];
    rising &= x > high;  // the largest so far is the one before, or it was not rising
    low = std::min(low, x);
    high = std::max(high, x);
  }
  result_.low = low;
  result_.high = high;
  result_.increasing = rising;
  for (const double x : block_) numbers_.add(x);
  sample_block();
  moments_.add(block_);
  lattice_.add(block_);
  block_.clear();
}

/// Algorithm R of Vitter (1985, "Random sampling with a reservoir").
void StatisticsCounter::sample_block() {
  std::vector<double>& sample = result_.sample;
  for (const double x : block_) {
    const auto draw = static_cast<std::uint64_t>(sampled_++);
    if (sample.size() < limits_.sample) {
      sample.push_back(x);
      continue;
    }
    const std::size_t place = place_below(draw, draw + 1);
    if (place < sample.size()) sample[place] = x;
  }
}

ColumnStatistics StatisticsCounter::finish() {
  add_block();
  ColumnStatistics& r = result_;
  if (r.is_text()) {
    r.counted = texts_.exact();
    r.distinct = texts_.distinct();
    r.distinct_share = texts_.distinct_share();
    const auto& texts = texts_.values();
    const auto& counts = texts_.counts();
    const auto before = [&](std::size_t a, std::size_t b) {
      return counts[a] != counts[b] ? counts[a] > counts[b] : texts[a] < texts[b];
    };
    take_sorted(texts, counts, before, r.levels, r.counts);
    return std::move(result_);
  }
  r.counted = numbers_.exact();
  r.distinct = numbers_.distinct();
  r.distinct_share = numbers_.distinct_share();
  const auto& numbers = numbers_.values();
  const auto before = [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; };
  take_sorted(numbers, numbers_.counts(), before, r.values, r.counts);
  r.mean = moments_.mean;
  r.deviation = moments_.standard_deviation();
  r.skewness = moments_.skewness();
  r.kurtosis = moments_.excess_kurtosis();
  r.decimals = lattice_.decimals();
  r.step = lattice_.step();
  std::sort(r.sample.begin(), r.sample.end());
  return std::move(result_);
}

}  // namespace diabolo
