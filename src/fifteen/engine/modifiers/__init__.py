"""What stands beside a code on the line, and why: discipline (GP, GO, GN) and assistant (CQ, CO)."""
