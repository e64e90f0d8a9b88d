{#-
    A wall clock that the practice's zone skips in spring or repeats in autumn, as a pair for
    problems(): seen by the hour behind it, which is none. `utc` is what to_utc made of it.
-#}
{% macro clock_problem(wall, utc, time_zone, field) -%}
    {#- No clock is changed by day, and most of what a practice does is done by day. -#}
    {{ return((
        'extract(hour from ' ~ wall ~ ') not between 5 and 20 and '
        ~ to_utc('(' ~ wall ~ ' + interval 1 hour)', time_zone) ~ ' - ' ~ utc ~ ' != interval 1 hour',
        problem('adjusted', field, wall),
    )) }}
{%- endmacro %}
