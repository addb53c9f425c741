"""From a TCP connection to an authenticated IMAP dialogue.

::

    connect → (TLS) → greeting → capabilities → (STARTTLS → TLS → capabilities) → login → ready

Nothing secret is sent before TLS, unless the administrator lists the host. What a server said
before STARTTLS is forgotten after it (RFC 9051, section 6.2.1).
"""

from __future__ import annotations

import base64

from relance.wire.channel import Channel
from relance.wire.errors import PermanentFailure, WireError
from relance.wire.guard import Guard
from relance.wire.imap.dialogue import Answer, Dialogue, Line, astring, require_ok
from relance.wire.imap.failures import goodbye
from relance.wire.servers import Server, require_plain_credentials, require_safe


def open_dialogue(
    server: Server, guard: Guard, *, timeout: float
) -> tuple[Dialogue, frozenset[str]]:
    """Connect and log in; return the dialogue and the server's capabilities in upper case."""
    require_safe(server, guard)
    require_plain_credentials(server)
    channel = Channel.connect(server.host, server.port, guard=guard, timeout=timeout)
    try:
        return _opened(channel, server)
    except BaseException:
        channel.close()
        raise


def _opened(channel: Channel, server: Server) -> tuple[Dialogue, frozenset[str]]:
    if server.security == "tls":
        channel.start_tls(server.host, verify=server.verify)
    dialogue = Dialogue(channel)
    logged_in, capabilities = _greeted(dialogue)
    if server.security == "starttls":
        if logged_in or "STARTTLS" not in capabilities:
            raise PermanentFailure("starttls_missing", "STARTTLS is not offered")
        require_ok(dialogue.run(b"STARTTLS"))
        channel.start_tls(server.host, verify=server.verify)
        capabilities = _ask_capabilities(dialogue)
    dialogue.literal_plus = "LITERAL+" in capabilities
    if not logged_in:
        capabilities = _log_in(dialogue, server, capabilities)
        dialogue.literal_plus = "LITERAL+" in capabilities
    return dialogue, capabilities


def _greeted(dialogue: Dialogue) -> tuple[bool, frozenset[str]]:
    """Read the greeting. Raises ``wrong_port`` when it is not IMAP's."""
    line = dialogue.channel.line()
    status = b"".join(line.upper().split(None, 2)[1:2])
    if line[:2] != b"* " or status not in (b"OK", b"PREAUTH", b"BYE"):
        raise PermanentFailure("wrong_port", "the greeting is not IMAP's", _text(line))
    if status == b"BYE":
        raise goodbye(_text(line))
    greeting = Answer("OK", _text(line), (Line(b"*", line),))
    return status == b"PREAUTH", _announced(greeting) or _ask_capabilities(dialogue)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()


def _announced(answer: Answer) -> frozenset[str]:
    code = answer.code("CAPABILITY")
    lines = [line.text[13:] for line in answer.lines if line.text[:13].upper() == b"* CAPABILITY "]
    text = code or (lines[-1] if lines else b"")
    return frozenset(text.decode("latin-1").upper().split())


def _ask_capabilities(dialogue: Dialogue) -> frozenset[str]:
    return _announced(dialogue.ask(b"CAPABILITY"))


def _log_in(dialogue: Dialogue, server: Server, capabilities: frozenset[str]) -> frozenset[str]:
    if "AUTH=PLAIN" in capabilities:
        answer = _authenticate_plain(dialogue, server, capabilities)
    elif "LOGINDISABLED" not in capabilities:
        user, password = (text.encode() for text in (server.username, server.password))
        answer = dialogue.run(b"LOGIN", astring(user), astring(password))
    else:
        raise _no_way_in(capabilities)
    if answer.status != "OK":
        require_ok(_with_alerts(answer), at_login=True)
    return _announced(answer) or _ask_capabilities(dialogue)


def _authenticate_plain(dialogue: Dialogue, server: Server, capabilities: frozenset[str]) -> Answer:
    token = base64.b64encode(f"\0{server.username}\0{server.password}".encode())
    if "SASL-IR" in capabilities:
        return dialogue.run(b"AUTHENTICATE PLAIN", token)
    tag = dialogue.send(b"AUTHENTICATE PLAIN")
    return dialogue.continuation(tag) or dialogue.finish(tag, token)


def _no_way_in(capabilities: frozenset[str]) -> WireError:
    if capabilities & {"AUTH=XOAUTH2", "AUTH=OAUTHBEARER"}:
        return PermanentFailure("oauth_required", "the server takes no password")
    return PermanentFailure("login_disabled", "the server offers no login here")


def _with_alerts(answer: Answer) -> Answer:
    """Join what the server said beside its refusal: the reason often stands in an ALERT."""
    said = [_text(line.text)[2:] for line in answer.lines if b"[ALERT]" in line.text.upper()]
    return Answer(answer.status, " ".join([answer.text, *said]), answer.lines)
