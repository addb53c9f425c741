"""From a TCP connection to a submission server that knows us."""

from __future__ import annotations

import base64

from relance.wire.channel import Channel
from relance.wire.errors import PermanentFailure, WireError
from relance.wire.guard import Guard
from relance.wire.servers import Server, require_plain_credentials, require_safe
from relance.wire.smtp.dialogue import SmtpDialogue, stage
from relance.wire.smtp.replies import Reply, failure, login_failure


def open_dialogue(server: Server, guard: Guard, *, timeout: float) -> SmtpDialogue:
    """Connect, secure, log in. Failures carry the stage: connect, tls, greeting, auth."""
    with stage("connect"):
        require_safe(server, guard)
        require_plain_credentials(server)
        channel = Channel.connect(server.host, server.port, guard=guard, timeout=timeout)
    try:
        return _opened(channel, server)
    except BaseException:
        channel.close()
        raise


def _opened(channel: Channel, server: Server) -> SmtpDialogue:
    dialogue = SmtpDialogue(channel)
    if server.security == "tls":
        with stage("tls"):
            channel.start_tls(server.host, verify=server.verify)
    with stage("greeting"):
        _read_greeting(dialogue)
        dialogue.greet()
    if server.security == "starttls":
        with stage("tls"):
            _start_tls(dialogue, server)
    if server.username:
        with stage("auth"):
            _log_in(dialogue, server)
    return dialogue


def _read_greeting(dialogue: SmtpDialogue) -> None:
    try:
        reply = dialogue.reply()
    except PermanentFailure as error:
        if error.code != "protocol":
            raise
        detail = "the greeting is not SMTP's"
        raise PermanentFailure("wrong_port", detail, error.server_text) from error
    if not reply.is_positive:
        raise failure(reply)


def _start_tls(dialogue: SmtpDialogue, server: Server) -> None:
    if "STARTTLS" not in dialogue.features:
        raise PermanentFailure("starttls_missing", "STARTTLS is not offered")
    reply = dialogue.command("STARTTLS")
    if not reply.is_positive:
        raise failure(reply)
    dialogue.channel.start_tls(server.host, verify=server.verify)
    dialogue.greet()


def _log_in(dialogue: SmtpDialogue, server: Server) -> None:
    offered = set(dialogue.features.get("AUTH", "").replace("=", " ").upper().split())
    if "PLAIN" in offered:
        token = _encoded(f"\0{server.username}\0{server.password}")
        reply = dialogue.command(f"AUTH PLAIN {token}")
        if reply.code == 334:
            reply = dialogue.command(token)
    elif "LOGIN" in offered:
        reply = _log_in_by_questions(dialogue, server)
    else:
        raise _no_way_in(offered)
    if not reply.is_positive:
        raise login_failure(reply)


def _log_in_by_questions(dialogue: SmtpDialogue, server: Server) -> Reply:
    reply = dialogue.command("AUTH LOGIN")
    for answer in (server.username, server.password):
        if reply.code != 334:
            return reply
        reply = dialogue.command(_encoded(answer))
    return reply


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _no_way_in(offered: set[str]) -> WireError:
    if offered & {"XOAUTH2", "OAUTHBEARER"}:
        return PermanentFailure("oauth_required", "the server takes no password")
    return PermanentFailure("login_disabled", "the server offers no login here")
