with ledger as (
    select * from {{ ref('int_dentrix__ledger') }}
),

-- What is held back anyway names no family and no procedure: its own problem is reported, once.
shaped as (
    select
        {{ migration_key('_practice', 'ledger', 'ledger_id') }} as "Migration_Key__c",
        {{ migration_key('_practice', 'patient', 'patid') }} as "Contact__r.Migration_Key__c",
        case when patient_is_loaded then {{ migration_key('_practice', 'family', 'family_patid') }} end
            as "Account__r.Migration_Key__c",
        transaction_type as "Transaction_Type__c",
        amount as "Amount__c",
        insurance_payment as "Insurance_Payment__c",
        patient_payment as "Patient_Payment__c",
        case when patient_is_loaded then {{ migration_key('_practice', 'procedure', 'procedure_id') }} end
            as "Procedure_Link__r.Migration_Key__c",
        ledger_date as "Ledger_Date__c",
        entry_date as "Entry_Date__c",
        description as "Description__c",
        _practice,
        _file,
        _line,
        _found
    from ledger
),

final as (
    {{ checked(
        'shaped', parents=[ref('dentrix__patient'), ref('dentrix__family'), ref('dentrix__procedure')]
    ) }}
)

select * from final
