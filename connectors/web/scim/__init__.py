"""SCIM 2.0 (RFC 7643, RFC 7644) for national identity systems, at /scim/v2 of the web door."""
