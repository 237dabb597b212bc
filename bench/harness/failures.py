"""What failed: said in one line when it happens, and remembered, so that the rest goes on and the run still fails."""


class Failed(Exception):
    """Its text is a line that says why."""


noted = []  # of each failure, whether it is one of ours and not a peer's


def note(who, why, ours=True):
    print(f"  {who} failed: {why}", flush=True)
    noted.append(ours)
