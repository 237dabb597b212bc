#include <diabolo/base/log.h>
#include <diabolo/base/nearest.h>
#include <diabolo/data/column_rule.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diabolo {
namespace {

// All columns together keep at most so many numbers of samples, and so many distinct texts while it
// is not yet known which columns are identifiers.
constexpr std::size_t kHeld = std::size_t{1} << 24;
constexpr std::size_t kMostSampled = 100'000, kFewestSampled = 2000;
constexpr std::size_t kCountedNumbers = 1024;
constexpr double kExact = 0x1p53;  // above it neighbours among whole numbers are one double
constexpr double kLargest = 1e50;  // fourth powers of numbers must be finite

bool reads_as_number(std::string_view text) {
  double x = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  return error == std::errc() && stop == text.data() + text.size();
}

bool is_of_numbers(Kind kind) {
  return kind == Kind::continuous || kind == Kind::positive || kind == Kind::bounded ||
         kind == Kind::count || kind == Kind::datetime;
}

StatisticsLimits limits_of(const Field& field, const ColumnWish& wish, std::size_t columns) {
  const bool levels = wish.kind == Kind::categorical || wish.likelihood == "categorical";
  const auto most = static_cast<std::size_t>(kMostLevels);
  StatisticsLimits limits;
  limits.sample = std::clamp(kHeld / columns, kFewestSampled, kMostSampled);
  limits.distinct = levels || field.type == ColumnType::text ? most : kCountedNumbers;
  if (!levels)
    limits.distinct = std::min(limits.distinct, std::max(kCountedNumbers, kHeld / columns));
  return limits;
}

}  // namespace

struct SchemaBuilder::Impl {
  struct Column {
    Field field;
    ColumnWish wish;
    const ColumnSchema* dropped = nullptr;  // left out by the file
    bool used = true;
    double largest = 0;  // size of its numbers
    std::unique_ptr<StatisticsCounter> counter = nullptr;
  };
  std::vector<Column> columns;
  std::int64_t rows = 0;
  std::vector<std::string> missing_words;

  Column& find(const std::string& name, std::string_view option) {
    std::vector<std::string> names;
    for (Column& column : columns) {
      if (column.field.name == name) return column;
      names.push_back(column.field.name);
    }
    fail(ErrorCode::invalid_argument, "schema", "expected the name of a column {}, got '{}'{}",
         option, name, suggestion(name, names));
  }

  void take(const SchemaRequest& request) {
    missing_words = request.missing_words;
    if (request.given != nullptr)
      for (const ColumnSchema& given : request.given->columns) {
        Column& column = find(given.field.name, "in the schema that was given");
        column.used = given.used;
        if (!given.used) column.dropped = &given;
        column.wish = {given.kind, given.likelihood.type};
      }
    for (const auto& [name, text] : request.kinds) {
      Column& column = find(name, "to give a kind");
      Kind kind{};
      check(kind_named(text, kind), ErrorCode::invalid_argument, "schema",
            "expected a kind for column '{}', got '{}'{}", name, text,
            suggestion(text, kind_names()));
      column.wish = {kind, {}};  // a likelihood of the file was meant for another kind
      column.used = true;
    }
    for (const auto& [name, likelihood] : request.likelihoods) {
      Column& column = find(name, "to give a likelihood");
      column.wish.likelihood = likelihood;
      column.used = true;
    }
    for (const std::string& name : request.drop) find(name, "to drop").used = false;
  }

  void refuse_number(const TableChunk& chunk) const {
    for (std::int64_t row = 0; row < chunk.rows; ++row)
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].used || columns[i].field.type == ColumnType::text) continue;
        const double x = chunk.columns[i].numbers[static_cast<std::size_t>(row)];
        check(
            !(std::abs(x) > kLargest), ErrorCode::not_finite, "schema",
            "expected numbers of at most {:g} in size, got {:g} in row {} of column '{}'; correct "
            "it, name it as missing (--missing), or --drop the column",
            kLargest, x, rows + row, columns[i].field.name);
      }
  }

  void refuse_text(const Column& column, const ColumnValues& values, std::int64_t count) const {
    for (std::int64_t row = 0; row < count; ++row) {
      const std::string_view text = values.text[static_cast<std::size_t>(row)];
      if (text.data() == nullptr || reads_as_number(text)) continue;
      fail(
          ErrorCode::invalid_argument, "schema",
          "expected numbers in column '{}' for kind {}, got '{}' in row {}; correct it, name it as "
          "missing (--missing), or choose kind categorical",
          column.field.name, name(*column.wish.kind), text, rows + row);
    }
  }
};

SchemaBuilder::SchemaBuilder(std::vector<Field> fields, const SchemaRequest& request)
    : impl_(std::make_unique<Impl>()) {
  for (Field& field : fields) impl_->columns.push_back({.field = std::move(field), .wish = {}});
  std::set<std::string_view> names;
  for (const Impl::Column& column : impl_->columns)
    check(names.insert(column.field.name).second, ErrorCode::invalid_argument, "schema",
          "expected columns of different names, got two named '{}'; rename one", column.field.name);
  impl_->take(request);
  for (Impl::Column& column : impl_->columns) {
    if (!column.used) continue;
    check(!column.field.is_opaque, ErrorCode::unsupported, "schema",
          "expected columns of numbers, text, dates or times, got '{}' of type {}; leave it out "
          "(--drop), or take it apart with --query",
          column.field.name, column.field.sql_type);
    const bool text = column.field.type == ColumnType::text;
    if (!(text && column.wish.kind && is_of_numbers(*column.wish.kind)))  // else see add
      check_wish(column.field, column.wish);
    column.counter = std::make_unique<StatisticsCounter>(
        column.field, limits_of(column.field, column.wish, impl_->columns.size()));
  }
}

SchemaBuilder::~SchemaBuilder() = default;

void SchemaBuilder::add(const TableChunk& chunk) {
  ensure(chunk.columns.size() == impl_->columns.size(), "schema", "a chunk of the table's columns");
  const auto count = static_cast<std::size_t>(chunk.rows);
  for (std::size_t i = 0; i < impl_->columns.size(); ++i) {
    Impl::Column& column = impl_->columns[i];
    if (!column.used) continue;
    const ColumnValues& values = chunk.columns[i];
    if (column.field.type == ColumnType::text) {
      if (column.wish.kind && is_of_numbers(*column.wish.kind))
        impl_->refuse_text(column, values, chunk.rows);
    } else {
      ensure(values.numbers.size() >= count, "schema", "a number for every row");
      double largest = 0;
      for (std::size_t row = 0; row < count; ++row) {
        const double size = std::abs(values.numbers[row]);
        largest = size > largest ? size : largest;
      }
      if (largest > kLargest) impl_->refuse_number(chunk);
      column.largest = std::max(column.largest, largest);
    }
  }
  for (std::size_t i = 0; i < impl_->columns.size(); ++i)
    if (impl_->columns[i].used) impl_->columns[i].counter->add(chunk.columns[i], chunk.rows);
  impl_->rows += chunk.rows;
}

Schema SchemaBuilder::finish() {
  Schema schema{.rows = impl_->rows, .missing_words = impl_->missing_words};
  std::int64_t levels = 0;
  const ColumnSchema* largest = nullptr;
  schema.columns.reserve(impl_->columns.size());
  const std::int64_t most = most_levels_of_numbers(std::max<std::size_t>(1, impl_->columns.size()));
  for (Impl::Column& column : impl_->columns) {
    if (!column.used) {
      ColumnSchema out{.field = column.field, .used = false, .why = "as asked"};
      if (column.dropped != nullptr) out.kind = column.dropped->kind;
      schema.columns.push_back(std::move(out));
      continue;
    }
    if (column.field.type == ColumnType::text) check_wish(column.field, column.wish);
    schema.columns.push_back(model_column(column.counter->finish(), column.wish, most));
    column.counter.reset();
    const ColumnSchema& made = schema.columns.back();
    if (made.used && made.field.type == ColumnType::integer && column.largest > kExact)
      log(LogLevel::warning,
          fmt::format("column '{0}' has whole numbers beyond 2^53, where neighbours count as one; "
                      "if they are names, give --kind {0}=categorical or --drop {0}",
                      made.field.name));
    const bool names = made.field.type == ColumnType::text || made.kind == Kind::categorical;
    if (!made.used || !names) continue;  // the rule itself bounds the levels of numbers
    levels += made.level_count();
    if (largest == nullptr || made.level_count() > largest->level_count()) largest = &made;
  }
  check(levels <= kMostLevels, ErrorCode::invalid_argument, "schema",
        "expected at most {} categories in all columns together, got {}, most of them ({}) in "
        "column '{}'; --drop it",
        kMostLevels, levels, largest == nullptr ? 0 : largest->level_count(),
        largest == nullptr ? "" : largest->field.name);
  const bool any = std::any_of(schema.columns.begin(), schema.columns.end(),
                               [](const ColumnSchema& column) { return column.used; });
  if (!any) {
    std::string first;
    if (!schema.columns.empty())
      first = fmt::format(" ('{}': {})", schema.columns[0].field.name, schema.columns[0].why);
    fail(ErrorCode::invalid_argument, "schema",
         "expected a column to model, got {} that are left out{}; choose a kind by --kind, or drop "
         "fewer",
         schema.columns.size(), first);
  }
  return schema;
}

}  // namespace diabolo
