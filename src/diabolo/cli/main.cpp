// The command: finds the verb, runs it, and turns what it throws into one line and an exit code.
//   0 done; 1 failed; 2 wrong usage; 130, 143, 129 stopped by SIGINT, SIGTERM, SIGHUP after saving
//   (fit)
#include <diabolo/base/log.h>
#include <diabolo/base/nearest.h>
#include <diabolo/base/removed_on_signal.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/standard_output.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

namespace diabolo::cli {
namespace {

std::string overview() {
  std::string text = "diabolo " DIABOLO_VERSION
                     ": learns the distribution of data with a variational autoencoder\n\n"
                     "usage: diabolo VERB ...\n\n";
  for (const Verb& verb : verbs()) text += fmt::format("  {:<13}{}\n", verb.name, verb.purpose);
  return text +
         "\n'diabolo VERB --help' explains a verb. To begin with:\n\n"
         "  diabolo fit train.npy -o runs/first       # learn\n"
         "  diabolo evaluate runs/first test.npy      # how good is it?\n"
         "  diabolo sample runs/first -n 10           # new rows\n";
}

int dispatch(Arguments arguments) {
  if (arguments.empty()) throw UsageError("expected a verb, got none; 'diabolo --help' lists them");
  const std::string& name = arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    print(overview());
    return 0;
  }
  if (name == "--version") {
    print("diabolo " DIABOLO_VERSION "\n");
    return 0;
  }
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (verb.name == name) return verb.run(arguments.subspan(1));
    names.emplace_back(verb.name);
  }
  const std::string best = nearest(name, names);
  throw UsageError(fmt::format("expected a verb, got '{}'; {}he verbs are {}", name,
                               best.empty() ? "t" : fmt::format("did you mean '{}'? T", best),
                               fmt::join(names, ", ")));
}

constexpr int kFailure = 1, kWrongUsage = 2;
constexpr const char* kNoMemory =
    "expected enough memory, got no more; use fewer rows or a smaller model";

int run(int argc, char** argv) {
  try {
    return dispatch(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const UsageError& error) {
    say_error(error.what());
    return kWrongUsage;
  } catch (const OutputClosed&) {
    return kFailure;  // whoever has gone need not be told
  } catch (const Error& error) {
    say_error(error.message());
  } catch (const std::bad_alloc&) {
    say_error(kNoMemory);
  } catch (const std::exception& error) {
    say_error(fmt::format("expected no other error, got '{}'; please report it", error.what()));
  }
  return kFailure;
}

/// JSON's destructor and the standard library's listing of a folder allocate where nothing may be
/// thrown: if there is no memory for them either, that is no bug that needs a core dump.
[[noreturn]] void end_without_memory() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "diabolo: %s\n", kNoMemory);
    std::_Exit(kFailure);
  } catch (...) {
    std::abort();
  }
  std::abort();
}

/// A closed stdin, stdout or stderr would let the next file that is opened take its place: what is
/// printed would go into it. Writing to these fails instead.
void hold_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream)
    if (::fcntl(stream, F_GETFD) == -1 && ::open("/dev/null", O_RDONLY) < 0) return;
}

}  // namespace
}  // namespace diabolo::cli

int main(int argc, char** argv) {
  using namespace diabolo;
  cli::hold_standard_streams();
  std::set_terminate(cli::end_without_memory);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error of write()
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file that may not grow further
  remove_on_signals();
  set_log_callback([](LogLevel level, std::string_view message) {
    level == LogLevel::warning ? cli::warn(message) : cli::say(message);
  });
  return cli::run(argc, argv);
}
