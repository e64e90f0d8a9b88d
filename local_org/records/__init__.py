"""What becomes of records: one set-wise save for Bulk, REST and Collections, and deletes."""
