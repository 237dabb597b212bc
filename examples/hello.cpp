#include <diabolo/diabolo.h>

int main(int argc, char** argv) {
  auto train = diabolo::read(argc > 1 ? argv[1] : "train-images-idx3-ubyte.gz");
  auto model = diabolo::fit(
      train, {.model = "vae", .latent = 20, .hidden = {400}, .binarize = "dynamic", .epochs = 10});
  diabolo::write(model.sample(64), "samples.png");
  model.save("model.safetensors");
}
