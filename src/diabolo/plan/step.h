// A step of a plan: one kernel call, prepared. Places are resolved when it runs, through a table of
// base addresses, so one plan serves many workspaces at once.
#pragma once

#include <diabolo/kernels/mode.h>
#include <diabolo/tensor/shape.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diabolo::plan {

/// A spot in memory: an entry of the table of bases and a byte offset from it.
struct Place {
  int base = -1;
  std::int64_t offset = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

/// Entries of the table of bases that every plan has; named slots follow.
enum Base : int { kArena = 0, kConstants = 1, kFirstSlot = 2 };

/// What changes from run to run besides data: the coordinates of the noise (base/random.h).
struct RunContext {
  std::uint64_t seed = 0;
  std::uint64_t pass = 0;
  std::uint32_t first_draw = 0;
};

/// All that a step sees when it runs.
struct Frame {
  std::byte* const* bases;
  std::byte* scratch;  // the step's own, aligned, scratch_bytes() long
  RunContext context;

  template <class T>
  T* at(const Place& place) const noexcept {
    return reinterpret_cast<T*>(bases[place.base] + place.offset);
  }
};

/// For describe() and the roofline.
struct Cost {
  double flops = 0;
  double bytes = 0;
};

class Step {
 public:
  virtual ~Step() = default;
  virtual void run(const Frame& frame) const noexcept = 0;
  virtual std::size_t scratch_bytes() const { return 0; }
  /// One line: what it computes, on which shapes, by which kernel.
  virtual std::string describe() const = 0;

  Cost cost;
};

}  // namespace diabolo::plan
