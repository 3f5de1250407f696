"""What a captive login is given: a clean environment, no way to stop it, no file but the site's.

``preorder-tui --restricted`` runs for people who must not reach anything of the machine but the
desk. The site says how, on the command line that its sshd runs for them and in the settings file
named there; what the client of a session sends along counts for nothing but how its terminal looks.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from collections.abc import Mapping, Sequence

from preorder_tui.settings import login_name

UMASK = 0o007
"""Files are shared by the group of the desk, and by nobody else."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,63}")  # no slash: no name leads to a file
_NUMBER = re.compile(r"[0-9]{1,4}")
_LOOKS = {
    "TERM": _WORD, "COLORTERM": _WORD, "NO_COLOR": _WORD, "LANG": _WORD, "LC_ALL": _WORD,
    "LC_CTYPE": _WORD, "COLUMNS": _NUMBER, "LINES": _NUMBER,
}  # fmt: skip
"""What a client may say, and how: these choose colours, letters and the size of the screen."""

_KNOWN = {
    "HOME", "LOGNAME", "MAIL", "MOTD_SHOWN", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL",
    "SSH_CLIENT", "SSH_CONNECTION", "SSH_ORIGINAL_COMMAND", "SSH_TTY", "TZ", "USER", "_",
}  # fmt: skip
"""What sshd and the shell it starts set by themselves: dropped, and no reason to start again."""


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that a captive desk runs in."""
    kept = {
        name: value
        for name, value in environment.items()
        if name in _LOOKS and (_LOOKS[name].fullmatch(value) or not value)
    }
    login = login_name()
    return kept | {
        "USER": login,
        "LOGNAME": login,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",  # a driver of a database reads its own settings there
    }


def enter(arguments: Sequence[str]) -> None:
    """Make this process a captive one; starts the program anew where that is needed.

    Python itself and the libraries below it read variables when they start: where there are any
    that are not the machine's own, or Python was not told to ignore its own (``-I``), the program
    is run again without them.
    """
    clean = clean_environment(os.environ)
    # Settings of its own letters that Python makes for itself (PEP 538) are none of the client's.
    strange = set(os.environ) - set(_LOOKS) - _KNOWN
    if strange or not sys.flags.isolated:
        os.execve(sys.executable, [sys.executable, "-I", "-m", "screens", *arguments], clean)
    for name in set(os.environ) - set(clean):
        del os.environ[name]
    os.environ.update(clean)
    os.umask(UMASK)
    os.chdir("/")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file holds what people must not see
    for number in (signal.SIGTSTP, signal.SIGQUIT):  # Ctrl+Z and Ctrl+\ before the desk is there
        signal.signal(number, signal.SIG_IGN)
