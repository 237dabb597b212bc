// Where rows come from: arrays, pictures or tables, and what a user may say of reading them.
#pragma once

#include <diabolo/cli/verbs.h>
#include <diabolo/data/read_table.h>
#include <diabolo/models/model_data.h>

#include <memory>

namespace diabolo::cli {

class Input {
 public:
  /// Adds the argument DATA and the options of reading it; with `for_model` also what to do with
  /// columns that the model needs and the table lacks.
  void add_to(Options& options, bool for_model, const std::string& name = "DATA",
              const std::string& help = std::string(kDataHelp), bool is_optional = false);

  /// For fit and info: rows to learn from. A table is given `request`.
  Dataset read(const SchemaRequest& request) const;
  /// For a trained model: opens a table, if it is one, so that its columns are known before its
  /// rows are read.
  void open(const ModelData& model);
  /// For a trained model: a table by the model's schema. Warns of what the model does not know.
  Dataset read(const ModelData& model);
  /// A table by a schema; an array if there is none.
  Dataset read(std::shared_ptr<const Schema> schema);
  /// Another file, read in the same way.
  Input like(const std::string& path) const;
  /// A column of a table as it stands in the file, also one that no model uses; empty: missing.
  /// Nothing if the table has none of this name.
  std::optional<std::vector<std::string>> texts(const std::string& column) const;
  /// The schema of a table, without its rows.
  Schema schema(const SchemaRequest& request) const;

  /// Reads as a run did that was begun with these settings, where nothing else is said.
  void take_reading(const Values& given);
  /// These columns of the model need not be there.
  void allow_absent(std::vector<std::string> columns) { may_lack_ = std::move(columns); }
  bool is_table() const;
  /// For an array: throws `invalid_argument` if something was said that has a meaning for tables
  /// alone.
  void refuse_words_for_tables(const SchemaRequest& request) const;
  void set_path(std::string path) { path_ = std::move(path); }
  const std::string& path() const { return path_; }
  /// True if NaN in an array is a missing value (--missing nan).
  bool nan_is_missing() const;
  /// What the model did not know in the table that was last read for it.
  const CellNotes& notes() const { return notes_; }
  /// The table that was opened or last read for a model, at its start; null for arrays.
  TableReader* table() const { return reader_.get(); }

 private:
  void open(const Schema& schema);
  Dataset read_array(bool may_lack) const;
  /// For fit and info: how to read a table, and what to make of it.
  std::pair<TableOptions, SchemaRequest> plan(SchemaRequest request) const;
  TableOptions table_options() const;

  std::string path_, query_;
  std::map<std::string, std::string> csv_;
  std::vector<std::string> missing_, may_lack_;
  bool allow_absent_ = false;
  std::unique_ptr<TableReader> reader_;
  CellNotes notes_;
};

/// Setter of an option that may be given more than once: texts, one for each time.
Setter into_list(std::vector<std::string>& to);
/// The same for NAME=VALUE. Where names of columns come first, which may have a '=', the last one
/// parts them, else the first.
Setter into_pairs(std::map<std::string, std::string>& to, bool last = true);

}  // namespace diabolo::cli
