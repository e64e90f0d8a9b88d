{#-
    The UTC time at which a wall clock in `time_zone` shows `ts`. In the hour that autumn repeats
    it is the first of the two; in the one that spring skips, an hour later on the clock.
-#}
{% macro to_utc(ts, time_zone) -%}
    {{ return(adapter.dispatch('to_utc')(ts, time_zone)) }}
{%- endmacro %}

{% macro default__to_utc(ts, time_zone) -%}
    {#-
        DuckDB takes the second of two instants. The first is the one that the offset of the day
        before leads to, where that instant shows the wanted time at all. No clock is changed by
        day: there the two are one.
    -#}
    {%- set second -%} timezone('UTC', timezone({{ time_zone }}, {{ ts }})) {%- endset -%}
    {%- set day_before -%} ({{ second }} - interval 1 day) {%- endset -%}
    {%- set first -%}
        ({{ ts }} - (timezone({{ time_zone }}, timezone('UTC', {{ day_before }})) - {{ day_before }}))
    {%- endset -%}
    case
        when extract(hour from {{ ts }}) between 5 and 20 then {{ second }}
        when timezone({{ time_zone }}, timezone('UTC', {{ first }})) = {{ ts }} then {{ first }}
        else {{ second }}
    end
{%- endmacro %}
