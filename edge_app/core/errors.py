"""One tree of errors. Each is also the builtin kind that a Python programmer would expect.

Every message says what was expected, what was found and what to do; the command line prints it as
one line on stderr and exits with 2.
"""


class ReconociasError(Exception):
    """Anything that the user, and not the programmer, can put right."""


class InputError(ReconociasError, ValueError):
    """A photo, folder, video or stream that cannot be read."""


class InputMissingError(ReconociasError, FileNotFoundError):
    """A file or folder that is not there."""


class OutputError(ReconociasError, OSError):
    """A place that cannot be written to."""


class CameraError(ReconociasError, OSError):
    """A camera or stream that does not open or stopped giving frames."""


class ButtonError(ReconociasError, OSError):
    """A button, LED or buzzer whose pins do not work."""


class PeopleError(ReconociasError, ValueError):
    """Somebody who cannot be enrolled, found, renamed or told apart."""


class StateError(ReconociasError, ValueError):
    """A database that is damaged, none of ours, or from a newer version."""


class ConfigError(ReconociasError, ValueError):
    """A settings file that cannot be read, or a key or value in it that is not allowed."""


class AccessError(ReconociasError, ValueError):
    """A password or token that cannot be used."""


class BundleError(ReconociasError, ValueError):
    """A bundle that is incomplete, damaged or made for another version."""


class RuntimeMissingError(ReconociasError, ImportError):
    """None of the packages that could run a model is installed, or the chosen one is not."""


class RolloutError(ReconociasError, RuntimeError):
    """A service that does not start, or a rollout that cannot begin."""
