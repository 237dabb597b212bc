// Student's t with a learned scale and learned degrees of freedom for each column: a normal that
// forgives far values (Lange, Little & Taylor, 1989; as decoder in Mattei & Frellsen, 2019, MIWAE).
#pragma once

#include <diabolo/prob/likelihood.h>

namespace diabolo {

ComponentInfo<Likelihood> student_likelihood();

}  // namespace diabolo
