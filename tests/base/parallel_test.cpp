#include <diabolo/base/error.h>
#include <diabolo/base/parallel.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace diabolo {
namespace {

TEST(ThreadPool, calls_every_index_once) {
  ThreadPool pool(4);
  for (int round = 0; round < 3000; ++round) {
    const int count = round % 17;
    std::vector<int> calls(static_cast<std::size_t>(count), 0);
    pool.run(count, [&](int i) { ++calls[static_cast<std::size_t>(i)]; });
    for (const int n : calls) ASSERT_EQ(n, 1);
  }
}

TEST(ThreadPool, wakes_workers_that_sleep) {
  ThreadPool pool(3);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    std::atomic<int> calls{0};
    pool.run(50, [&](int) { ++calls; });
    EXPECT_EQ(calls.load(), 50);
  }
}

TEST(ThreadPool, a_call_inside_a_call_runs_in_place) {
  ThreadPool pool(2);
  std::atomic<int> calls{0};
  pool.run(4, [&](int) { pool.run(3, [&](int) { ++calls; }); });
  EXPECT_EQ(calls.load(), 12);
}

TEST(ThreadPool, takes_calls_from_several_threads) {
  ThreadPool pool(2);
  std::atomic<int> calls{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) pool.run(5, [&](int) { ++calls; });
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(calls.load(), 4 * 200 * 5);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(ThreadPool, threads_that_cannot_start_are_an_error) {
  const pid_t child = ::fork();
  if (child == 0) {  // little memory for stacks, in a process of its own
    const rlimit little{1ul << 30, 1ul << 30};
    ::setrlimit(RLIMIT_AS, &little);
    try {
      ThreadPool pool(4000);
    } catch (const Error& error) {
      ::_exit(error.code() == ErrorCode::out_of_memory ? 0 : 1);
    }
    ::_exit(2);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}
#endif

TEST(ThreadPool, one_core_at_least) { EXPECT_GE(available_cores(), 1); }

}  // namespace
}  // namespace diabolo
