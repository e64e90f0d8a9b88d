{#-
    What can be wrong with where on the teeth work is, as pairs for problems(): a tooth or a surface
    that there is none of. `tooth` is what was made of the written one, `letters` what
    written_surfaces made of the surfaces.
-#}
{% macro tooth_problems(written_tooth, tooth, written_surfaces, letters) -%}
    {{ return([
        (
            id_or_null(written_tooth) ~ " is not null and " ~ tooth ~ " is null",
            problem('out_of_range', 'Tooth__c', written_tooth),
        ),
        (
            letters ~ " is not null and not " ~ fully_matches(letters, "'[MOIDBFL5]+'"),
            problem('out_of_range', 'Surface__c', written_surfaces),
        ),
    ]) }}
{%- endmacro %}
