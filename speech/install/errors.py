"""What can go wrong with an installation.

InstallError            nothing was installed; the text says what an operator can do
├── DownloadError       the connection failed; what has come is kept, and the same command goes on from there
├── ChecksumError       what came is not what was published; it has been removed
├── UnsafeArchiveError  the archive would write where it must not, or far more than it should
├── NoSpaceError        the disk is full; a download that was begun is kept
└── BusyError           another installation of the same model is running
"""


class InstallError(Exception):
    """Nothing was installed."""


class DownloadError(InstallError):
    pass


class ChecksumError(InstallError):
    pass


class UnsafeArchiveError(InstallError):
    pass


class NoSpaceError(InstallError):
    pass


class BusyError(InstallError):
    pass
