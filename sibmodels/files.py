"""Files as people have them, and as they should find them.

Text is read in whatever encoding it was saved (`decoded`). Several files are written all, or none
(`write_all`): each first whole beside its place, then moved there, so that nobody ever sees half of one;
what was there before is kept until every file stands in its place.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sibmodels.messages import say

__all__ = ["decoded", "write_all"]


def decoded(raw: bytes, guesses: Sequence[str] = ("cp932", "cp1252")) -> tuple[str, UnicodeDecodeError | None]:
    """The text of UTF-8 or UTF-16; other bytes are an error, and guessed at so that one can go on.

    Parameters
    ----------
    raw : bytes
    guesses : sequence of str, optional
        Encodings to try where it is neither, Japanese and Western unless given; what none can read is U+FFFD.

    Returns
    -------
    text : str
    error : UnicodeDecodeError or None
        Where it stopped being what it seemed to be.

    Examples
    --------
    >>> decoded("成果".encode("utf-16")), decoded(b"caf\\xe9", ["cp1252"])[0]
    (('成果', None), 'café')
    """
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\0" in raw[:200]:  # UTF-16 without its mark
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    try:
        return raw.decode(encoding), None
    except UnicodeDecodeError as error:
        error.encoding = encoding.removesuffix("-sig")
        for guess in guesses:
            try:
                return raw.decode(guess), error
            except UnicodeDecodeError:
                continue
        return raw.decode(guesses[-1], errors="replace"), error


def write_all(files: Mapping[Path, Callable[[Path], object]], replace: bool = False) -> list[Path]:
    """Write every file, or leave every place as it was.

    Parameters
    ----------
    files : mapping of Path to function
        Each function writes its file at the path it is given, which is not yet the file's own.
    replace : bool, optional
        Whether files that are there already are replaced.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileExistsError
        If a file is there, or appears meanwhile, and `replace` is False.
    OSError
        If a file cannot be written; ``filename`` is its own path. A function's other errors pass through.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = write_all({folder / "a.txt": lambda path: path.write_text("new")})
    >>> def fails(path):
    ...     raise ValueError("no disk is large enough")
    >>> write_all({folder / "a.txt": lambda path: path.write_text("newer"), folder / "b.txt": fails}, replace=True)
    Traceback (most recent call last):
    ValueError: no disk is large enough
    >>> [(path.name, path.read_text()) for path in folder.iterdir()]
    [('a.txt', 'new')]
    """
    for wrong, kind, code, what in (
        ([path for path in files if path.is_dir()], IsADirectoryError, errno.EISDIR, "is_folder"),
        (
            [path.parent for path in files if not path.parent.is_dir()],
            NotADirectoryError,
            errno.ENOTDIR,
            "is_no_folder",
        ),
        ([path for path in files if path.exists() and not replace], FileExistsError, errno.EEXIST, "is_there"),
    ):
        if wrong:
            raise kind(code, say(f"command.{what}"), ", ".join(dict.fromkeys(map(str, wrong))))
    drafts = {path: _beside(path, "new") for path in files}
    kept = {path: _beside(path, "old") for path in files}
    placed: list[Path] = []
    try:
        for path, write in files.items():
            try:
                write(drafts[path])
            except OSError as error:
                raise _named(error, drafts[path], path) from error
            if path.exists() and replace:
                try:
                    shutil.copy2(path, kept[path])
                except OSError as error:
                    raise _named(error, kept[path], path) from error
        for path, draft in drafts.items():
            _place(draft, path, replace)
            placed.append(path)
    except BaseException:
        for path in placed:
            with contextlib.suppress(OSError):
                if kept[path].exists():
                    os.replace(kept[path], path)
                else:
                    path.unlink()
        raise
    finally:
        for left in (*drafts.values(), *kept.values()):
            with contextlib.suppress(OSError):  # tidying up hides no error
                left.unlink(missing_ok=True)
    return list(files)


def _beside(path: Path, what: str) -> Path:
    """A hidden name in the same folder, with the same ending, because some writers go by it."""
    return path.with_name(f".{path.stem}.{os.getpid()}.{what}{path.suffix}")


def _named(error: OSError, draft: Path, path: Path) -> OSError:
    """The error with the name that the caller knows."""
    if error.filename not in (None, str(draft)):  # some writers of a full disk name no file
        return error
    return type(error)(error.errno, error.strerror, str(path))


def _place(draft: Path, path: Path, replace: bool) -> None:
    """Move a finished file to its place; unless it may replace, not over one that somebody wrote meanwhile."""
    if not replace:
        try:
            os.link(draft, path)
            return
        except (OSError, AttributeError):  # a file is there, or the file system or a page's Python has no links
            if path.exists():
                raise FileExistsError(errno.EEXIST, say("command.is_there"), str(path)) from None
    os.replace(draft, path)
