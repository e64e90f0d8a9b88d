"""Pages for people: self-contained HTML files of one look, for screen and paper."""
