// Tables have columns, cells are row-major: a block of rows is taken column by column, so that the
// lines of its cells stay in the cache while the columns beside it fill them.
#include <diabolo/base/nearest.h>
#include <diabolo/data/bins.h>
#include <diabolo/data/cells.h>
#include <diabolo/data/level_index.h>
#include <diabolo/data/value_text.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::int64_t kBlockRows = 64;
enum class Family { numbers, text, days, times };

Family family_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
    case ColumnType::integer:
    case ColumnType::real:
      return Family::numbers;
    case ColumnType::text:
      return Family::text;
    case ColumnType::date:
    case ColumnType::timestamp:
      return Family::days;
    case ColumnType::time:
      return Family::times;
  }
  return Family::text;
}

void check_type(const ColumnSchema& column, const Field& field) {
  const Field& known = column.field;
  const bool fits = family_of(field.type) == family_of(known.type) ||
                    field.type == ColumnType::text;  // all missing: seen by its cells
  check(fits, ErrorCode::invalid_argument, "cells",
        "expected {} values in column '{}' as in training, got {}; correct the column",
        name(known.type), known.name, name(field.type));
  check(!field.is_opaque, ErrorCode::unsupported, "cells",
        "expected {} values in column '{}' as in training, got {}; take it apart with --query",
        name(known.type), known.name, field.sql_type);
}

void check_finite(double x, std::int64_t row, const std::string& column) {
  check(!std::isinf(x), ErrorCode::not_finite, "cells",
        "expected finite numbers, got infinity in row {} of column '{}'; correct it, or name it as "
        "missing (--missing)",
        row, column);
}

/// The level next to x.
std::size_t nearest_level(const std::vector<double>& values, double x) {
  const auto above =
      static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), x) - values.begin());
  if (above == 0) return 0;
  if (above == values.size()) return values.size() - 1;
  return x - values[above - 1] <= values[above] - x ? above - 1 : above;
}

}  // namespace

/// A column of the model and where it is in the table.
struct CellEncoder::Slot {
  Field field = {};
  Kind kind = Kind::continuous;
  double low = 0, high = 0;
  ColumnCode code = {};
  std::vector<double> values = {};      // of levels
  std::vector<double> log_slopes = {};  // of bins; else one: of a linear code, or of log(x) at 0
  TextIndex texts = {};
  NumberIndex numbers = {};
  int from = -1;           // the column of the table; -1: absent
  bool from_text = false;  // it holds text
};

/// Rows [first, first + rows) of a chunk, one column of cells.
struct CellEncoder::Block {
  std::size_t first, rows;
  float* cells;  // the first row's
  std::size_t stride;
  double* log_slopes;  // of the rows, or null

  float& cell(std::size_t i) const { return cells[i * stride]; }
};

CellEncoder::CellEncoder(const Schema& schema, const std::vector<Field>& fields,
                         bool allow_absent) {
  std::map<std::string_view, int> places;
  std::vector<std::string> others;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    places.emplace(fields[i].name, static_cast<int>(i));
    const int known = schema.find(fields[i].name);
    if (known < 0) notes_.ignored.push_back(fields[i].name);
    // Those that may be meant by another name: a column that the model uses is itself.
    if (known < 0 || !schema.columns[static_cast<std::size_t>(known)].used)
      others.push_back(fields[i].name);
  }
  for (const int c : cell_columns(schema)) {
    const ColumnSchema& column = schema.columns[static_cast<std::size_t>(c)];
    auto slot = std::make_shared<Slot>();
    slot->field = column.field;
    slot->kind = column.kind;
    slot->low = column.low;
    slot->high = column.high;
    slot->code = column.code;
    slot->values = column.values;
    if (column.code.form == ColumnCode::bins)
      for (std::size_t b = 0; b + 1 < column.code.edges.size(); ++b)
        slot->log_slopes.push_back(column.code.log_slope_of_bin(b));
    if (column.code.form == ColumnCode::linear || column.code.form == ColumnCode::log) {
      ColumnCode linear = column.code;
      linear.form = ColumnCode::linear;
      slot->log_slopes = {linear.log_slope(0)};
    }
    for (const std::string& level : column.levels) slot->texts.add(level);
    for (const double value : column.values) slot->numbers.add(value);
    const auto place = places.find(column.field.name);
    if (place != places.end()) {
      slot->from = place->second;
      const Field& field = fields[static_cast<std::size_t>(place->second)];
      slot->from_text = field.type == ColumnType::text;
      check_type(column, field);
    } else {
      const std::string meant = nearest(column.field.name, others);
      check(allow_absent, ErrorCode::invalid_argument, "cells",
            "expected column '{}', which the model knows, got a table without it{}; add it (verbs "
            "that use a model can take it as missing: --allow-missing-columns)",
            column.field.name, meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
      notes_.absent.push_back(column.field.name);
    }
    slots_.push_back(std::move(slot));
  }
}

CellNotes::Note& CellEncoder::note(std::map<std::string, CellNotes::Note>& notes, const Slot& slot,
                                   std::string value, std::int64_t row) {
  CellNotes::Note& note = notes[slot.field.name];
  if (note.count++ == 0 || row < note.first_row) {
    note.first = std::move(value);
    note.first_row = row;
  }
  return note;
}

void CellEncoder::note_unseen(const Slot& slot, std::string value, std::int64_t row) {
  note(notes_.unseen, slot, std::move(value), row).rows.push_back(row);
}

void CellEncoder::take_texts(const Slot& slot, const ColumnValues& values, const Block& block) {
  for (std::size_t i = 0; i < block.rows; ++i) {
    const std::string_view text = values.text[block.first + i];
    const int place = text.data() == nullptr ? -1 : slot.texts.find(text);
    block.cell(i) = place < 0 ? kMissing : static_cast<float>(place);
    if (place < 0 && text.data() != nullptr)
      note_unseen(slot, std::string(text), rows_ + static_cast<std::int64_t>(block.first + i));
  }
}

void CellEncoder::take_levels(const Slot& slot, const ColumnValues& values, const Block& block) {
  const bool names = is_of_names(slot.kind);
  for (std::size_t i = 0; i < block.rows; ++i) {
    const double x = values.numbers[block.first + i];
    const int place = std::isnan(x) ? -1 : slot.numbers.find(x);
    block.cell(i) = place < 0 ? kMissing : static_cast<float>(place);
    if (place >= 0 || std::isnan(x)) continue;
    const std::int64_t row = rows_ + static_cast<std::int64_t>(block.first + i);
    check_finite(x, row, slot.field.name);
    const std::string text = value_text(slot.field.type, x);
    if (names) {
      note_unseen(slot, text, row);
    } else {
      block.cell(i) = static_cast<float>(nearest_level(slot.values, x));
      note(notes_.outside, slot, text, row);
    }
  }
}

void CellEncoder::take_numbers(const Slot& slot, const ColumnValues& values, const Block& block) {
  const double* x = values.numbers.data() + block.first;
  const ColumnCode& code = slot.code;
  bool outside = false;
  switch (code.form) {
    case ColumnCode::linear: {
      const double slope = slot.log_slopes[0];
      for (std::size_t i = 0; i < block.rows; ++i) {
        outside |= x[i] < slot.low || x[i] > slot.high;
        // As ColumnCode::to_cell; NaN stays NaN.
        const double cell = (x[i] - code.shift) / code.scale;
        block.cell(i) = static_cast<float>(cell < -kFarthestCell  ? -kFarthestCell
                                           : cell > kFarthestCell ? kFarthestCell
                                                                  : cell);
      }
      if (block.log_slopes != nullptr)
        for (std::size_t i = 0; i < block.rows; ++i)
          block.log_slopes[i] += std::isnan(x[i]) ? 0.0 : slope;
      break;
    }
    case ColumnCode::bins:
      for (std::size_t i = 0; i < block.rows; ++i) {
        if (std::isnan(x[i])) {
          block.cell(i) = kMissing;
          continue;
        }
        outside |= x[i] < slot.low || x[i] > slot.high;
        const std::size_t b = bin_of(code.edges, x[i]);
        block.cell(i) = static_cast<float>(cell_in_bin(code.edges, b, x[i]));
        if (block.log_slopes != nullptr) block.log_slopes[i] += slot.log_slopes[b];
      }
      break;
    case ColumnCode::log:
      for (std::size_t i = 0; i < block.rows; ++i) {
        const double cell = code.to_cell(x[i]);
        block.cell(i) = static_cast<float>(cell);
        if (std::isnan(cell)) continue;
        outside |= x[i] < slot.low || x[i] > slot.high;
        if (block.log_slopes != nullptr)  // the cell tells the logarithm
          block.log_slopes[i] += slot.log_slopes[0] - (code.shift + cell * code.scale);
      }
      break;
    case ColumnCode::levels:
      break;
  }
  if (!outside) return;
  for (std::size_t i = 0; i < block.rows; ++i) {
    const std::int64_t row = rows_ + static_cast<std::int64_t>(block.first + i);
    check_finite(x[i], row, slot.field.name);
    if (x[i] < slot.low || x[i] > slot.high)
      note(notes_.outside, slot, value_text(slot.field.type, x[i]), row);
  }
}

void CellEncoder::take_block(const Slot& slot, const ColumnValues& values, const Block& block) {
  const bool text = slot.field.type == ColumnType::text;
  if (slot.from_text && !text) {
    for (std::size_t i = 0; i < block.rows; ++i) {
      const std::string_view cell = values.text[block.first + i];
      check(cell.data() == nullptr, ErrorCode::invalid_argument, "cells",
            "expected {} values in column '{}' as in training, got '{}' in row {}; correct it, or "
            "name it as missing (--missing)",
            name(slot.field.type), slot.field.name, cell,
            rows_ + static_cast<std::int64_t>(block.first + i));
      block.cell(i) = kMissing;
    }
  } else if (text) {
    take_texts(slot, values, block);
  } else if (slot.code.form == ColumnCode::levels) {
    take_levels(slot, values, block);
  } else {
    take_numbers(slot, values, block);
  }
}

void CellEncoder::encode(const TableChunk& chunk, std::span<float> cells,
                         std::span<double> log_slopes) {
  const auto rows = static_cast<std::size_t>(chunk.rows);
  const std::size_t width = slots_.size();
  ensure(cells.size() == rows * width, "cells", "a cell for every row and column");
  ensure(log_slopes.empty() || log_slopes.size() == rows, "cells", "a log slope for every row");
  for (const auto& slot : slots_) {
    if (slot->from < 0) continue;
    const auto from = static_cast<std::size_t>(slot->from);
    ensure(from < chunk.columns.size(), "cells", "the columns of the table");
    const ColumnValues& values = chunk.columns[from];
    ensure((slot->from_text ? values.text.size() : values.numbers.size()) >= rows, "cells",
           "a value for every row");
  }
  std::fill(log_slopes.begin(), log_slopes.end(), 0.0);
  for (std::size_t first = 0; first < rows; first += kBlockRows) {
    Block block{.first = first,
                .rows = std::min<std::size_t>(kBlockRows, rows - first),
                .cells = nullptr,
                .stride = width,
                .log_slopes = log_slopes.empty() ? nullptr : log_slopes.data() + first};
    for (std::size_t c = 0; c < width; ++c) {
      block.cells = cells.data() + first * width + c;
      const Slot& slot = *slots_[c];
      if (slot.from >= 0) {
        take_block(slot, chunk.columns[static_cast<std::size_t>(slot.from)], block);
      } else {
        for (std::size_t i = 0; i < block.rows; ++i) block.cell(i) = kMissing;
      }
    }
  }
  rows_ += chunk.rows;
}

std::vector<int> cell_columns(const Schema& schema) {
  std::vector<int> columns;
  for (const CellGroup& group : cell_groups(schema))
    columns.insert(columns.end(), group.columns.begin(), group.columns.end());
  return columns;
}

std::vector<const ColumnCode*> cell_codes(const Schema& schema) {
  std::vector<const ColumnCode*> codes;
  for (const int column : cell_columns(schema))
    codes.push_back(&schema.columns[static_cast<std::size_t>(column)].code);
  return codes;
}

std::vector<std::string> cell_names(const Schema& schema) {
  std::vector<std::string> names;
  for (const int column : cell_columns(schema))
    names.push_back(schema.columns[static_cast<std::size_t>(column)].field.name);
  return names;
}

}  // namespace diabolo
