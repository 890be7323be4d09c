"""Runs one training of the program: sentences in, events out."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Optional

from . import _stream
from ._binary import binary, message_of
from .errors import TrainingError, TrainingInterrupted


class Run:
    """One training. Its events are dictionaries: docs/python.md lists them."""

    def __init__(self, arguments: List[str], on_event: Callable[[dict], None], checkpoint: Optional[str]):
        self._on_event = on_event
        self._checkpoint = checkpoint
        self._events: "queue.Queue[Optional[dict]]" = queue.Queue()
        self._stderr: List[bytes] = []
        self.summary: Optional[dict] = None
        self.warnings: List[str] = []
        # The process is in a group of its own, so that Ctrl-C in a terminal reaches it through this program only.
        self._process = subprocess.Popen([binary(), "train", "--json", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, **_own_group())
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._read_events, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read_events(self) -> None:
        for line in self._process.stdout:
            try:
                self._events.put(json.loads(line))
            except ValueError:
                continue
        self._events.put(None)

    def _read_errors(self) -> None:
        self._stderr.append(self._process.stderr.read())

    def feed(self, sentences: Optional[Iterator[List[str]]]) -> _stream.Framer:
        """Write all sentences, and run the training to its end. Without sentences the program reads a file."""
        framer = _stream.Framer()
        try:
            if sentences is not None:
                self._write(sentences, framer)
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                pass  # the program ended, and says why
            while True:
                event = self._events.get()
                if event is None:
                    break
                self._handle(event)
            code = self._process.wait()
        except KeyboardInterrupt:
            raise self._interrupted() from None
        except BaseException:
            self._kill()
            raise
        finally:
            self._close()
        self._finish(code, sentences is not None and framer.sentences == 0)
        return framer

    def _write(self, sentences: Iterator[List[str]], framer: _stream.Framer) -> None:
        pipe = self._process.stdin
        try:
            pipe.write(_stream.HEAD)
            for batch in _stream.batches(sentences):
                pipe.write(framer.lines(batch))
                self._drain()
            pipe.write(framer.end())
            pipe.flush()
        except (BrokenPipeError, OSError) as err:
            if isinstance(err, BrokenPipeError) or self._process.poll() is not None:
                return  # the program ended, and says why
            raise

    def _drain(self) -> None:
        while True:
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                return
            if event is None:
                self._events.put(None)
                return
            self._handle(event)

    def _handle(self, event: dict) -> None:
        if event.get("event") == "summary":
            self.summary = event
            self.warnings = event.get("warnings", [])
        self._on_event(event)

    def _interrupted(self) -> TrainingInterrupted:
        """Stop the program, which saves a checkpoint first."""
        previous = None
        if threading.current_thread() is threading.main_thread():
            previous = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not lose the checkpoint
        try:
            try:
                self._process.send_signal(signal.SIGINT)
                self._process.stdin.close()
            except (OSError, ValueError):
                pass
            self._process.wait()
        finally:
            if previous is not None:
                signal.signal(signal.SIGINT, previous)
        self._join()
        saved = self._checkpoint is not None and os.path.isdir(self._checkpoint) and any(
            name.startswith("checkpoint-") for name in os.listdir(self._checkpoint))
        if saved:
            return TrainingInterrupted(f"the training was interrupted; go on with Word2Vec.resume({self._checkpoint!r}, sentences)", self._checkpoint)
        return TrainingInterrupted("interrupted before the training; nothing was saved")

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=10)

    def _close(self) -> None:
        self._join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            try:
                pipe.close()
            except OSError:
                pass

    def _finish(self, code: int, empty: bool) -> None:
        stderr = b"".join(self._stderr).decode("utf8", "replace")
        if code or self.summary is None:
            if code < 0:
                raise TrainingError(f"the kindred program was ended by signal {-code}", code, "train")
            if empty:
                raise TrainingError("there are no sentences; a generator can be read once: give a list, or an object whose __iter__ starts again", code, "train")
            raise TrainingError(message_of(stderr, "train"), code, "train")


def _own_group() -> Dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


class Progress:
    """Shows the progress of a training: a bar in a notebook, a line on a terminal, nothing elsewhere."""

    def __init__(self, show: Optional[bool]):
        self._display = _notebook_display() if show is not False else None
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self._line = self._display is None and (show is True or show is None and terminal)
        self._handle: Any = None
        self._last = 0.0

    def event(self, event: dict) -> None:
        """Show an event."""
        kind = event["event"]
        if kind == "read":
            self._show(0.0, f"reading: {event['bytes'] / 1e6:,.0f} MB")
        elif kind == "progress":
            share = event["tokens"] / max(event["total_tokens"], 1)
            self._show(share, f"epoch {event['epoch']}/{event['epochs']}, {event['tokens_per_second']:,.0f} tokens/s, "
                              f"loss {event['epoch_loss']:.4f}, {event['remaining_seconds']:.0f} s left", share >= 1)

    def _show(self, share: float, text: str, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._last < 0.1:
            return
        self._last = now
        if self._display is not None:
            html = (f"<progress value='{share:.4f}' max='1' style='width:20em'></progress> "
                    f"<span style='font-family:monospace'>{100 * share:.0f} % · {text}</span>")
            if self._handle is None:
                self._handle = self._display(html)
            else:
                self._handle(html)
        elif self._line:
            sys.stderr.write(f"\r\x1b[K{100 * share:3.0f} %  {text}")
            sys.stderr.flush()

    def close(self) -> None:
        """End the line."""
        if self._line and self._last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _notebook_display() -> Optional[Callable[[str], Callable[[str], None]]]:
    """Return a function that shows HTML and returns one that replaces it, None outside of notebooks."""
    if "IPython" not in sys.modules:
        return None
    try:
        from IPython import get_ipython
        from IPython.display import HTML, display
        shell = get_ipython()
        if shell is None or type(shell).__name__ != "ZMQInteractiveShell":
            return None
    except ImportError:
        return None

    def show(html: str) -> Callable[[str], None]:
        handle = display(HTML(html), display_id=True)
        return lambda new: handle.update(HTML(new))
    return show
