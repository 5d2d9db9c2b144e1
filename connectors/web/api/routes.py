"""The API's operations: one table, from which the routes and the OpenAPI document are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.api import (
    acknowledge,
    area_rooms,
    areas,
    bodies,
    contact_points,
    drafting,
    duties,
    glass,
    held,
    leaving,
    mark,
    people,
    postings,
    posts,
    releases,
    resources,
    retention,
    roles,
    rooms,
    unconfirmed,
    why,
    withdraw,
)
from connectors.web.api.operation import NUMBER, TEXT, TIME, Operation, one_of, record, records
from groupware.chain import DRAFT_RULES

if TYPE_CHECKING:
    from connectors.web.api.operation import Schema

ITEM_ID: Schema = {"type": "string", "description": "The post's name in the portal's addresses."}
MESSAGE_ID: Schema = {"type": "string", "description": "RFC 5322 Message-ID with angle brackets."}
BODIES = records(code=TEXT, name=TEXT, officials=NUMBER, units=records(name=TEXT, officials=NUMBER))
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
        "POST",
        "/posts/{message_id}/mark",
        mark.mark,
        "markPost",
        "Mark a post anew, for the unit that owns it, in every room where the caller may.",
        record(message_id=MESSAGE_ID, marking=TEXT, handling=TEXT, state=one_of("marked", "asked")),
        answers=(403, 404, 409, 413, 415, 422),
        takes=mark.MARKED,
        strong=True,
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
            handling=TEXT,
            sent=TIME,
            published=TIME,
        ),
        answers=(404,),
        query={"before": {"type": "string", "description": "The id of a post: list those older than it."}},
    ),
    Operation(
        "GET",
        "/rooms/{code}/readers",
        rooms.readers,
        "previewReaders",
        "Who could read a post of the caller's in this room, before it is sent, and who has to authorise it first.",
        record(
            marking=TEXT,
            handling=TEXT,
            officials=NUMBER,
            by_mail=NUMBER,
            bodies=BODIES,
            waits=one_of("", *sorted(DRAFT_RULES)),
            authorisers=BODIES,
        ),
        answers=(403, 404),
        query={
            "marking": {"type": "string", "description": "Such as TLP:RED; the room's own if that is stricter."},
            "handling": {"type": "string", "description": "H0 to H3; the room's own if that is stricter."},
            "answers": {"type": "string", "description": "The id of the post that it answers."},
        },
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
    Operation(
        "GET",
        "/audit/why",
        why.explain_other,
        "explainOther",
        "For security officers: may somebody of their own body do this to a post or a room, and which rules say so?",
        record(allowed={"type": "boolean"}, rules=records(rule=TEXT, sentence=TEXT)),
        answers=(403, 404, 422),
        query={
            "login": {"type": "string", "description": "Of an official of the caller's body."},
            "action": {"type": "string", "enum": why.OF_OTHERS},
            "item": {"type": "string", "description": "A room's code, a post's Message-ID or id."},
        },
        strong=True,
    ),
)
PARTS = (
    retention,
    *(drafting, mark, unconfirmed, people, bodies, areas, area_rooms, duties, contact_points, postings, releases),
    *(roles, leaving, glass, acknowledge),
)
OPERATIONS = (*OWN, *(operation for part in PARTS for operation in part.OPERATIONS))
