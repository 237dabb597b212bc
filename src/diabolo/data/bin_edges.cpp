#include <diabolo/data/bin_edges.h>
#include <diabolo/data/modes.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace diabolo {
namespace {

/// Neighbouring values that share a bin, or one value of many rows (an atom).
struct Piece {
  double first, last;
  bool atom;
  bool before_gap = false;  ///< nothing lies between it and the next one: a bin of its own
};

struct Value {
  double x;
  std::size_t count;
};

std::vector<Value> distinct_values(std::span<const double> sorted) {
  std::vector<Value> values;
  for (const double x : sorted) {
    if (values.empty() || values.back().x != x) values.push_back({x, 0});
    ++values.back().count;
  }
  return values;
}

/// Cuts the values [begin, end) into pieces of about `share` rows.
void cut(std::span<const Value> run, double share, std::vector<Piece>& pieces) {
  std::size_t total = 0;
  for (const Value& value : run) total += value.count;
  const double count = std::max(1.0, std::round(static_cast<double>(total) / share));
  const double each = static_cast<double>(total) / count;
  std::size_t seen = 0, first = 0;
  double next = each;
  for (std::size_t i = 0; i < run.size(); ++i) {
    seen += run[i].count;
    // Half a row of slack: where sizes are whole numbers they come out as such.
    if (static_cast<double>(seen) + 0.5 < next && i + 1 < run.size()) continue;
    pieces.push_back({run[first].x, run[i].x, false});
    first = i + 1;
    while (next <= static_cast<double>(seen) + 0.5) next += each;
  }
}

// The outermost piece is cut in two as long as its outer half has some rows: within a bin values
// are uniform, and the last one of a long tail would stretch it.
void refine_tail(std::span<const double> sample, std::vector<Piece>& pieces, bool upper) {
  constexpr std::ptrdiff_t kFewest = 5;
  while (true) {
    Piece& outer = upper ? pieces.back() : pieces.front();
    if (outer.atom) return;
    const auto begin = std::lower_bound(sample.begin(), sample.end(), outer.first),
               end = std::upper_bound(begin, sample.end(), outer.last);
    const std::ptrdiff_t half = (end - begin) / 2;
    if (half < kFewest) return;
    const auto middle = upper ? end - half : begin + half;  // where the upper part begins
    if (middle[-1] == middle[0]) return;
    Piece second = outer;
    second.first = *middle;
    outer.last = middle[-1];
    outer.before_gap = false;
    pieces.insert(upper ? pieces.end() : pieces.begin() + 1, second);
  }
}

std::vector<Piece> pieces_of(std::span<const double> sample, int bins) {
  const std::vector<Value> values = distinct_values(sample);
  const double many = static_cast<double>(sample.size()) / bins;
  const auto is_atom = [&](const Value& value) {
    return value.count > 1 && static_cast<double>(value.count) > many;
  };
  std::size_t atoms = 0, rest = sample.size();
  for (const Value& value : values)
    if (is_atom(value)) {
      ++atoms;
      rest -= value.count;
    }
  const double left = std::max(1.0, static_cast<double>(bins) - static_cast<double>(atoms));
  const double share = std::max(1.0, static_cast<double>(rest) / left);
  std::vector<Piece> pieces;
  std::vector<double> ends;  // values that a gap follows
  for (const std::size_t i : wide_gaps(sample)) ends.push_back(sample[i]);
  const auto ends_here = [&](const Value& value) {
    return std::ranges::binary_search(ends, value.x);
  };
  for (std::size_t i = 0; i < values.size();) {
    if (is_atom(values[i])) {
      pieces.push_back({values[i].x, values[i].x, true});
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < values.size() && !is_atom(values[end]))
      if (ends_here(values[end++])) break;
    cut(std::span(values).subspan(i, end - i), share, pieces);
    pieces.back().before_gap = ends_here(values[end - 1]);
    i = end;
  }
  return pieces;
}

}  // namespace

std::vector<double> bin_edges(std::span<const double> sample, double low, double high, double step,
                              int bins) {
  std::vector<Piece> pieces = pieces_of(sample, bins);
  if (step <= 0)
    for (const bool upper : {false, true}) refine_tail(sample, pieces, upper);
  const double inverse = step > 0 && step < 1 ? std::round(1 / step) : 0;
  // Half a step above the point of the lattice next to x; without a lattice x itself.
  const auto above = [&](double x) {
    if (step <= 0) return x;
    return inverse > 0 ? (std::round(x * inverse) + 0.5) / inverse
                       : (std::round(x / step) + 0.5) * step;
  };
  const auto below = [&](double x) { return step > 0 ? above(x - step) : x; };
  const auto between = [&](double a, double b) {
    if (step <= 0) return a + (b - a) / 2;
    return above(a + step * std::floor((b - a) / step / 2 + 1e-6));
  };

  std::vector<double> edges;
  const auto add = [&](double edge) {
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  };
  add(below(low));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    if (piece.atom) {
      add(below(piece.first));
      if (step > 0)
        add(above(piece.first));
      else
        edges.push_back(piece.first);  // a bin of no width
    } else if (i + 1 < pieces.size() && !pieces[i + 1].atom) {
      if (piece.before_gap) {
        add(above(piece.last));
        add(below(pieces[i + 1].first));
      } else {
        add(between(piece.last, pieces[i + 1].first));
      }
    }
  }
  add(above(high));
  if (edges.size() == 1) edges.push_back(edges[0]);
  return edges;
}

}  // namespace diabolo
