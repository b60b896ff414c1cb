"""What a clinic keeps: its people, its patients, notes that never change, and the trail of who did what."""
