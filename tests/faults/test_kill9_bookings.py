"""kill -9 while invitations come in: each that was acknowledged has one answer and one booking, and no two overlap."""

from __future__ import annotations

import imaplib
import smtplib
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from meeting_world import Meeting, ahead, mail
from serving import iconet, serve

if TYPE_CHECKING:
    from pathlib import Path

    from serving import Server

ROUNDS = 3
BEFORE_KILL = 15
DOORS = ("submission", "imap")


def send_for_ever(server: Server, person: dict[str, Any], to: str, sent: list[bytes], told: set[str]) -> None:
    """Invite until the server is gone; what wasn't acknowledged is sent first, to the next server."""
    door = server.endpoints["submission"]
    try:
        with smtplib.SMTP_SSL(door["host"], door["port"], timeout=5, context=server.tls) as client:
            client.login(person["login"], person["app_password"])
            for raw in sent:
                client.sendmail(person["address"], [to], raw)
            while True:
                number = len(sent)
                uid = f"{person['login']}-{number}@kill.test"
                start_at = ahead(2 + number // 6, 8 + number % 6)
                sent.append(mail(person["login"], to, Meeting(person["login"], start_at, uid=uid).asked()))
                client.sendmail(person["address"], [to], sent[-1])
                told.add(uid)
    except (OSError, smtplib.SMTPException):
        return


def test_an_acknowledged_invitation_is_answered_and_booked_once(tmp_path: Path, planted: Path) -> None:
    data = tmp_path / "demo"
    sent: dict[str, list[bytes]] = {}
    told: dict[str, set[str]] = {}
    for number in range(ROUNDS):
        server = serve(data, *DOORS, like=planted)
        room = server.endpoints["resources"][0]
        people = [each for each in server.endpoints["people"] if room["areas"][0] in each["areas"]][:2]
        threads = []
        for person in people:
            mine = sent.setdefault(person["login"], []), told.setdefault(person["login"], set())
            arguments = (server, person, room["address"], *mine)
            threads.append(threading.Thread(target=send_for_ever, args=arguments, daemon=True))
            threads[-1].start()
        _wait(told, (number + 1) * BEFORE_KILL)
        server.kill()
        for thread in threads:
            thread.join(10)
        checked = iconet(data, "check", "--json")
        assert checked.returncode == 0, checked.stdout
    server = serve(data, *DOORS, like=planted)
    for person in people:
        uids = Counter(_answered(server, person))
        assert told[person["login"]] <= set(uids), "acknowledged and never answered"
        assert [uid for uid, times in uids.items() if times > 1] == [], "answered twice"
    print({login: f"{len(told[login])} of {len(sent[login])}" for login in sent})
    assert server.stop() == 0


def _wait(told: dict[str, set[str]], enough: int) -> None:
    reached = threading.Event()
    for _ in range(3_000):
        if sum(map(len, told.values())) >= enough:
            return
        reached.wait(0.01)
    raise AssertionError(f"only {told}")


def _answered(server: Server, person: dict[str, Any]) -> list[str]:
    """The UIDs of all REPLYs in somebody's INBOX."""
    door = server.endpoints["imap"]
    with imaplib.IMAP4_SSL(door["host"], door["port"], ssl_context=server.tls) as box:
        box.login(person["login"], person["app_password"])
        count = int(box.select()[1][0] or b"0")
        found = box.fetch(f"1:{count}", "(BODY[TEXT])")[1] if count else []
    texts = [part[1].decode() for part in found if isinstance(part, tuple)]
    return [text.partition("\nUID:")[2].partition("\r")[0] for text in texts if "METHOD:REPLY" in text]
