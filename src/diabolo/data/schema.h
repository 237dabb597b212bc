// What the columns of a table are: kind, range or levels, how often missing, and how they are
// modelled. Inferred from the data in one pass, printed for a person to check, stored in the model,
// editable as JSON (io/schema_file.h).
#pragma once

#include <diabolo/data/table.h>
#include <diabolo/nn/component.h>

#include <limits>
#include <set>

namespace diabolo {

enum class Kind {
  continuous,
  positive,     // above 0 and skewed
  bounded,      // real, with many values at or near its ends (a share, a percentage)
  count,        // whole numbers
  binary,       // two values
  categorical,  // names, or numbers that are names
  boolean,
  datetime,    // dates, times, timestamps
  constant,    // one value: left out
  identifier,  // another value in (nearly) every row: left out
};

std::string_view name(Kind kind);
/// False if there is no kind of this name.
bool kind_named(std::string_view name, Kind& kind);
std::vector<std::string> kind_names();
/// True if values of this kind are names, also where they are numbers: there is nothing between
/// two.
inline bool is_of_names(Kind kind) {
  return kind == Kind::categorical || kind == Kind::binary || kind == Kind::boolean;
}

inline constexpr double kFarthestCell = 1e9;

/// A cell as the model sees it: one number. `code` takes a column's values to cells and back.
///   linear   (x - shift) / scale
///   log      (log(x - origin) - shift) / scale
///   levels   the place of the value in the list of levels: 0, 1, ...
///   bins     b + (x - edge_b) / (edge_b+1 - edge_b) within bin b of `edges`; a bin of no width is
///            one value, and its cell is b + 1/2. The cell stays below b + 1 as a float, so that
///            its whole part is the bin; numbers beyond the edges are in the first or last bin.
/// Cells are finite as floats: linear and log ones end at +-kFarthestCell, a log code takes what is
/// not above its origin for the least number that it knows.
struct ColumnCode {
  enum Form { linear, log, levels, bins };
  Form form = linear;
  double shift = 0, scale = 1, origin = 0;
  /// Values lie on a lattice of this step (1: whole numbers, 0.01: two decimals, 86400: days); 0:
  /// anywhere. On a lattice probability is a mass, else a density.
  double step = 0;
  std::vector<double> edges = {};  // of bins, not falling

  double to_cell(double x) const;
  /// The value of a cell: on the lattice, if there is one, and in its bin. For a mean, `round` =
  /// false.
  double to_data(double cell, bool round = true) const;
  /// The point of the lattice next to x; x if there is no lattice.
  double on_lattice(double x) const;
  /// What a log density of cells needs to become one of values (or a log mass on the lattice):
  /// log |d cell / d x|, at x; on a lattice for each step.
  double log_slope(double x) const;
  double log_slope_of_bin(std::size_t bin) const;

  friend bool operator==(const ColumnCode&, const ColumnCode&) = default;
};

struct ColumnSchema {
  Field field = {};
  Kind kind = Kind::continuous;
  bool used = true;      ///< false: left out of the model
  std::string why = {};  ///< of kind and likelihood, or of leaving it out; a phrase

  std::int64_t missing = 0;                                           ///< cells
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;  ///< of numbers
  int decimals = -1;                      ///< of fixed decimals, 0 for whole numbers; -1: any
  std::vector<std::string> levels = {};   ///< of text: most frequent first
  std::vector<double> values = {};        ///< of numbers and booleans that have levels: ascending
  std::vector<std::int64_t> counts = {};  ///< of levels

  ComponentChoice likelihood = {};  ///< normal, student, categorical, bins, ...; empty if not used
  ColumnCode code = {};

  /// Of levels or bins; 0 for other codes.
  std::int64_t level_count() const;
};

struct Schema {
  std::vector<ColumnSchema> columns = {};  ///< in the order of the file
  std::int64_t rows = 0;
  std::vector<std::string> missing_words = {};  ///< that mean missing, beside those that always do

  bool empty() const { return columns.empty(); }
  /// The place of a column, or -1.
  int find(std::string_view name) const;
};

/// Columns of one likelihood, which build one part of the decoder together.
struct CellGroup {
  ComponentChoice likelihood;
  std::vector<int> columns;  ///< of the schema, by their places
};

/// True if rows of cells of one are rows of cells of the other: the same columns are modelled, of
/// the same levels and codes.
bool same_cells(const Schema& a, const Schema& b);

/// The groups of the columns that are used, in a fixed order; the cells of a row are those of the
/// first group, then those of the second, and so on. Settings that belong to single columns (the
/// numbers of levels) are joined.
std::vector<CellGroup> cell_groups(const Schema& schema);

/// What a user may say of a schema beforehand.
struct SchemaRequest {
  std::map<std::string, std::string> kinds = {};        ///< column -> name of a kind
  std::map<std::string, std::string> likelihoods = {};  ///< column -> name of a likelihood
  std::set<std::string> drop = {};
  /// Kinds, likelihoods (if not empty) and what is left out, from a file; what is asked for above
  /// goes first. Columns that it does not have are inferred.
  const Schema* given = nullptr;
  std::vector<std::string> missing_words = {};  ///< as the table was read with (TableOptions)
};

/// Levels that the columns of a table may have, each and together.
inline constexpr std::int64_t kMostLevels = 65'536;

/// Infers a schema from the rows of a table, in one pass and bounded memory.
class SchemaBuilder {
 public:
  /// Throws `invalid_argument` if a request names a column that is not there, a kind that does not
  /// exist or that the type cannot have (for text asked to be numbers: when the first such text
  /// comes), or if two columns have one name.
  explicit SchemaBuilder(std::vector<Field> fields, const SchemaRequest& request = {});
  ~SchemaBuilder();
  /// Throws `not_finite` (row and column named) for infinities.
  void add(const TableChunk& chunk);
  /// Throws `invalid_argument` for more categories than the bound, for a request that the values do
  /// not allow, and if no column is left to model.
  Schema finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// As a table for a person: column, kind, range or levels, missing, likelihood, why.
std::string describe(const Schema& schema);

}  // namespace diabolo
