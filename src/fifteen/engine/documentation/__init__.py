"""What a note must hold, checked against the services billed, with the law beside each check."""
