#!/usr/bin/env bash
# Makes a table to try things on (docs/tables.md): customers of a shop, with mixed columns and holes.
#
#   customers.sh [ROWS] [SEED] > customers.csv
#
# Older customers earn more, who earns more takes the better plan, who comes rarely leaves.
set -euo pipefail
LC_ALL=C awk -v n="${1:-5000}" -v seed="${2:-1}" '
  function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
  function hole(share, value) { return rand() < share ? "" : value }
  BEGIN {
    srand(seed)
    split("Berlin Hamburg Bremen Leipzig Kassel", city)
    print "id,joined,city,age,income,plan,visits,churned"
    for (i = 0; i < n; ++i) {
      age = int(18 + 60 * rand() * rand() + 8 * rand())
      income = exp(7.3 + 0.012 * age + 0.3 * normal())
      plan = income + 400 * normal() > 3600 ? "pro" : income + 400 * normal() > 2300 ? "plus" : "basic"
      visits = int(-log(1 - rand()) * (plan == "pro" ? 12 : plan == "plus" ? 7 : 3))
      printf "c%05d,20%02d-%02d-%02d,%s,%s,%s,%s,%d,%s\n", i + 1, 15 + 10 * rand(),
             1 + int(12 * rand()), 1 + int(28 * rand()), city[1 + int(5 * rand() * rand())],
             hole(0.03, age), hole(0.1, sprintf("%.2f", income)), hole(0.02, plan), visits,
             rand() < 0.7 / (1 + visits) ? "yes" : "no"
    }
  }'
