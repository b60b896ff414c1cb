"""One queue of work to do later, and what was asked once already."""
