// A schema as JSON: in the model file, in the run folder (schema.json), and edited by hand
// (`--schema`). Files are checked before they are believed: an unknown key, a wrong type or a value
// that cannot be gives one line that names the column and the key. Numbers come back bit for bit.
#pragma once

#include <diabolo/data/schema.h>

namespace diabolo {

/// `pretty`: a line for each key, for people; else one line.
std::string schema_to_json(const Schema& schema, bool pretty = true);

/// A whole schema, as schema_to_json wrote it. Throws `corrupt_file` for anything else; `where`
/// names the file.
Schema schema_from_json(std::string_view json, std::string_view where);

/// A schema to infer by (`SchemaRequest::given`): of a column only the name and the kind must be
/// there, and `likelihood` (also as its name alone) and `used` count; the rest may be there and is
/// passed over, but must be of the right type. Throws `invalid_argument`.
Schema schema_request_from_json(std::string_view json, std::string_view where);

/// Throws `io`; the file appears whole or not at all.
void write_schema(const std::string& path, const Schema& schema);
/// A file for schema_request_from_json. Throws `io` too.
Schema read_schema_request(const std::string& path);

}  // namespace diabolo
