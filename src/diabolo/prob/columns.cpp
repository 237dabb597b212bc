#include <diabolo/prob/columns.h>

namespace diabolo {
namespace {

struct Part {
  std::unique_ptr<Likelihood> likelihood;
  std::int64_t first, columns;
  bool is_ones;  // features are zeros and ones
};

void check_columns(const ColumnGroup& group) {
  check(group.columns >= 1, ErrorCode::invalid_argument, "columns",
        "expected groups of at least one column, got {}", group.columns);
}

Var side_by_side(const std::vector<Var>& parts, int axis) {
  if (parts.empty()) return {};
  return parts.size() == 1 ? parts[0] : concat(parts, axis);
}

class ColumnsBatch final : public LikelihoodBatch {
 public:
  explicit ColumnsBatch(const std::vector<Part>& parts) : parts_(parts) {}
  void add(std::unique_ptr<LikelihoodBatch> batch) { batches_.push_back(std::move(batch)); }

  Var log_prob(Var x, const Shape& view) const override {
    std::vector<Var> all;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      Shape shape{view[0], part.columns};
      if (view.rank() == 3) shape = {view[0], view[1], part.columns};
      const Var values = slice(x, static_cast<int>(x.shape().rank()) - 1, part.first, part.columns);
      all.push_back(batches_[i]->log_prob(values, shape));
    }
    return side_by_side(all, static_cast<int>(view.rank()) - 1);
  }

  Var mean() const override {
    std::vector<Var> all;
    for (const bool ones : {false, true})
      for (std::size_t i = 0; i < parts_.size(); ++i)
        if (parts_[i].is_ones == ones) all.push_back(batches_[i]->mean());
    return side_by_side(all, 1);
  }

  Var sample(const Scope& scope) const override {
    std::vector<Var> all;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      all.push_back(batches_[i]->sample(scope / std::to_string(i)));
    return side_by_side(all, 1);
  }

 private:
  const std::vector<Part>& parts_;
  std::vector<std::unique_ptr<LikelihoodBatch>> batches_;
};

class Columns final : public Likelihood {
 public:
  Columns(const std::vector<ColumnGroup>& groups, const ComponentTable<Likelihood>& table) {
    for (const ColumnGroup& group : groups) {
      check_columns(group);
      auto likelihood = table.make(group.likelihood);
      const bool is_ones = likelihood->absent() < 0;
      parts_.push_back({std::move(likelihood), columns_, group.columns, is_ones});
      columns_ += group.columns;
    }
  }

  std::unique_ptr<LikelihoodBatch> build(const Scope& scope, Var features,
                                         std::int64_t dimensions) const override {
    check(dimensions == columns_, ErrorCode::invalid_argument, "columns",
          "expected likelihoods for {} columns, got them for {}", dimensions, columns_);
    auto batch = std::make_unique<ColumnsBatch>(parts_);
    for (std::size_t i = 0; i < parts_.size(); ++i)
      batch->add(
          parts_[i].likelihood->build(scope / std::to_string(i), features, parts_[i].columns));
    return batch;
  }

  Features features(Var x) const override {
    std::vector<Var> numbers, ones;
    for (const Part& part : parts_) {
      const Features f = part.likelihood->features(slice(x, 1, part.first, part.columns));
      if (f.numbers) numbers.push_back(f.numbers);
      if (f.ones) ones.push_back(f.ones);
    }
    return Features(side_by_side(numbers, 1), side_by_side(ones, 1));
  }

 private:
  std::vector<Part> parts_;
  std::int64_t columns_ = 0;
};

}  // namespace

std::unique_ptr<Likelihood> columns_likelihood(const std::vector<ColumnGroup>& groups,
                                               const ComponentTable<Likelihood>& table) {
  return std::make_unique<Columns>(groups, table);
}

std::vector<double> absent_values(const std::vector<ColumnGroup>& groups,
                                  const ComponentTable<Likelihood>& table) {
  std::vector<double> values;
  for (const ColumnGroup& group : groups) {
    check_columns(group);
    values.insert(values.end(), static_cast<std::size_t>(group.columns),
                  table.make(group.likelihood)->absent());
  }
  return values;
}

}  // namespace diabolo
