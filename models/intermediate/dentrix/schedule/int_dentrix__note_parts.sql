{{ note_parts(ref('int_dentrix__note_rows')) }}
