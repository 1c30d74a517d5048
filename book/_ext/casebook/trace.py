"""Run by a kernel before a chapter's first cell: notes each file that the chapter opens, and each program it starts."""


def _watch() -> None:
    import os  # nothing but the hook stays behind: a chapter finds the names that it would find without
    import sys

    if "CASEBOOK_TRACE" not in os.environ:
        return
    out = os.open(os.environ["CASEBOOK_TRACE"], os.O_WRONLY | os.O_APPEND)
    starts = {"os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen"}
    seen = set()

    def note(event, args):
        if event == "open" and isinstance(args[0], str):
            line = os.path.abspath(args[0])
        elif event in starts:
            line = "*"  # what a program of its own reads is not seen
        else:
            return
        if line not in seen:
            seen.add(line)
            os.write(out, f"{line}\n".encode())

    sys.addaudithook(note)


_watch()
del _watch
