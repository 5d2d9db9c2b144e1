"""The numbers of LDAP: what is asked, how it ends, and what is named by an object identifier (RFC 4511, appendix B)."""

from __future__ import annotations

from enum import IntEnum


class Op(IntEnum):
    """The tag of a protocolOp, class and form included (RFC 4511 4.2 to 4.14)."""

    BIND = 0x60
    BIND_RESPONSE = 0x61
    UNBIND = 0x42
    SEARCH = 0x63
    ENTRY = 0x64
    SEARCH_DONE = 0x65
    MODIFY = 0x66
    MODIFY_RESPONSE = 0x67
    ADD = 0x68
    ADD_RESPONSE = 0x69
    DELETE = 0x4A
    DELETE_RESPONSE = 0x6B
    RENAME = 0x6C
    RENAME_RESPONSE = 0x6D
    COMPARE = 0x6E
    COMPARE_RESPONSE = 0x6F
    ABANDON = 0x50
    EXTENDED = 0x77
    EXTENDED_RESPONSE = 0x78


ANSWERS: dict[int, Op] = {
    Op.BIND: Op.BIND_RESPONSE,
    Op.SEARCH: Op.SEARCH_DONE,
    Op.MODIFY: Op.MODIFY_RESPONSE,
    Op.ADD: Op.ADD_RESPONSE,
    Op.DELETE: Op.DELETE_RESPONSE,
    Op.RENAME: Op.RENAME_RESPONSE,
    Op.COMPARE: Op.COMPARE_RESPONSE,
    Op.EXTENDED: Op.EXTENDED_RESPONSE,
}
"""In which kind a request is answered; Unbind and Abandon are not."""


class Code(IntEnum):
    """How an operation ended (RFC 4511 4.1.9, appendix A)."""

    SUCCESS = 0
    OPERATIONS_ERROR = 1
    PROTOCOL_ERROR = 2
    TIME_LIMIT_EXCEEDED = 3
    SIZE_LIMIT_EXCEEDED = 4
    COMPARE_FALSE = 5
    COMPARE_TRUE = 6
    AUTH_METHOD_NOT_SUPPORTED = 7
    STRONGER_AUTH_REQUIRED = 8
    ADMIN_LIMIT_EXCEEDED = 11
    UNAVAILABLE_CRITICAL_EXTENSION = 12
    CONFIDENTIALITY_REQUIRED = 13
    NO_SUCH_ATTRIBUTE = 16
    UNDEFINED_ATTRIBUTE_TYPE = 17
    INAPPROPRIATE_MATCHING = 18
    NO_SUCH_OBJECT = 32
    INVALID_DN_SYNTAX = 34
    INVALID_CREDENTIALS = 49
    INSUFFICIENT_ACCESS_RIGHTS = 50
    BUSY = 51
    UNAVAILABLE = 52
    UNWILLING_TO_PERFORM = 53
    OTHER = 80


START_TLS = "1.3.6.1.4.1.1466.20037"  # RFC 4511 4.14
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"  # RFC 4532
NOTICE_OF_DISCONNECTION = "1.3.6.1.4.1.1466.20036"  # RFC 4511 4.4.1
PAGED_RESULTS = "1.2.840.113556.1.4.319"  # RFC 2696
MANAGE_DSA_IT = "2.16.840.1.113730.3.4.2"  # RFC 3296: there are no referrals here, so it changes nothing
ALL_OPERATIONAL = "1.3.6.1.4.1.4203.1.5.1"  # RFC 3673
TRUE_FALSE_FILTERS = "1.3.6.1.4.1.4203.1.5.3"  # RFC 4526
LDAP_VERSION = 3
