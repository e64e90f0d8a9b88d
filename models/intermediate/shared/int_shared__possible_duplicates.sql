with pairs as (
    select * from {{ ref('int_shared__duplicate_pairs') }}
    where decision != 'apart'
),

groups as (
    select * from {{ ref('int_shared__patient_groups') }}
),

apart as (
    select
        pairs._practice,
        later.survivor_patid as patid,
        earlier.survivor_patid as other_patid,
        pairs.decision,
        pairs.why,
        later._file,
        later._line
    from pairs
    inner join groups as earlier
        on pairs._practice = earlier._practice and pairs.patid_a = earlier.patid
    inner join groups as later
        on pairs._practice = later._practice and pairs.patid_b = later.patid
    where earlier.survivor_patid != later.survivor_patid
),

-- Two records are one question, however many of their rows raise it.
final as (
    select
        _practice,
        patid,
        other_patid,
        min_by(why, (_file, _line, why)) as why,
        min(_file) as _file,
        min_by(_line, (_file, _line)) as _line
    from apart
    group by _practice, patid, other_patid
)

select * from final
