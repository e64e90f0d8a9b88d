{#-
    A person's name as people write it. A name all in capitals or all in lower case gets a capital
    after everything that is not a letter (`O'Brien`, `Smith-Jones`), `Mc` another one behind it,
    and II, III, IV stay numerals behind another word; a name in mixed case is as its bearer
    writes it and stays.
-#}
{% macro proper_name(x) -%}
    {{ return(adapter.dispatch('proper_name')(x)) }}
{%- endmacro %}

{% macro default__proper_name(x) -%}
    {%- set name = clean_text(x) -%}
    case
        when {{ name }} = upper({{ name }}) or {{ name }} = lower({{ name }})
            then array_to_string(list_transform(
                regexp_extract_all(lower({{ name }}), '[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+'),
                lambda word, place: case
                    when place > 1 and word in ('ii', 'iii', 'iv') then upper(word)
                    when length(word) > 2 and word[:2] = 'mc' then 'Mc' || upper(word[3]) || word[4:]
                    else upper(word[1]) || word[2:]
                end
            ), '')
        else {{ name }}
    end
{%- endmacro %}
