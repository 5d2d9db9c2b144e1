"""What seems to be personal data in a text: detectors by kind, a child process that runs them, and what follows."""
