"""What moves data in and out: `load-raw` lands exports, `load-sf` moves finished marts."""
