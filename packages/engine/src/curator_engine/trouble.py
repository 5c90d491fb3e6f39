"""Whose trouble an error is: that of the environment, which ends a run, or that of one file.

A full disk, a lost connection or missing credentials meet every file alike, so no file is to blame
for them. Turning errors of storage into ours is `files/storage.py`'s.
"""

import errno
from collections.abc import Iterator
from typing import Any

from curator_engine.errors import InterruptedRunError, StorageError

_DISK = {errno.ENOSPC: "disk full", errno.EDQUOT: "disk full (quota)"}
_MACHINE = {
    *_DISK,
    *(errno.EMFILE, errno.ENFILE, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOMEM),
    *(errno.ENETDOWN, errno.ENETUNREACH, errno.ENOBUFS),
}
"""These meet whatever a stage does next."""
_STORAGE = {
    # EBUSY and EREMOTEIO: what s3fs makes of a server that is too busy or fails.
    *(errno.EBUSY, errno.EREMOTEIO, errno.ENOTCONN, errno.ECONNREFUSED, errno.ECONNRESET),
    *(errno.ECONNABORTED, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT, errno.EPIPE),
}
"""The same, while we read or write files ourselves: a stage may well talk to hosts that are down."""
_CREDENTIALS = {
    *("ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "TokenRefreshRequired"),
    *("SignatureDoesNotMatch", "RequestTimeTooSkewed", "AuthorizationHeaderMalformed"),
    *("NotSignedUp", "AccountProblem", "ExpiredTokenException", "UnrecognizedClientException"),
}
"""S3's codes for keys that are wrong or have expired."""
_NO_CREDENTIALS = {
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),
    *("ProfileNotFound", "NoAuthTokenError", "TokenRetrievalError", "SSOTokenLoadError"),
    *("UnauthorizedSSOTokenError", "DefaultCredentialsError", "RefreshError"),
    *("ClientAuthenticationError", "LocalTokenNotFoundError"),
}
_NO_CONNECTION = {
    *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "HTTPClientError"),
    *("ConnectionClosedError", "ProxyConnectionError", "SSLError", "ConnectTimeout", "ReadTimeout"),
    *(
        "ConnectError",
        "ReadError",
        "ServerTimeoutError",
        "ClientPayloadError",
        "ServerDisconnectedError",
    ),
    *(
        "ClientConnectionError",
        "IncompleteReadError",
        "ServiceRequestError",
        "ServiceResponseError",
    ),
}
_NETWORK_PACKAGES = {
    *("aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "gcsfs", "google", "httpx"),
    *("huggingface_hub", "requests", "s3fs", "urllib3", "adlfs", "httpcore"),
}
_NO_FILE_OF_OURS = {401, 407, 408, 425, 429}
"""Answers of a server that are about who asks, and how often."""


def raise_if_fatal(error: Exception, stage: str) -> None:
    """Raise what would meet every further task as well, instead of failing the one that met it.

    Args:
        error: What a stage raised.
        stage: Its name.

    Raises:
        StorageError: The environment failed.
        InterruptedRunError: The run was told to stop.
    """
    if isinstance(error, StorageError | InterruptedRunError):
        raise error
    if trouble := of_machine(error):
        path = getattr(error, "filename", None)
        where = f" while writing {path}" if path else f" in {stage}"
        raise StorageError(
            f"{trouble}{where}; {remedy(trouble)} and run again with --resume."
        ) from error


def of_machine(error: BaseException) -> str | None:
    """What is wrong with the environment if any stage raised this, with the way out; else None.

    What it was raised from counts as well.
    """
    return _first(error, _MACHINE)


def of_storage(error: BaseException) -> str | None:
    """The same for an error that came while we read or wrote a file ourselves."""
    return _first(error, _MACHINE | _STORAGE)


def is_of_files(error: BaseException) -> bool:
    """Whether it comes from the operating system or from a package that reaches remote files."""
    return isinstance(error, OSError) or _package(error) in _NETWORK_PACKAGES


def remedy(reason: str) -> str:
    """What a person can do about the environment."""
    if reason.startswith("disk full"):
        return "free space"
    if "redentials" in reason:
        return "set them (for S3 with AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
    if reason.startswith("no connection"):
        return "check the network and the address"
    if "open files" in reason:
        return "raise the limit with `ulimit -n`"
    return "mend that"


def _first(error: BaseException, codes: set[int]) -> str | None:
    return next((r for each in _causes(error) if (r := _reason(each, codes))), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__


def _reason(error: BaseException, codes: set[int]) -> str | None:
    package, kind = _package(error), type(error).__name__
    if package in _NETWORK_PACKAGES:
        if kind in _NO_CREDENTIALS:
            return f"no credentials ({_line(error)})"
        if kind in _NO_CONNECTION:
            return f"no connection ({_line(error)})"
        return _answer(error) or _by_number(error, codes)
    # FFmpeg says EIO, and more, of files that are damaged.
    only = set(_DISK) | {errno.EMFILE, errno.ENFILE, errno.EROFS} if package == "av" else codes
    return _by_number(error, only)


def _answer(error: Any) -> str | None:
    """What an answer of a server says of the environment."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        code: Any = response.get("Error", {}).get("Code", "")
        return f"credentials refused ({code})" if code in _CREDENTIALS else None
    given: Any = getattr(response, "status_code", None) or getattr(error, "status", None)
    status = int(given) if str(given).isdigit() else 0
    if status in (401, 407):
        return f"no credentials ({_line(error)})"
    return (
        f"no connection ({_line(error)})" if status in _NO_FILE_OF_OURS or status >= 500 else None
    )


def _by_number(error: BaseException, codes: set[int]) -> str | None:
    if not isinstance(error, OSError):
        return None
    if error.errno in _DISK and error.errno in codes:
        return _DISK[error.errno]
    network = isinstance(error, ConnectionError | TimeoutError) or _is_lookup(error)
    if network and codes >= _STORAGE:
        return f"no connection ({_line(error)})"
    return (error.strerror or _line(error)) if error.errno in codes else None


def _is_lookup(error: BaseException) -> bool:
    """Whether the name of a host was not found."""
    return type(error).__name__ == "gaierror"


def _package(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
