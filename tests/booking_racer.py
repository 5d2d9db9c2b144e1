"""One of many processes that book one room at once: it inserts, or moves what is there, and looks at nothing before.

`python booking_racer.py WHERE SEED ATTEMPTS` prints how many of its attempts the database let through.
"""

from __future__ import annotations

import random
import sqlite3
import sys

import psycopg

HALF_HOUR = 1_800_000_000
HALF_HOURS = 48 * 120
LONGEST = 6
TAKE = "INSERT INTO occurrence (resource, booking, recurrence, t0, t1) VALUES (1, 1, ?, ?, ?)"
MOVE = "UPDATE occurrence SET t0 = ?, t1 = ? WHERE id = ?"
REFUSED = (sqlite3.IntegrityError, psycopg.errors.ExclusionViolation, psycopg.errors.DeadlockDetected)
Connection = sqlite3.Connection | psycopg.Connection[tuple[object, ...]]


def connect(where: str) -> Connection:
    """A file of SQLite, or a database of PostgreSQL."""
    if where.startswith("postgresql:"):
        return psycopg.connect(where, autocommit=True)
    connection = sqlite3.connect(where, timeout=60, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def race(where: str, seed: int, attempts: int) -> int:
    """How many of so many attempts were let through."""
    chance, booked, connection = random.Random(seed), 0, connect(where)
    mark = "%s" if where.startswith("postgresql:") else "?"
    take, move = TAKE.replace("?", mark), MOVE.replace("?", mark)
    for number in range(attempts):
        start = chance.randrange(HALF_HOURS) * HALF_HOUR
        end = start + chance.randint(1, LONGEST) * HALF_HOUR
        try:
            if number % 10:
                connection.execute(take, (seed * attempts + number, start, end))
            else:
                connection.execute(move, (start, end, chance.randrange(1, 500)))
            booked += 1
        except REFUSED:
            continue
    return booked


if __name__ == "__main__":
    print(race(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
