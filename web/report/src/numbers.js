// Packed arrays to numbers, and numbers to words.
const types = { f32: Float32Array, f64: Float64Array, u8: Uint8Array, u16: Uint16Array, u32: Uint32Array };

export function unpack(packed) {
  for (const [name, Type] of Object.entries(types)) {
    if (!(name in packed)) continue;
    const text = atob(packed[name]);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
    const values = new Type(bytes.buffer);
    if (packed.low === undefined) return values;
    return Float32Array.from(values, (x) => packed.low + (x / 65535) * (packed.high - packed.low));
  }
  return [];
}

export const known = (x) => x !== null && x !== undefined && !Number.isNaN(x);

export function number(x, digits = 5) {
  if (!known(x)) return "–";
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e15) return x.toLocaleString("en");
  if (size >= 1e7 || size < 1e-4) return x.toExponential(digits - 1).replace("e+", "e");
  return Number(x.toPrecision(digits)).toLocaleString("en", { maximumFractionDigits: 8 });
}

/// A text for a canvas: ECharts keeps widths of texts by their names in plain objects, where one like
/// "constructor" is there already, and "__proto__" is no name.
export const drawable = (text) => (text in {} ? `${text}\u200b` : text);

/// Which rows of how many, in words.
export function drawn(count, total) {
  if (count < total) return `${number(count)} of ${number(total)} rows, drawn at random`;
  return total === 1 ? "one row" : `all ${number(total)} rows`;
}

export const percent = (x) => `${number(100 * x, 3)} %`;

export function time(seconds) {
  if (!known(seconds)) return "–";
  if (seconds < 60) return `${number(seconds, 3)} s`;
  const s = Math.round(seconds);
  const two = (n) => String(n).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)} min ${two(s % 60)} s` : `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} min`;
}

/// A value of a column in words, by its kind.
export function valueText(column, value, digits = 6) {
  if (!known(value)) return "missing";
  if (column.kind === "levels") return column.levels[value] ?? "missing";
  if (column.kind === "boolean") return value ? "true" : "false";
  const moment = () => new Date(value * 1000).toISOString();
  if (column.kind === "date") return moment().slice(0, 10);
  if (column.kind === "timestamp") return moment().slice(0, 19).replace("T", " ");
  if (column.kind === "time") return moment().slice(11, 19);
  return number(value, digits);
}
