// How often each value of a column occurs: exactly up to a bound of distinct values; beyond it only
// a sample of the values is counted (those whose hash begins with zeros), which tells about how
// many distinct values there are and how often they repeat, whatever their order, in bounded
// memory.
#pragma once

#include <diabolo/data/level_index.h>

#include <unordered_map>

namespace diabolo {

template <class Value, class View>
class ValueCounts {
 public:
  explicit ValueCounts(std::size_t bound) : bound_(bound) {}

  void add(View value) {
    const std::uint64_t hash = hash_of(value);
    if (!exact_) return add_to_sample(hash, 1);
    int place = index_.find(value, hash);
    if (place < 0) {
      if (index_.size() == bound_) {
        give_up();
        return add_to_sample(hash, 1);
      }
      place = index_.add(value, hash);
      counts_.push_back(0);
    }
    ++counts_[static_cast<std::size_t>(place)];
  }

  /// True if all values were counted; then `values` and `counts` hold them.
  bool exact() const { return exact_; }
  const std::vector<Value>& values() const { return index_.values(); }
  const std::vector<std::int64_t>& counts() const { return counts_; }

  /// Distinct values; about as many, if not exact.
  std::int64_t distinct() const {
    return static_cast<std::int64_t>(exact_ ? index_.size() : sample_.size() << zeros_);
  }
  /// Distinct values for each observed one: 1 if none repeats.
  double distinct_share() const {
    std::int64_t observed = 0;
    for (const std::int64_t count : counts_) observed += count;
    for (const auto& entry : sample_) observed += entry.second;
    const std::size_t kept = exact_ ? index_.size() : sample_.size();
    return observed == 0 ? 0 : static_cast<double>(kept) / static_cast<double>(observed);
  }

 private:
  void give_up() {
    exact_ = false;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      add_to_sample(hash_of(View(index_.values()[i])), counts_[i]);
    index_ = {};
    counts_ = {};
  }

  bool chosen(std::uint64_t hash) const { return hash >> (64 - zeros_) == 0; }

  void add_to_sample(std::uint64_t hash, std::int64_t count) {
    if (zeros_ > 0 && !chosen(hash)) return;
    sample_[hash] += count;
    while (sample_.size() > bound_ / 2) {
      ++zeros_;
      std::erase_if(sample_, [&](const auto& entry) { return !chosen(entry.first); });
    }
  }

  std::size_t bound_;
  bool exact_ = true;
  LevelIndex<Value, View> index_;
  std::vector<std::int64_t> counts_;
  int zeros_ = 0;
  std::unordered_map<std::uint64_t, std::int64_t> sample_;
};

}  // namespace diabolo
