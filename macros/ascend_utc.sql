{#-
    An Ascend time (`2016-04-20T01:14:04.737Z`) as UTC, to the second. One without a zone is UTC,
    one with an offset is brought to it. Null where it says "none" or cannot be read; `read`: a
    column that holds read_timestamp's answer already.
-#}
{% macro ascend_utc(x, read=none) -%}
    {{ return(adapter.dispatch('ascend_utc')(x, read)) }}
{%- endmacro %}

{% macro default__ascend_utc(x, read=none) -%}
    {{ parse_timestamp(x, time_zone="'UTC'", read=read) }}
{%- endmacro %}
