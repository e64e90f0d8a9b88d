{#-
    Rows whose primary key is `0`, which says "no row": they can be nobody's record. `keys` gives
    (object, column of the key) by staging model; the shape is what loose_problems takes.
-#}
{% macro rows_without_key(keys) -%}
    {%- for model, (object, key) in keys.items() %}
    select
        _practice,
        _file,
        _line,
        '{{ object }}' as object,
        null::varchar as key,
        {{ problem('missing_required', 'Migration_Key__c', "'0'", held_back=true) }} as found
    from {{ ref(model) }}
    where {{ key }} is null
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
