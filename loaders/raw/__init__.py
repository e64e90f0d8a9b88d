"""load-raw: lands export sets as Parquet, all text, whole sets or nothing."""
