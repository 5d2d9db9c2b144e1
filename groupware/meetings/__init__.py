"""Booking by invitation: what a calendar message asks for, whether the resource is free, and the answer."""
