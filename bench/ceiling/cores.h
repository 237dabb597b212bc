// Binds the calling thread to a core, so that threads measured at once cannot share one.
#pragma once

#include <sched.h>

namespace bench {

/// To the core that is `index`-th (from 0, around) among those that the process may use.
inline void bind_to_core(int index) {
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof(all), &all) != 0) return;
  index %= CPU_COUNT(&all);
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &all) && index-- == 0) {
      CPU_ZERO(&one);
      CPU_SET(core, &one);
      sched_setaffinity(0, sizeof(one), &one);
      return;
    }
}

}  // namespace bench
