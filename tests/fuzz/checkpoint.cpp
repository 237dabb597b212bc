// Checkpoints: a model file with the state of a training, and what the command began it with.
#include <diabolo/cli/resume.h>
#include <diabolo/train/checkpoint.h>

#include "harness.h"
#include "mutate.h"

namespace {

std::size_t use(const std::string& path) {
  using namespace diabolo;
  const Checkpoint checkpoint = read_checkpoint(path, {});
  const std::string& file = fuzz::scratch_file();
  write_checkpoint(file, checkpoint.model, checkpoint.state, checkpoint.is_finished);
  const Checkpoint again = read_checkpoint(file, {});
  fuzz::expect(again.state.rows == checkpoint.state.rows &&
                   again.state.model.steps == checkpoint.state.model.steps &&
                   again.is_finished == checkpoint.is_finished,
               "a checkpoint that was written comes back");
  const cli::BegunWith begun = cli::from_note(checkpoint.note, path);
  fuzz::expect(cli::from_note(cli::to_note(begun), path).given == begun.given,
               "what a run was begun with comes back");
  cli::absolute_path(begun.data);
  const cli::Values settings = cli::settings_in_force(checkpoint.model, begun.given);
  cli::changed_reading(settings, begun.given);
  cli::says_the_same(settings, begun.given, checkpoint.model);
  return 0;
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
DIABOLO_FUZZ_MUTATOR(diabolo::fuzz::mutate_safetensors)
