"""How lists of addresses are fetched: the options that downloads of all apps share."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from curator_engine.commands.settings import CommonSettings, Flag, Group, Kind
from curator_engine.errors import SettingsError
from curator_engine.files.web_proxy import check_proxy
from curator_engine.stages.files import parse_size

_MOST_PER_FILE = 10_000


@dataclass(frozen=True, kw_only=True)
class DownloadOptions(CommonSettings):
    """Settings of a download; --limit counts addresses.

    Example:
        >>> DownloadOptions(per_host=1.0).retries
        2
    """

    why_whole: ClassVar[str] = "how often a host is asked is counted in one place"
    per_file: int = 1000
    """Addresses of a file of the result, which is downloaded as a whole: a run that goes on begins with the next one."""
    threads: Annotated[int, Group.RUNNING] = 16
    """Addresses that are fetched at once."""
    retry_failed: Annotated[Flag, Group.RUNNING] = False
    """Ask again for the addresses of a finished run that did not come, and put what comes where it belongs; options of fetching may differ."""
    proxy: Annotated[str, Group.RUNNING] = ""
    """Proxy through which all is fetched, as http://HOST:PORT; environment takes those of https_proxy, http_proxy and no_proxy."""
    per_host: Annotated[float, Group.LIMITS] = 4.0
    """Requests to a host in a second, at most."""
    max_size: Annotated[str, Group.LIMITS, Kind.SIZE] = "32MB"
    """Bytes of a page or a picture, at most."""
    timeout: Annotated[float, Group.LIMITS] = 20.0
    """Seconds to wait for an answer, and each time for more of it."""
    max_seconds: Annotated[float, Group.LIMITS] = 120.0
    """Seconds for a page or a picture, with all redirects."""
    retries: Annotated[int, Group.LIMITS] = 2
    """How often an address is asked again that may answer later."""
    user_agent: str = ""
    """What servers are told who asks; the name of this program unless given. A page or mail address in it lets owners write to you."""
    ignore_opt_out: Flag = False
    """Also fetch what its server marks as not for collecting or training: X-Robots-Tag noai, noimageai, noindex, noimageindex; TDM-Reservation."""
    allow_private: Flag = False
    """Also fetch from private networks and this machine. Without it, a list of others cannot reach what only you can."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        self.check_least(1, "per_file", "threads")
        if self.per_file > _MOST_PER_FILE:
            raise SettingsError(f"--per-file {self.per_file} is above {_MOST_PER_FILE:,}.")
        for name in ("per_host", "timeout", "max_seconds"):
            if getattr(self, name) <= 0:
                raise SettingsError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} is not above 0."
                )
        self.check_least(0, "retries")
        if parse_size(self.max_size) < 1:
            raise SettingsError(f"--max-size {self.max_size} leaves no room for anything.")
        if self.retry_failed and self.overwrite:
            raise SettingsError(
                "--retry-failed keeps what came, and --overwrite removes it; choose one."
            )
        check_proxy(self.proxy)
