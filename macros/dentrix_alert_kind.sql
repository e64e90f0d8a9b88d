{#- Kind__c of a Dentrix alert's type; null where the code says nothing known. -#}
{% macro dentrix_alert_kind(code) -%}
    case {{ parse_integer(code) }}
        when 1 then 'Problem'
        when 2 then 'Allergy'
        when 3 then 'Medication'
    end
{%- endmacro %}
