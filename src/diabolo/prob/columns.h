// The likelihood of a row whose columns differ: groups of columns side by side, each with a
// likelihood of its own (given z they are independent).
#pragma once

#include <diabolo/prob/likelihood.h>

namespace diabolo {

/// A likelihood for the next `columns` columns of a row.
struct ColumnGroup {
  ComponentChoice likelihood;
  std::int64_t columns = 0;

  friend bool operator==(const ColumnGroup&, const ColumnGroup&) = default;
};

/// Its features are the numbers of all groups and the ones of all groups; its mean is all of them
/// side by side, numbers first.
std::unique_ptr<Likelihood> columns_likelihood(const std::vector<ColumnGroup>& groups,
                                               const ComponentTable<Likelihood>& table);

/// The values that stand for missing ones, one for each column.
std::vector<double> absent_values(const std::vector<ColumnGroup>& groups,
                                  const ComponentTable<Likelihood>& table);

}  // namespace diabolo
