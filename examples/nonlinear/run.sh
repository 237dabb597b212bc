#!/usr/bin/env bash
# The same as nonlinear.cpp by the command alone: an article's job, and its title come true.
#
#   run.sh [DIABOLO] [FOLDER]
#
# FOLDER (default: a temporary one, removed at the end) keeps what was made. The script checks its numbers and fails
# if they are off; it needs tables (DuckDB) and ends with 77 without them. Points it leaves to others to draw:
# generated.csv and map.csv are what the C++ program's pictures show.
set -euo pipefail

diabolo=$(command -v "${1:-diabolo}") folder=${2:-}
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
diabolo=$(realpath "$diabolo")
mkdir -p "$folder"
cd "$folder"

# rows COUNT SEED NOISE OUTPUTS SHIFT: x0, x1 normal and OUTPUTS columns of (x0^2 + x1^2)/2 + NOISE
# times a normal number, + or - SHIFT.
rows() {
  awk -v n="$1" -v seed="$2" -v noise="$3" -v outputs="$4" -v shift="${5:-0}" '
    function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
    BEGIN {
      srand(seed)
      printf "x0,x1"
      for (j = 0; j < outputs; ++j) printf outputs == 1 ? ",y" : ",y" j
      print ""
      for (i = 0; i < n; ++i) {
        x0 = normal(); x1 = normal()
        printf "%.9g,%.9g", x0, x1
        for (j = 0; j < outputs; ++j)
          printf ",%.9g", (x0 * x0 + x1 * x1) / 2 + noise * normal() + (rand() < 0.5 ? -shift : shift)
        print ""
      }
    }'
}

# expect WHAT VALUE LOW HIGH: prints it; fails unless it is between them.
expect() {
  awk -v what="$1" -v x="$2" -v low="$3" -v high="$4" 'BEGIN {
    printf "%-52s %8.4f  (%g to %g)\n", what, x, low, high
    exit !(x >= low && x <= high)
  }' || { echo "run.sh: $1 is off" >&2; exit 1; }
}

# mean and deviation of a column of numbers without a header, one of them by its place.
statistic() {
  awk -v which="$1" '{ s += $1; q += $1 * $1 }
    END { print which == "mean" ? s / NR : which == "rms" ? sqrt(q / NR) : sqrt(q / NR - (s / NR)^2) }'
}
rest() { awk -F, 'NR > 1 { for (j = 3; j <= NF; ++j) print $j - ($1 * $1 + $2 * $2) / 2 }' "$1"; }

rows 10 1 1 1 >probe.csv
if ! "$diabolo" info probe.csv >/dev/null 2>probe.txt; then
  cat probe.txt >&2
  exit 77
fi

echo "(a) the job as printed: 1000 points of the plane, 100 steps on all of them"
rows 1000 2 1 0 >points.csv
"$diabolo" fit points.csv -o points --overwrite --quiet --hidden 100 --latent 2 \
  --batch-size 1000 --epochs 100 --valid 0 --beta-warmup 0 --prior standard \
  --optimizer adam --learning-rate 0.001 --schedule constant --likelihood x0=normal --likelihood x1=normal
"$diabolo" encode points points.csv --draws 1 -o codes.npy --quiet
"$diabolo" decode points codes.npy -o generated.csv --quiet
expect "spread of the generated points" "$(awk -F, 'NR > 1 { print $1; print $2 }' generated.csv | statistic sd)" 0.3 1.1

echo "(b) with y in R^2 as its code means it: (x0^2 + x1^2)/2 + unit noise in each"
rows 1000 3 1 2 >article.csv
"$diabolo" fit article.csv -o article --overwrite --quiet --hidden 100 --latent 2 --batch-size 1000 \
  --epochs 1000 --valid 0
"$diabolo" sample article -n 1000 -o article-made.csv --quiet
expect "mean of y beyond the relation" "$(rest article-made.csv | statistic mean)" -0.25 0.25
expect "its deviation (1 is perfect)" "$(rest article-made.csv | statistic sd)" 0.8 1.3

echo "(c) solved: 10,000 rows, noise 0.1"
rows 10000 4 0.1 1 >rows.csv
rows 2000 5 0.1 1 >new.csv
rows 2000 6 0.1 1 0.5 >violated.csv
"$diabolo" fit rows.csv -o solved --overwrite --quiet

"$diabolo" predict solved new.csv --target y --keep y -o predicted.csv --quiet
expect "error of the predicted y, in noise sd" \
  "$(awk -F, 'NR > 1 { print ($1 - $2) / 0.1 }' predicted.csv | statistic rms)" 0.9 1.15

"$diabolo" sample solved -n 10000 -o made.csv --quiet
expect "mean of generated y beyond the relation" "$(rest made.csv | statistic mean)" -0.02 0.02
expect "its deviation (0.1 is perfect)" "$(rest made.csv | statistic sd)" 0.08 0.12

# Every pair of a row that keeps the relation and one that does not: how often the second scores higher.
"$diabolo" score solved new.csv -o kept-scores.csv --quiet
"$diabolo" score solved violated.csv -o violated-scores.csv --quiet
auroc=$({ tail -n +2 kept-scores.csv | awk -F, '{ print $2, 0 }'
          tail -n +2 violated-scores.csv | awk -F, '{ print $2, 1 }'; } | sort -g |
        awk '$2 { ++bad; below += good } !$2 { ++good } END { print below / (good * bad) }')
expect "rows off by five noise sd are found: AUROC" "$auroc" 0.98 1

"$diabolo" encode solved new.csv -o map.csv --quiet
expect "rows on the map" "$(tail -n +2 map.csv | awk -F, 'NF == 2' | wc -l)" 2000 2000
