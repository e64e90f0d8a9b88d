{#-
    The date of an Ascend time on the practice's calendar. A date without a time, and midnight UTC
    to the millisecond, is a date as it is written (**assumption**: only a date field says so).
-#}
{% macro ascend_date(x, time_zone, birth=false, today='current_date', read=none) -%}
    {{ return(adapter.dispatch('ascend_date')(x, time_zone, birth, today, read)) }}
{%- endmacro %}

{% macro default__ascend_date(x, time_zone, birth=false, today='current_date', read=none) -%}
    case
        when regexp_matches({{ x }}, '[T ]00:00(:00([.]0*)?)? *(Z|z|[+]00:?00)?\s*$')
            then {{ parse_date(x, birth, today, read) }}
        else ({{ parse_timestamp(x, birth, today, time_zone=time_zone, read=read) }})::date
    end
{%- endmacro %}
