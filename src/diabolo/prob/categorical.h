// Columns of categories, L levels each, by their logits; and numbers cut into L bins, a category
// each, uniform within a bin: a density of any shape. Both give log masses (of a bin: of a density
// in units of bins; the data's own units are for data/schema.h to pay).
//
// Columns of the same number of levels that lie side by side are handled as one array.
#pragma once

#include <diabolo/prob/likelihood.h>

namespace diabolo {

/// Values 0, 1, ..., L - 1.
ComponentInfo<Likelihood> categorical_likelihood();
/// Values from 0 to below L: the bin and the place in it.
ComponentInfo<Likelihood> bins_likelihood();

}  // namespace diabolo
