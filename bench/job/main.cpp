// An article's whole job: learn 1000 points of a plane, draw a code of each from its posterior,
// decode it.
//
//   bench_job DATA.npy OUT.npy THREADS
//
// Net 2-100-2 with relu, normal likelihood, 100 steps of Adam on all rows. The peers of
// bench/peers/job.py do the same; bench/parts/job.py measures the processes from start to end.
#include <diabolo/diabolo.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench_job DATA.npy OUT.npy THREADS\n");
    return 2;
  }
  try {
    const diabolo::Dataset data = diabolo::read(argv[1]);
    diabolo::Model model = diabolo::fit(data, {.latent = 2,
                                               .hidden = {100},
                                               .scale = "none",
                                               .beta_warmup = 0,
                                               .epochs = 100,
                                               .valid = 0,
                                               .batch_size = 1000,
                                               .threads = std::atoi(argv[3])});
    const diabolo::Tensor codes = model.encode_draws(data, 1).reshaped({data.size(), 2});
    diabolo::write(model.decode(codes), argv[2]);
    std::printf("{\"loss\": %.6f}\n", model.data().history.back().loss);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_job: %s\n", error.what());
    return 1;
  }
}
