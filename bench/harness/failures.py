"""What goes wrong in a measurement."""


class Failed(Exception):
    """Its text is a line that says why."""
