// Prints the largest error of every float elementary function against MPFR (120 bits), a Markdown
// table for docs/elementary-functions.md; also SLEEF's deterministic functions where they exist.
//
// usage: bench_math_ulp [stride]. Every stride-th of the 2^32 floats (default 97) and every float
// of 1/2 <= |x| < 4 is first compared with the double function; what looks as bad as anything so
// far goes to MPFR. Every 9973rd float goes there in any case. Where the exact value is below the
// smallest normal number, any result below it passes: flushing is allowed.
#include <diabolo/base/math.h>

#include <mpfr.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#ifdef DIABOLO_HAVE_SLEEF
#include <sleef.h>
#define SLEEF(name) [](float x) -> float { return Sleef_cinz_##name##f1_u10purec(x); }
#else
#define SLEEF(name) nullptr
#endif

namespace math = diabolo::math;

namespace {

using Exact = void (*)(mpfr_t y, const mpfr_t x);
using Scalar = float (*)(float);

struct Function {
  const char* name;
  float low, high;  // the sweep stays in here
  Scalar ours;
  double (*guess)(double);
  Exact exact;
  Scalar sleef;
};

// 1 + e^x, for the logistic family.
void one_plus_exp(mpfr_t y, const mpfr_t x) {
  mpfr_exp(y, x, MPFR_RNDN);
  mpfr_add_ui(y, y, 1, MPFR_RNDN);
}

void exact_softplus(mpfr_t y, const mpfr_t x) {
  mpfr_exp(y, x, MPFR_RNDN);
  mpfr_log1p(y, y, MPFR_RNDN);
}

#define OURS(name) [](float x) { return math::name(x); }, [](double x) { return math::name(x); }
#define EXACT(name) [](mpfr_t y, const mpfr_t x) { mpfr_##name(y, x, MPFR_RNDN); }

constexpr float kInf = __builtin_inff();
constexpr float kBig = 1e8f;  // e^x must not overflow in MPFR
const Function functions[] = {
    {"exp", -kInf, kInf, OURS(exp), EXACT(exp), SLEEF(exp)},
    {"expm1", -kInf, kInf, OURS(expm1), EXACT(expm1), SLEEF(expm1)},
    {"log", 0, kInf, OURS(log), EXACT(log), SLEEF(log)},
    {"log1p", -1, kInf, OURS(log1p), EXACT(log1p), SLEEF(log1p)},
    {"tanh", -kInf, kInf, OURS(tanh), EXACT(tanh), SLEEF(tanh)},
    {"sigmoid", -kBig, kBig, OURS(sigmoid),
     [](mpfr_t y, const mpfr_t x) {
       mpfr_neg(y, x, MPFR_RNDN);
       one_plus_exp(y, y);
       mpfr_ui_div(y, 1, y, MPFR_RNDN);
     },
     nullptr},
    {"softplus", -kBig, kBig, OURS(softplus), exact_softplus, nullptr},
    {"log_sigmoid", -kBig, kBig, OURS(log_sigmoid),
     [](mpfr_t y, const mpfr_t x) {
       mpfr_neg(y, x, MPFR_RNDN);
       exact_softplus(y, y);
       mpfr_neg(y, y, MPFR_RNDN);
     },
     nullptr},
    {"erf", -kInf, kInf, OURS(erf), EXACT(erf), SLEEF(erf)},
    {"normal_cdf, x > -1", -1, kBig, OURS(normal_cdf),
     [](mpfr_t y, const mpfr_t x) {
       mpfr_t root;
       mpfr_init2(root, 120);
       mpfr_sqrt_ui(root, 2, MPFR_RNDN);
       mpfr_div(y, x, root, MPFR_RNDN);
       mpfr_clear(root);
       mpfr_neg(y, y, MPFR_RNDN);
       mpfr_erfc(y, y, MPFR_RNDN);
       mpfr_div_ui(y, y, 2, MPFR_RNDN);
     },
     nullptr},
    {"sin, \\|x\\| <= 1e4", -1e4f, 1e4f, OURS(sin), EXACT(sin), SLEEF(sin)},
    {"sin, \\|x\\| <= 2^28", -0x1p28f, 0x1p28f, OURS(sin), EXACT(sin), SLEEF(sin)},
    {"cos, \\|x\\| <= 1e4", -1e4f, 1e4f, OURS(cos), EXACT(cos), SLEEF(cos)},
    {"cos, \\|x\\| <= 2^28", -0x1p28f, 0x1p28f, OURS(cos), EXACT(cos), SLEEF(cos)},
    {"sin_2pi, 0 <= x < 1", 0, 0.99999994f, OURS(sin_2pi),
     [](mpfr_t y, const mpfr_t x) { mpfr_sinu(y, x, 1, MPFR_RNDN); }, nullptr},
    {"cos_2pi, 0 <= x < 1", 0, 0.99999994f, OURS(cos_2pi),
     [](mpfr_t y, const mpfr_t x) { mpfr_cosu(y, x, 1, MPFR_RNDN); }, nullptr},
    {"lgamma, x > 0", 1e-45f, 1e30f, OURS(lgamma), EXACT(lngamma), SLEEF(lgamma)},
    {"digamma, x > 0", 1e-45f, 1e30f, OURS(digamma), EXACT(digamma), nullptr},
};

// Units in the last place of a float that holds `value`.
double unit(double value) {
  int exponent;
  std::frexp(std::max(std::fabs(value), 0x1p-126), &exponent);
  return std::ldexp(1.0, exponent - 24);
}

struct Difference {
  double ulp = 0, absolute = 0;
};

// `got` against `want` (+ `rest`, what a double could not hold of it).
Difference difference(float got, double want, double rest = 0) {
  const float rounded = static_cast<float>(want);
  if (std::isnan(got) || std::isnan(want)) return {std::isnan(got) == std::isnan(want) ? 0 : kInf};
  if (std::isinf(rounded) || std::isinf(got)) return {rounded == got ? 0 : kInf};
  if (std::fabs(want) < 0x1p-126 && std::fabs(got) <= 0x1p-126f) return {};
  if (want == 0 && std::fabs(got) < 1e-14f) return {};  // lgamma at 1 and 2
  const double absolute = std::fabs((static_cast<double>(got) - want) - rest);
  return {absolute / unit(want), absolute};
}

struct Worst {
  double ulp = 0, absolute = 0;
  float at = 0;
};

Worst sweep(const Function& f, Scalar tested, std::uint64_t stride) {
  mpfr_t x, y;
  mpfr_init2(x, 24);
  mpfr_init2(y, 120);
  Worst worst;
  const auto look = [&](std::uint32_t bits, bool always) {
    const float value = __builtin_bit_cast(float, bits);
    if (!(value >= f.low && value <= f.high)) return;
    const float got = tested(value);
    if (!always && difference(got, f.guess(value)).ulp < worst.ulp - 1e-4) return;
    mpfr_set_flt(x, value, MPFR_RNDN);
    f.exact(y, x);
    const double want = mpfr_get_d(y, MPFR_RNDN);
    mpfr_sub_d(y, y, want, MPFR_RNDN);
    const Difference d = difference(got, want, mpfr_get_d(y, MPFR_RNDN));
    if (d.ulp > worst.ulp) worst = {d.ulp, worst.absolute, value};
    if (std::fabs(want) <= 1) worst.absolute = std::max(worst.absolute, d.absolute);
  };
  for (std::uint64_t bits = 0; bits < 1ull << 32; bits += 9973)
    look(static_cast<std::uint32_t>(bits), true);
  for (std::uint64_t bits = 0; bits < 1ull << 32; bits += stride)
    look(static_cast<std::uint32_t>(bits), false);
  for (std::uint32_t bits = 0x3f000000u; bits < 0x40800000u; ++bits) {
    look(bits, false);
    look(bits | 0x80000000u, false);
  }
  mpfr_clears(x, y, nullptr);
  return worst;
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t stride = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 97;
  if (stride == 0) return 2;
  std::printf(
      "| function | max ulp | at | max absolute error where \\|f\\| <= 1 | SLEEF max ulp |\n");
  std::printf("|---|---|---|---|---|\n");
  for (const Function& f : functions) {
    const Worst ours = sweep(f, f.ours, stride);
    std::printf("| %s | %.3f | %.9g | %.2g |", f.name, ours.ulp, static_cast<double>(ours.at),
                ours.absolute);
    if (f.sleef)
      std::printf(" %.3f |\n", sweep(f, f.sleef, stride).ulp);
    else
      std::printf(" - |\n");
    std::fflush(stdout);
  }
}
