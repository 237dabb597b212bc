// The codes of columns: values to cells and back. A cell becomes a float, so bins are careful at
// their edges.
#include <diabolo/data/bins.h>
#include <diabolo/data/schema.h>

namespace diabolo {
namespace {

/// Points of a lattice are whole multiples of its step. Steps below 1 are powers of 1/10: dividing
/// by their inverse gives the number that the decimal text stands for, multiplying would not.
struct Lattice {
  explicit Lattice(double step) : step_(step), inverse_(step < 1 ? std::round(1 / step) : 0) {}
  double place(double x) const { return inverse_ > 0 ? x * inverse_ : x / step_; }
  double point(double place) const { return inverse_ > 0 ? place / inverse_ : place * step_; }

 private:
  double step_, inverse_;
};

double bin_to_data(const std::vector<double>& edges, double step, double cell, bool round) {
  const double last = static_cast<double>(edges.size() - 2);
  const double place = std::clamp(std::floor(cell), 0.0, last);
  const std::size_t b = static_cast<std::size_t>(place);
  const double share = std::clamp(cell - place, 0.0, 1.0);
  const double x = edges[b] + share * (edges[b + 1] - edges[b]);
  if (step <= 0 || !round) return x;
  const Lattice lattice(step);
  const double first = std::ceil(lattice.place(edges[b]));
  const double end = std::floor(lattice.place(edges[b + 1]));
  if (first > end) return lattice.point(std::round(lattice.place(x)));  // a bin without points
  return lattice.point(std::clamp(std::round(lattice.place(x)), first, end));
}

constexpr double kLeastLogCell = -30;  // for what is not above the origin: log needs some number

double logarithm(const ColumnCode& code, double x) {
  const double least = code.shift + kLeastLogCell * code.scale;
  return x > code.origin ? std::max(std::log(x - code.origin), least) : least;
}

/// Of the least doubles the inverse would be infinite.
double log_of_slope(double step, double scale) {
  return step > 0 ? std::log(step / scale) : -std::log(scale);
}

double within_reach(double cell) { return std::clamp(cell, -kFarthestCell, kFarthestCell); }

}  // namespace

double ColumnCode::on_lattice(double x) const {
  if (step <= 0) return x;
  const Lattice lattice(step);
  return lattice.point(std::round(lattice.place(x)));
}

double ColumnCode::to_cell(double x) const {
  if (std::isnan(x)) return x;
  switch (form) {
    case linear:
      return within_reach((x - shift) / scale);
    case log:
      return within_reach((logarithm(*this, x) - shift) / scale);
    case levels:
      return x;
    case bins:
      return cell_in_bin(edges, bin_of(edges, x), x);
  }
  return x;
}

double ColumnCode::to_data(double cell, bool round) const {
  if (std::isnan(cell)) return cell;
  switch (form) {
    case linear: {
      const double x = shift + cell * scale;
      return round ? on_lattice(x) : x;
    }
    case log: {
      const double x = origin + std::exp(shift + cell * scale);
      return round ? on_lattice(x) : x;
    }
    case levels:
      return round ? std::round(cell) : cell;
    case bins:
      return bin_to_data(edges, step, cell, round);
  }
  return cell;
}

double ColumnCode::log_slope(double x) const {
  switch (form) {
    case linear:
      return log_of_slope(step, scale);
    case log:
      return log_of_slope(step, scale) - logarithm(*this, x);
    case levels:
      return 0;
    case bins:
      return log_slope_of_bin(bin_of(edges, x));
  }
  return 0;
}

double ColumnCode::log_slope_of_bin(std::size_t bin) const {
  const double width = edges[bin + 1] - edges[bin];
  if (!(width > 0)) return 0;
  return -std::log(step > 0 ? std::max(std::round(width / step), 1.0) : width);
}

}  // namespace diabolo
