"""Rounds in which contestants take turns, so that a change of clock or a busy neighbour hits all of them."""
import dataclasses
import statistics

from harness import failures
from harness.failures import Failed


@dataclasses.dataclass
class Result:
    """Milliseconds of each round, or why there are none."""

    rounds: list = dataclasses.field(default_factory=list)
    failed: str = ""

    def fail(self, contestant, why):
        self.failed = why
        failures.note(contestant.name, why, contestant.ours)

    @property
    def median(self):
        return statistics.median(self.rounds) if self.rounds and not self.failed else None

    def as_json(self):
        if self.failed:
            return {"failed": self.failed}
        return {"median": self.median, "low": min(self.rounds), "high": max(self.rounds), "rounds": self.rounds}


def alternate(contestants, rounds, seconds):
    """{name: Result}. A contestant that fails says so in one line, and the others go on."""
    results = {one.name: Result() for one in contestants}

    def attempt(one, action):
        if not results[one.name].failed:
            try:
                return action()
            except (Failed, OSError, ValueError) as error:
                results[one.name].fail(one, str(error) or type(error).__name__)
        return None

    try:
        for one in contestants:
            attempt(one, one.begin)
        for one in contestants:
            attempt(one, one.start)
        for _ in range(rounds):
            for one in contestants:
                milliseconds = attempt(one, lambda: one.turn(seconds))
                if milliseconds is not None:
                    results[one.name].rounds.append(milliseconds)
    finally:
        for one in contestants:
            one.stop()
    return results


def better(results_by_threads, name):
    """The smaller median of the thread counts, and that count; (None, None) if there is none."""
    found = [(r[name].median, t) for t, r in results_by_threads.items() if name in r and r[name].median is not None]
    return min(found) if found else (None, None)
