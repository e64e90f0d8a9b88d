{{ note_parts(ref('int_dental_exec__note_rows')) }}
