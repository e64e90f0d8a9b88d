{#- Patient_Status__c of a Dentrix patient's status code; null where the code says nothing. -#}
{% macro dentrix_patient_status(code) -%}
    case {{ clean_text(code) }}
        when '1' then 'Active'
        when '2' then 'Non-Patient'
        when '3' then 'Inactive'
        when '4' then 'Archived'
    end
{%- endmacro %}
