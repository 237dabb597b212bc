// The numbers of `evaluate` as JSON: what is not defined for a model is null.
#pragma once

#include <diabolo/report/json.h>
#include <diabolo/train/bound.h>

namespace diabolo {

Json as_json(const Evaluation& evaluation);

}  // namespace diabolo
