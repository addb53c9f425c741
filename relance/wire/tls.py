"""TLS for clients: one context for all connections, and errors that tell apart what users can."""

from __future__ import annotations

import functools
import socket
import ssl
from typing import Final

from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.guard import ascii_host

# OpenSSL's words for "the other side does not speak TLS".
_NOT_TLS: Final = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "UNEXPECTED_MESSAGE",
)


@functools.lru_cache(maxsize=2)
def client_context(*, verify: bool = True) -> ssl.SSLContext:
    """Return the shared client context (TLS 1.2 and up, system authorities)."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def wrap(sock: socket.socket, host: str, *, verify: bool = True) -> ssl.SSLSocket:
    """Negotiate TLS on a connected socket, checking the certificate against ``host``.

    The socket is closed on failure. Raises ``certificate``, ``wrong_port`` (plain text came
    back), ``tls_failure`` or ``timeout``.
    """
    try:
        return client_context(verify=verify).wrap_socket(sock, server_hostname=ascii_host(host))
    except (OSError, ValueError) as error:
        sock.close()
        raise _explained(error) from error


def _explained(error: OSError | ValueError) -> WireError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return PermanentFailure("certificate", error.verify_message or "not trusted")
    if isinstance(error, TimeoutError):
        return TransientFailure("timeout", "the TLS negotiation did not end in time")
    reason = str(getattr(error, "reason", "") or "")
    if any(word in reason for word in _NOT_TLS):
        return PermanentFailure("wrong_port", "the server does not speak TLS on this port")
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return PermanentFailure("tls_failure", f"TLS negotiation failed ({reason or 'unknown'})")
    return TransientFailure("tls_failure", "the connection closed during TLS negotiation")
