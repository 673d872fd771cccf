"""What can be wrong with a model.

ModelError                 the folder cannot be used; the text says what an operator can do about it
├── ModelMissingError      there is no such folder
├── ModelIncompleteError   files are missing, empty or cut off, or the engine cannot load them
├── ModelDamagedError      a file is not the one that the folder's SHA256SUMS lists
├── WrongLanguageError     the vocabulary has no Chinese
└── NoGrammarsError        a static graph: such a model can take dictation, but not listen for phrases
"""


class ModelError(Exception):
    """A model folder cannot be used for what was asked of it."""


class ModelMissingError(ModelError):
    pass


class ModelIncompleteError(ModelError):
    pass


class ModelDamagedError(ModelError):
    pass


class WrongLanguageError(ModelError):
    pass


class NoGrammarsError(ModelError):
    pass
