"""The API's operations: one table, from which the routes and the OpenAPI document are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.web.api import duties, held, posts, resources, rooms, why, withdraw

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call

Schema = Mapping[str, Any]
Handler = Callable[["Call"], Awaitable["Response"]]
TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
ITEM_ID: Schema = {"type": "string", "description": "The post's name in the portal's addresses."}
MESSAGE_ID: Schema = {"type": "string", "description": "RFC 5322 Message-ID with angle brackets."}


def record(**properties: Schema) -> Schema:
    """An object with these fields, all of them always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def records(**properties: Schema) -> Schema:
    """A list of such objects."""
    return {"type": "array", "items": record(**properties)}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answers` are the faults by status; `takes` and `gives` schemas of JSON bodies."""

    method: str
    path: str
    handler: Handler
    name: str
    summary: str
    gives: Schema | None
    answers: tuple[int, ...] = ()
    takes: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)


DECISION: Schema = {
    "type": "object",
    "properties": {
        "decision": {"type": "string", "enum": ["approve", "refuse"]},
        "reason": {"type": "string", "maxLength": 1000, "description": "What the author is told."},
    },
    "required": ["decision"],
    "additionalProperties": False,
}
WITHDRAWAL: Schema = {
    "type": "object",
    "properties": {"reason": {"type": "string", "maxLength": 1000, "description": "Kept on record."}},
    "additionalProperties": False,
}
ANSWER: Schema = {
    "type": "object",
    "properties": {"decision": {"type": "string", "enum": ["accept", "decline"]}},
    "required": ["decision"],
    "additionalProperties": False,
}
END: Schema = {"type": "string", "description": "A time (RFC 3339), or empty for what has no end."}
DUTIES: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/contact-points",
        duties.contact_points,
        "listContactPoints",
        "Whom to ask at each body, about everything or one area; `now` is who is on duty, empty outside the hours.",
        records(
            body=TEXT,
            area=TEXT,
            holder=TEXT,
            deputies={"type": "array", "items": TEXT},
            now=TEXT,
            opens=TEXT,
            zone=TEXT,
        ),
    ),
    Operation(
        "GET",
        "/postings",
        duties.postings,
        "listPostings",
        "Liaison officers by host country (ISO 3166-1), planned postings too.",
        records(
            id={"type": "integer"},
            official=TEXT,
            body=TEXT,
            country=TEXT,
            city=TEXT,
            seat=TEXT,
            duties=TEXT,
            planned={"type": "boolean"},
            **{"from": TIME},
            until=END,
            serves={"type": "array", "items": TEXT},
            areas={"type": "array", "items": TEXT},
            interested={"type": "array", "items": TEXT},
        ),
    ),
    Operation(
        "GET",
        "/duties",
        duties.mine,
        "getDuties",
        "The caller's roles, and the hand-overs from or to them that are under way.",
        record(
            held=records(role=TEXT, **{"for": TEXT}, until=END),
            hand_overs=records(id=TEXT, giver=TEXT, taker=TEXT, state=TEXT, note=TEXT),
        ),
    ),
    Operation(
        "POST",
        "/hand-overs/{id}",
        duties.answer_hand_over,
        "answerHandOver",
        "Take over what is offered to the caller, or decline it.",
        record(id=TEXT, state={"type": "string", "enum": ["done", "accepted", "declined"]}),
        answers=(403, 404, 409, 413, 415, 422),
        takes=ANSWER,
    ),
)
OWN: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/held",
        held.queue,
        "listHeld",
        "The held posts that the caller moderates, oldest first.",
        records(id=ITEM_ID, message_id=MESSAGE_ID, room=TEXT, author=TEXT, received=TIME),
    ),
    Operation(
        "POST",
        "/held/{id}",
        held.decide,
        "decideHeld",
        "Approve or refuse a held post.",
        record(id=ITEM_ID, state={"type": "string", "enum": ["published", "refused"]}),
        answers=(403, 404, 409, 413, 415, 422),
        takes=DECISION,
    ),
    Operation(
        "GET",
        "/posts/{message_id}/raw",
        posts.raw,
        "getRaw",
        "The stored bytes of a post, exactly as they were received.",
        None,
        answers=(404,),
    ),
    Operation(
        "POST",
        "/posts/{message_id}/withdraw",
        withdraw.withdraw,
        "withdrawPost",
        "Take back a post, in every room where the caller may.",
        record(message_id=MESSAGE_ID, state={"type": "string", "enum": ["withdrawn"]}),
        answers=(403, 404, 409, 413, 415, 422),
        takes=WITHDRAWAL,
    ),
    Operation(
        "GET",
        "/resources",
        resources.all_resources,
        "listResources",
        "What the caller may book, by an invitation to its address.",
        records(address=TEXT, name=TEXT, capacity={"type": "integer"}, zone=TEXT, areas=records(code=TEXT, name=TEXT)),
    ),
    Operation(
        "GET",
        "/resources/{address}/bookings",
        resources.bookings,
        "listBookings",
        "When a resource is taken. Summary, organiser and marking are empty where the caller may not read the booking.",
        records(start=TIME, end=TIME, summary=TEXT, organiser=TEXT, marking=TEXT),
        answers=(404, 422),
        query={
            "from": {"type": "string", "format": "date", "description": "The first day, in the resource's local time."},
            "to": {"type": "string", "format": "date", "description": "The last day, at most 366 days later."},
        },
    ),
    Operation(
        "GET",
        "/rooms",
        rooms.all_rooms,
        "listRooms",
        "The rooms that the caller may enter.",
        records(code=TEXT, name=TEXT, moderated={"type": "boolean"}, marking=TEXT),
    ),
    Operation(
        "GET",
        "/rooms/{code}/posts",
        rooms.posts,
        "listPosts",
        "The newest posts of a room, at most fifty, newest first.",
        records(
            id=ITEM_ID,
            message_id=MESSAGE_ID,
            room=TEXT,
            author=TEXT,
            author_name=TEXT,
            subject=TEXT,
            marking=TEXT,
            sent=TIME,
            published=TIME,
        ),
        answers=(404,),
        query={"before": {"type": "string", "description": "The id of a post: list those older than it."}},
    ),
    Operation(
        "GET",
        "/why",
        why.explain,
        "explain",
        "May the caller do this, and which rules say so?",
        record(allowed={"type": "boolean"}, rules=records(rule=TEXT, sentence=TEXT)),
        answers=(404, 422),
        query={
            "action": {"type": "string", "enum": why.ACTIONS},
            "item": {
                "type": "string",
                "description": "A room's code, a post's Message-ID or id, a login or an address.",
            },
        },
    ),
)
OPERATIONS = (*OWN, *DUTIES)
