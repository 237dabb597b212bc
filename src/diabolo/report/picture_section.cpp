#include <diabolo/models/model_data.h>
#include <diabolo/report/picture_range.h>
#include <diabolo/report/sections.h>
#include <diabolo/report/sheet.h>

namespace diabolo {

Json sprite(const Tensor& rows, const Shape& row_shape, const ModelData& model, int across) {
  constexpr int kLongestSide = 96;  // as they are shown; pictures/ has all pixels
  if (rows.rows() == 0) return nullptr;
  const auto [width, height] = shrunk_size(row_shape, kLongestSide);
  return {{"png", png_address(sheet_of(rows, row_shape, picture_range(model),
                                       static_cast<std::size_t>(across), kLongestSide))},
          {"width", width},
          {"height", height},
          {"across", std::min<std::int64_t>(across, rows.rows())},
          {"count", rows.rows()}};
}

Json picture_section(const ReportInput& input, const ReportRows& rows) {
  if (!rows.map.is_image) return nullptr;
  const ModelData& model = input.model->data();
  const Dataset& examples = input.examples ? *input.examples : rows.examined;
  std::optional<ReportColumn> own;
  if (input.labels && !input.examples) own = select(*input.labels, rows.examined_numbers);
  const ReportColumn* labels = input.examples ? input.example_labels : own ? &*own : nullptr;
  const ReportPictures made = make_pictures(*input.model, examples, labels, input.seed);
  const Shape& shape = made.row_shape;
  constexpr int kSteps = ReportPictures::kSteps;
  return {{"originals", sprite(made.originals, shape, model, 16)},
          {"reconstructions", sprite(made.reconstructions, shape, model, 16)},
          {"labels", made.labels},
          {"held_out", input.held_out},
          {"samples", sprite(made.samples, shape, model, 16)},
          {"traversals", sprite(made.traversals, shape, model, kSteps)},
          {"units", made.units},
          {"low", numbers(made.low)},
          {"high", numbers(made.high)},
          {"steps", kSteps},
          {"latent", model.latent()},
          {"interpolations", sprite(made.interpolations, shape, model, kSteps)}};
}

}  // namespace diabolo
