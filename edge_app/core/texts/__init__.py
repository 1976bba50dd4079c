"""What people read on pictures and pages: one table per language, all with the same keys."""
