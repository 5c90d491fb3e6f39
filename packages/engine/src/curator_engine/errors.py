"""Every error that the engine raises on purpose.

    CuratorError                 exit 1
    ├── InputError               exit 2   a path, a field or a file is not as it must be, before any work
    ├── SettingsError            exit 2   an option or a key of a settings file (also a ValueError)
    ├── PipelineError            exit 2   stages that do not fit together (also a ValueError)
    ├── ResourceError            exit 2   more CPUs, GPUs or memory asked for than there are (also a ValueError)
    ├── StageError               exit 1   a stage failed on a task, and the policy is to raise
    ├── BudgetExceededError      exit 1   more tasks failed than the policy allows
    ├── StorageError             exit 1   the environment failed: disk full, our own files not to be
    │                                     read or written, connection lost, no credentials
    ├── UnreadableFileError      exit 1   one input file cannot be read: no permission, gone, a folder
    │   └── DamagedFileError              its contents are not what they should be
    │       └── OtherFormatError          they are of another form that is known
    └── InterruptedRunError      exit 130 Ctrl-C; 143 for SIGTERM

A message is one line: what, where, what to do.
"""


class CuratorError(Exception):
    """The root of the tree; `exit_code` is what a command ends with."""

    exit_code: int = 1


class InputError(CuratorError):
    """The input is missing, empty or not of the form that the job needs."""

    exit_code = 2


class SettingsError(CuratorError, ValueError):
    """An option is unknown or its value is out of range."""

    exit_code = 2


class PipelineError(CuratorError, ValueError):
    """The stages of a pipeline do not fit together."""

    exit_code = 2


class ResourceError(CuratorError, ValueError):
    """A stage asks for more than any node has."""

    exit_code = 2


class StageError(CuratorError):
    """A stage failed on a task and the failure policy is to raise."""


class BudgetExceededError(CuratorError):
    """More failed or could not be read than `max_failures` or the ratios of the policy allow."""


class StorageError(CuratorError):
    """The environment failed while files were read or written: it ends a run under every policy."""


class UnreadableFileError(CuratorError):
    """One input file may not or cannot be read; only it goes to quarantine, and is tried again."""


class DamagedFileError(UnreadableFileError):
    """One input file is there but not what it should be; only a change of the file mends that."""


class OtherFormatError(DamagedFileError):
    """One input file is of another form than its name says, and it is known of which."""


class InterruptedRunError(CuratorError):
    """The run was told to stop; what was finished is kept."""

    exit_code = 130
