{#- The problems of one mart's rows, one row each, in the shape of the correction report. -#}
{% macro problems_of(mart, object) -%}
    select
        mart._practice as practice,
        coalesce(found.problem.file, mart._file) as file,
        coalesce(found.problem.line, mart._line) as line,
        '{{ object }}' as object,
        mart."Migration_Key__c" as key,
        found.problem.field as field,
        found.problem.class as class,
        found.problem.held_back as held_back,
        found.problem."value" as "value",
        found.problem.action as action
    from {{ mart }} as mart
    cross join unnest(mart._problems) as found (problem)
{%- endmacro %}
