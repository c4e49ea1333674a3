"""The network is off in tests but for this machine itself."""

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost", ""}


class NetworkUseError(RuntimeError):
    """A test reached for another machine."""


def forbid_other_machines() -> None:
    """From now on, and for good, connections of this process to other machines raise NetworkUseError."""
    sys.addaudithook(_refuse_other_machines)


def _refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        # Unix sockets have a path for an address, connected ones none at all
        if isinstance(address, tuple) and not _is_this_machine(address[0]):
            _refuse(event, address)
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and not _is_this_machine(arguments[0]):
        _refuse(event, arguments[0])


def _refuse(event: str, address: object) -> None:
    message = f"{event} to {address!r}: tests use no network but loopback."
    raise NetworkUseError(message)


def _is_this_machine(host: object) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.lower() in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    # 0.0.0.0 and :: mean this machine, both to listen on and to connect to
    return address.is_loopback or address.is_unspecified
