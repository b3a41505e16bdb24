"""The refusals of this package: each message tells a person what is wrong and what to do."""


class LaunchError(Exception):
    """Raised when something cannot be started; the message is for the person at the terminal, not for a log."""
