"""Maple Street Dental, a made-up practice that keeps its books in Dental-Exec."""
