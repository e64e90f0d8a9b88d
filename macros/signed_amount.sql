{#-
    An amount as Salesforce has it, + being what is owed more: turned where charges are negative in
    the practice's files, and turned where it is a payment of a set that knows no signs.
-#}
{% macro signed_amount(amount, is_unsigned_payment, ledger_sign) -%}
    case
        when ({{ is_unsigned_payment }}) = coalesce({{ ledger_sign }} = 'charges_negative', false)
            then {{ amount }}
        else -{{ amount }}
    end
{%- endmacro %}
