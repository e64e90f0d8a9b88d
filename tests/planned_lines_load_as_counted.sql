-- A plan adds up the lines that load before the mart says which do: both must say the same.
select
    lines._practice,
    lines.procedure_id,
    lines.is_loaded,
    records._held_back
from {{ ref('int_dentrix__procedures') }} as lines
inner join {{ ref('dentrix__procedure') }} as records
    on {{ migration_key('lines._practice', 'procedure', 'lines.procedure_id') }} = records."Migration_Key__c"
where lines.plan_id is not null and lines.is_loaded = records._held_back
