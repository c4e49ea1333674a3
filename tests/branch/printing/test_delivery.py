"""Bytes on their way to a printer: a file, a device that is not there, a full disk, the network."""

import os
import socket
import threading
from pathlib import Path

import pytest

from branch.printing import delivery
from branch.printing.delivery import check_target, deliver
from branch.printing.errors import PrinterError, PrinterTargetError


def test_a_file_gets_one_paper_after_the_other(tmp_path: Path) -> None:
    """Nothing that was printed before is lost."""
    target = tmp_path / "receipts.bin"
    deliver(b"one", str(target))
    deliver(b"two" * 5000, str(target))
    assert target.read_bytes() == b"one" + b"two" * 5000


def test_a_device_that_is_not_there_is_no_file() -> None:
    """No cable, no printer: told, and nothing is made in its place."""
    with pytest.raises(PrinterError) as refused:
        deliver(b"paper", "/dev/usb/lp-not-there")
    assert "press P to print again" in str(refused.value)
    assert not Path("/dev/usb/lp-not-there").exists()


def test_a_full_disk_is_told() -> None:
    """/dev/full takes nothing, as a disk without room does."""
    with pytest.raises(PrinterError, match="No space left"):
        deliver(b"paper", "/dev/full")


def test_a_printer_that_takes_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that stays busy (a pipe that nobody empties) does not hold the counter up for ever."""
    monkeypatch.setattr(delivery, "PATIENCE_SECONDS", 1)
    pipe = tmp_path / "port"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(PrinterError, match="does not answer"):
            deliver(b"x" * (1 << 20), str(pipe))
    finally:
        os.close(reader)


def test_a_network_printer_gets_everything() -> None:
    """The bytes arrive whole, and the line is closed."""
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            line, _address = server.accept()
            with line:
                while piece := line.recv(4096):
                    got.extend(piece)

        thread = threading.Thread(target=listen)
        thread.start()
        deliver(b"paper" * 10_000, f"tcp://127.0.0.1:{server.getsockname()[1]}")
        thread.join(30)
    assert bytes(got) == b"paper" * 10_000


def test_a_network_printer_that_is_off_is_told() -> None:
    """Nobody listens there: refused in words."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PrinterError):
        deliver(b"paper", f"tcp://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "target",
    [
        "",
        "relative/file",
        "/no/such/folder/file",
        "/",
        "tcp://8.8.8.8:9100",
        "tcp://printer.example.com:9100",
        "tcp://192.168.1.5",
        "tcp://192.168.1.5:99999",
        "tcp://0.0.0.0:9100",
        "tcp://192.168.1.5:9100/path",
        "/tmp/a\nb",
        "/dev/../etc/passwd",
        "/dev/shm",
    ],
)
def test_what_can_be_no_printer_is_refused_when_it_is_set(target: str) -> None:
    """A folder, an unknown place, a machine out in the world."""
    with pytest.raises(PrinterTargetError):
        check_target(target)


@pytest.mark.parametrize(
    "target",
    [
        "/dev/usb/lp0",
        "COM3",
        "lpt1",
        r"\\counter\receipts",
        "tcp://192.168.1.50:9100",
        "tcp://localhost:9100",
        "tcp://[::1]:9100",
    ],
)
def test_printers_may_be_set_while_they_are_off(target: str) -> None:
    """Devices, Windows' ports and shares, printers of the own network."""
    check_target(target)
