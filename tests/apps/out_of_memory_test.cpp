// Memory runs out at the n-th allocation of everything that a user may call, for each n where that
// is an array and for many where it is anything: the call ends with an error that says so, nothing
// leaks, files stay as they were, and the next call works and gives the same numbers.
//
// JSON's destructor (nlohmann's) and the standard library's listing of a folder allocate where
// nothing may be thrown, which ends the process. What uses them meets larger allocations that fail
// only: theirs are small.
#include <support/allocations.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>

#include "apps/small.h"
#include "gtest/gtest.h"

namespace diabolo {
namespace {

using testing::Failing;
using testing::FailingAllocations;

/// A result, as bytes that can be compared; it is the caller's own and outlives the failures.
using Bytes = std::string;
using Call = std::function<Bytes()>;

Bytes bytes_of(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.data()), tensor.bytes()};
}

Bytes bytes_of(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

Bytes file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// What `call` ends with when the allocation after `good` others fails; true if none did.
bool succeeds(const Call& call, Failing which, long good, bool for_good, const Bytes& expected) {
  bool happened = false, done = false;
  std::exception_ptr thrown;
  Bytes result;
  {
    const FailingAllocations failing(which, good, for_good);
    try {
      result = call();
      done = true;
    } catch (...) {
      thrown = std::current_exception();
    }
    happened = failing.happened();
  }
  EXPECT_TRUE(done || happened) << "an error without a failure";
  if (done) {
    EXPECT_TRUE(result == expected) << "another result for a failure that was survived";
  }
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::out_of_memory) << error.what();
    EXPECT_EQ(error.message().find('\n'), std::string::npos) << error.what();
  } catch (const std::bad_alloc&) {
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
  return done && !happened;
}

/// Runs `call` with one failure after another until there is none left. `after` is looked at after
/// each.
void survives(
    const char* what, const Call& call, const std::function<void()>& after = [] {},
    Failing most = Failing::any) {
  SCOPED_TRACE(what);
  const Bytes expected = call();
  ASSERT_TRUE(call() == expected);  // and what is made once is there now
  const long before = testing::living_allocations();
  ASSERT_TRUE(call() == expected);
  ASSERT_EQ(testing::living_allocations(), before) << "it keeps something without any failure";
  long failures = 0;
  for (const Failing which : {Failing::arrays, most})
    for (const bool for_good : {false, true}) {
      constexpr long kEach = 100;
      long good = 0, tried = 0;
      while (!succeeds(call, which, good, for_good, expected)) {
        ASSERT_FALSE(::testing::Test::HasFailure()) << "after " << good << " allocations";
        ASSERT_EQ(testing::living_allocations(), before) << "a leak after " << good;
        after();
        ++tried;
        const bool each = which == Failing::arrays || good < kEach;
        good += each ? 1 : good / (for_good ? 4 : 16);
      }
      failures += tried;
      ASSERT_TRUE(call() == expected);
    }
  EXPECT_GT(failures, 0) << "nothing was allocated";
}

FitOptions tiny(int threads) {
  return {.latent = 2, .hidden = {4}, .epochs = 2, .batch_size = 32, .threads = threads};
}

class OutOfMemory : public ::testing::TestWithParam<int> {
 protected:
  testing::Folder folder{"memory"};
  Dataset data = testing::curve(40);
};

TEST_P(OutOfMemory, of_a_fit) {
  survives("fit", [&] { return bytes_of(fit(data, tiny(GetParam())).data().values); });
}

TEST_P(OutOfMemory, of_a_fit_that_keeps_checkpoints) {
  const std::string kept = folder / "checkpoint.safetensors";
  const auto save = [&](const ModelData& model, const TrainingState& state) {
    write_checkpoint(kept, model, state, false);
  };
  const FitExtras extras{.hooks = {.save = save}};
  survives(
      "fit", [&] { return bytes_of(fit(data, tiny(GetParam()), extras).data().values); },
      [&] {  // one of an earlier moment is a whole one, too
        read_checkpoint(kept, {});
        ASSERT_EQ(names_in(folder / ""), std::vector<std::string>{"checkpoint.safetensors"});
      },
      Failing::large);
}

TEST_P(OutOfMemory, of_a_model_in_a_file) {
  const Model model = fit(data, tiny(GetParam()));
  const std::string path = folder / "model.safetensors";
  model.save(path);
  const Bytes whole = file_bytes(path);
  const auto nothing = [] {};
  survives("load", [&] { return bytes_of(load(path).data().values); }, nothing, Failing::large);
  survives(
      "save",
      [&] {
        model.save(path);
        return Bytes();
      },
      [&] {
        ASSERT_TRUE(file_bytes(path) == whole);
        ASSERT_EQ(names_in(folder / ""), std::vector<std::string>{"model.safetensors"});
      },
      Failing::large);
  survives(
      "load and score", [&] { return bytes_of(load(path).score(data, 4)); }, nothing,
      Failing::large);
}

/// A use of a model is told by its bytes, which do not depend on what failed before.
void use_survives(const char* what, int threads, const std::function<Bytes(const Model&)>& use) {
  SCOPED_TRACE(what);
  const Dataset data = testing::curve(40);
  // A model that has no programs yet, of copies of the arrays; made where nothing fails.
  const Model trained = fit(data, tiny(threads));
  const testing::Folder folder("use");
  trained.save(folder / "m");
  const auto fresh = [&] {
    Model model = load(folder / "m");
    model.set_threads(threads);
    return model;
  };
  const Bytes expected = use(fresh());
  for (const bool for_good : {false, true}) {
    long tried = 0;
    for (long good = 0;; good += good < 100 ? 1 : good / 16) {
      const long before = testing::living_allocations();
      {
        const Model model = fresh();
        const bool done =
            succeeds([&] { return use(model); }, Failing::any, good, for_good, expected);
        ASSERT_TRUE(use(model) == expected) << "after a failure of " << good;
        if (done) break;
      }
      ++tried;
      ASSERT_EQ(testing::living_allocations(), before) << "a leak after " << good;
      ASSERT_FALSE(::testing::Test::HasFailure()) << "after " << good << " allocations";
    }
    EXPECT_GT(tried, 50);
  }
}

TEST_P(OutOfMemory, of_a_model_in_use) {
  use_survives("score", GetParam(), [&](const Model& m) { return bytes_of(m.score(data, 4)); });
  use_survives("sample", GetParam(), [&](const Model& m) { return bytes_of(m.sample(20).values); });
  use_survives("encode", GetParam(), [&](const Model& m) { return bytes_of(m.encode(data)); });
  use_survives("evaluate", GetParam(), [&](const Model& m) {
    return bytes_of(std::vector<double>{m.evaluate(data, {.samples = 4}).log_px});
  });
}

INSTANTIATE_TEST_SUITE_P(threads, OutOfMemory, ::testing::Values(1, 3));

TEST(OutOfMemoryOf, reading_and_writing_files) {
  const testing::Folder folder("files");
  const Dataset data = testing::curve(50), pictures = testing::bars(30);
  write(data, folder / "x.npy");
  write(pictures, folder / "x.png");
  write(pictures, folder / "pictures/");
  for (const char* name : {"x.npy", "x.png"})
    survives(name, [&] { return bytes_of(read(folder / name).values); });
  survives(
      "pictures", [&] { return bytes_of(read(folder / "pictures").values); }, [] {},
      Failing::arrays);
  const std::string npz = std::string(DIABOLO_TEST_DATA) + "/../data_files/one.npz";
  survives("npz", [&] { return bytes_of(read_array(npz)); });
  const std::vector<std::string> names = names_in(folder / "");
  for (const char* name : {"y.npy", "y.csv", "y.png", "y/"})
    survives(
        name,
        [&] {
          std::filesystem::remove_all(folder / name);
          write(pictures, folder / name);
          std::filesystem::remove_all(folder / name);
          return Bytes();
        },
        [&] { ASSERT_EQ(names_in(folder / ""), names); }, Failing::large);
}

}  // namespace
}  // namespace diabolo
