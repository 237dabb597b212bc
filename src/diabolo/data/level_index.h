// The places of distinct values: an open hash table from text or numbers to 0, 1, 2, ... in the
// order in which they were added. Every cell of every row goes through one, so there is one probe
// for most of them, and a hash is compared before a text.
#pragma once

#include <diabolo/base/hash.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

inline std::uint64_t hash_of(std::string_view text) { return hash64(text.data(), text.size()); }

inline std::uint64_t hash_of(double x) {  // SplitMix64's finaliser; 0 and -0 are one value
  std::uint64_t bits = std::bit_cast<std::uint64_t>(x == 0 ? 0.0 : x);
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ull;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBull;
  return bits ^ (bits >> 31);
}

/// Value is std::string or double; View is what one looks for: std::string_view or double.
template <class Value, class View>
class LevelIndex {
 public:
  std::size_t size() const { return values_.size(); }
  const std::vector<Value>& values() const { return values_; }

  /// The place of a value, or -1.
  int find(View value) const { return find(value, hash_of(value)); }
  int find(View value, std::uint64_t hash) const {
    if (slots_.empty()) return -1;
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Slot& slot = slots_[i];
      if (slot.place < 0) return -1;
      if (slot.tag == tag_of(hash) && values_[static_cast<std::size_t>(slot.place)] == value)
        return slot.place;
    }
  }

  /// Adds a value that is not there yet; its place.
  int add(View value) { return add(value, hash_of(value)); }
  int add(View value, std::uint64_t hash) {
    if (2 * (values_.size() + 1) > slots_.size()) grow();
    const int place = static_cast<int>(values_.size());
    values_.emplace_back(value);
    put(hash, place);
    return place;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::int32_t place = -1;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  std::size_t mask() const { return slots_.size() - 1; }

  void put(std::uint64_t hash, int place) {
    std::size_t i = hash & mask();
    while (slots_[i].place >= 0) i = (i + 1) & mask();
    slots_[i] = {tag_of(hash), place};
  }

  void grow() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), {});
    for (std::size_t i = 0; i < values_.size(); ++i)
      put(hash_of(View(values_[i])), static_cast<int>(i));
  }

  std::vector<Value> values_;
  std::vector<Slot> slots_;
};

using TextIndex = LevelIndex<std::string, std::string_view>;
using NumberIndex = LevelIndex<double, double>;

}  // namespace diabolo
