// Marks scalar functions that vector kernels are made of.
//
// They must never be emitted as functions of their own: an inline function shared by objects that
// were compiled for two instruction sets is linked from either one, and then a processor without
// the wider set meets it. `scripts/check_kernel_objects` looks for such symbols.
#pragma once

#define DIABOLO_INLINE [[gnu::always_inline]] inline
