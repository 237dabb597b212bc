// What a model of pictures is looked at by: originals and their reconstructions, samples, walks
// along each latent and from one row to another. The page and the folder pictures/ show the same.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/data/picture.h>
#include <diabolo/report/columns.h>

#include <string>
#include <vector>

namespace diabolo {

struct ReportPictures {
  Tensor originals, reconstructions;  ///< [n, D] f32, n up to kExamples
  std::vector<std::string> labels;    ///< of these, or empty
  Tensor samples;                     ///< means
  /// One latent changed, the others as those of the first original: [units * kSteps, D].
  Tensor traversals;
  std::vector<std::int64_t> units;  ///< that are walked along, the most varying first
  std::vector<double> low, high;    ///< of each of these
  Tensor interpolations;            ///< between codes of two originals each: [pairs * kSteps, D]
  Shape row_shape;

  static constexpr std::int64_t kExamples = 32, kSamples = 64, kSteps = 9, kUnits = 32, kPairs = 6;
};

/// `examples`: pictures to show, at least one; those of a label stand together (`labels` of as many
/// rows, or null). All means, by encode, decode, reconstruct and sample.
ReportPictures make_pictures(const Model& model, const Dataset& examples,
                             const ReportColumn* labels, std::uint64_t seed);

/// The same as files: samples.png, reconstructions.png, traversals.png, interpolations.png in
/// `folder`, which must be there. Throws `io`.
void write_pictures(const ReportPictures& pictures, const ModelData& model,
                    const std::string& folder);

}  // namespace diabolo
