// Elementary functions that vector kernels are made of (namespace diabolo::math).
//
// For float they are branch-free and made of + - * /, square root, comparisons and integer
// operations in a fixed order, so that a loop over them is vectorised by the compiler and gives the
// same bits at every vector width, provided it is compiled with -ffp-contract=off and without
// -ffast-math. The bits are part of `numerics: 1`; only the sign and payload of a NaN are not.
// For double they call the C library and serve as the oracle of the tests.
//
// A NaN gives a NaN everywhere, min and max included. Results below the smallest normal number may
// be flushed to zero. Errors and speed: docs/elementary-functions.md; where the coefficients come
// from: bench/math/coefficients.py.
#pragma once

#include <diabolo/base/math/basic.h>
#include <diabolo/base/math/erf.h>
#include <diabolo/base/math/exp.h>
#include <diabolo/base/math/gamma.h>
#include <diabolo/base/math/log.h>
#include <diabolo/base/math/logistic.h>
#include <diabolo/base/math/trigonometric.h>
