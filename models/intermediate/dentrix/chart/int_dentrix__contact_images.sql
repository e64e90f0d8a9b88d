with images as (
    select * from {{ ref('int_dentrix__images') }}
    where outcome = 'image' and {{ utf16_length('url') }} <= 255
),

-- Of several of one day the last that was filed.
final as (
    select
        _practice,
        patid,
        arg_max(
            url,
            (coalesce(captured_date, date '0001-01-01'), coalesce(try_cast(docid as ubigint), 0), docid)
        ) as source_imaging_url
    from images
    group by _practice, patid
)

select * from final
