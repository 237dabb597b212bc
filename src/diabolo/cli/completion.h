// What impute, predict and sample --given share: options of completing rows, and completed rows as
// columns of a table.
#pragma once

#include <diabolo/apps/impute.h>
#include <diabolo/cli/input.h>
#include <diabolo/cli/output.h>

namespace diabolo::cli {

/// Adds --samples and --uncertainty.
void add_completion(Options& options, ImputeOptions& to);

/// Values [rows, D] in the data's units (apps/impute.h) as cells of the column of cell d.
ColumnValues cells_of(const ModelData& model, std::span<const double> values, std::size_t d);

/// Which cells [rows, D] have no value: those to fill in. A category that the model does not know
/// is missing to it, but is a value of the table all the same.
std::vector<bool> holes_of(const Dataset& data, const CellNotes& notes = {});

/// Every column of the table, in its order, as it is there; of those that are modelled holes have
/// the values given.
std::vector<ResultColumn> filled_columns(const ModelData& model, const TableReader& table,
                                         const std::vector<bool>& holes,
                                         std::span<const double> values);

/// uncertainty:COLUMN for each column with holes; nothing if it was not asked for.
std::vector<ResultColumn> uncertainty_columns(const ModelData& model,
                                              const std::vector<bool>& holes,
                                              const Imputation& result);

/// Rows of cells as columns of the model's table, in its order. `mean`: numbers are means.
std::vector<ResultColumn> columns_of(const Dataset& rows, bool mean);

/// Draw `k` of each row: [rows, D].
std::vector<double> draw_of(const Tensor& draws, std::int64_t k);

Tensor as_f32(const Tensor& values);

/// How many draws the means rest on, of the rows with holes.
void say_effective(const std::vector<bool>& holes, const Imputation& result);

}  // namespace diabolo::cli
