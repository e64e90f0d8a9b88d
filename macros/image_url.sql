{#-
    The address of an image: its path behind the practice's base address, percent-encoded, `\` as
    `/`. Of a path that is an address itself only what stands behind the host counts. Null without
    a base or a path, and where the path leads out of its folder: see is_hostile_path.
-#}
{% macro image_url(base, path) -%}
    {{ return(adapter.dispatch('image_url')(base, path)) }}
{%- endmacro %}

{% macro default__image_url(base, path) -%}
    {%- set plain -%}
        regexp_replace(
            regexp_replace(replace({{ path }}, '\', '/'), '^(?i)https?://[^/]*([^?#]*).*$', '\1'),
            '^/+', ''
        )
    {%- endset -%}
    case
        when not {{ is_hostile_path(path) }} then {{ base }}
            || case when right({{ base }}, 1) = '/' or contains({{ base }}, '?') then '' else '/' end
            || replace(url_encode({{ plain }}), '%2F', '/')
    end
{%- endmacro %}

{#- Whether a path climbs out of its folder (`..`), or holds control characters. -#}
{% macro is_hostile_path(path) -%}
    {{ return(adapter.dispatch('is_hostile_path')(path)) }}
{%- endmacro %}

{% macro default__is_hostile_path(path) -%}
    regexp_matches({{ path }}, '(^|[\\/])[.][.]($|[\\/])|[\x00-\x1F\x7F]')
{%- endmacro %}
