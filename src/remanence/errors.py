"""Every error Remanence raises on purpose, in one tree.

    RemanenceError
    |-- ConfigError            an option, a spec string or an environment variable is wrong
    |-- InvalidInput           a value handed to a verb cannot be used (also a ValueError)
    |-- EmbedderError          the embedder could not embed
    |-- MissingExtra           a part that is not installed is needed; the message names the extra
    |-- ModelError             a language model could not be asked, or its answer cannot be used
    |   |-- ModelRefused       it was reached, and did not take the request
    |   `-- ModelCutShort      it fell silent in the middle of its answer; `partial` has what came
    |-- TrainingError          a model could not be trained on; what it had learnt by its last checkpoint is kept
    |   `-- CheckpointError    a saved model or checkpoint cannot be used, or not be written
    `-- StorageError           the store could not do what was asked; nothing was acknowledged
        |-- NotAStore          the file is not a Remanence database, or its key is wrong
        |-- StoreTooNew        the file was written by a newer version
        |-- StoreCorrupt       the file is damaged
        |-- StoreBusy          another process held the write lock for longer than the timeout
        |-- StoreUncertain     a write was sent and its outcome is unknown: read, or write the same ids again
        |-- StoreFull          the disk is full
        |-- StoreReadOnly      the file or its folder cannot be written
        |-- StoreClosed        the memory was closed, or belongs to the parent process
        |-- EmbedderMismatch   the store was written with another embedder
        `-- StaleProjections   the store's text index was made by another version

A message says what happened, the offending value, and what to do. This module knows nothing else.
"""


class RemanenceError(Exception):
    """The root: `except RemanenceError` catches everything raised on purpose."""


class ConfigError(RemanenceError):
    """An option, a spec string or an environment variable is wrong."""


class InvalidInput(RemanenceError, ValueError):
    """A value handed to a verb cannot be used; nothing was written."""


class EmbedderError(RemanenceError):
    """The embedder could not embed; nothing was written."""


class MissingExtra(RemanenceError):
    """A part that is not installed is needed."""


class ModelError(RemanenceError):
    """A language model could not be asked, or its answer cannot be used."""


class ModelRefused(ModelError):
    """A language model was reached, and did not take the request:

    a wrong key or name, too long a text.
    """


class ModelCutShort(ModelError):
    """A language model fell silent in the middle of its answer.

    `partial` is the text that had come.
    """

    def __init__(self, message: str, partial: str = "") -> None:
        super().__init__(message)
        self.partial = partial


class TrainingError(RemanenceError):
    """A model could not be trained on."""


class CheckpointError(TrainingError):
    """A saved model or checkpoint cannot be used, or could not be written."""


class StorageError(RemanenceError):
    """The store could not do what was asked; nothing was acknowledged."""


class NotAStore(StorageError):
    """The file is not a Remanence database, or the encryption key is wrong."""


class StoreTooNew(StorageError):
    """The file was written by a newer version of Remanence."""


class StoreCorrupt(StorageError):
    """The file is damaged."""


class StoreBusy(StorageError):
    """Another process held the write lock for longer than the timeout."""


class StoreUncertain(StorageError):
    """The outcome of a write is unknown: the server was lost, or gave up waiting for its standby.

    Reading tells. Writing again under the same ids doubles nothing.
    """


class StoreFull(StorageError):
    """The disk is full."""


class StoreReadOnly(StorageError):
    """The file or its folder cannot be written."""


class StoreClosed(StorageError):
    """The memory was closed, or was opened by the parent of this process."""


class EmbedderMismatch(StorageError):
    """The store was written with another embedder."""


class StaleProjections(StorageError):
    """The store's text index was made by another version of the text analyser."""
