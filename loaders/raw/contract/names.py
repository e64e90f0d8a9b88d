"""How names are compared (without case, blanks and punctuation), and how products are called."""


def plain(name: str) -> str:
    """The part of a name that counts: `Patient_ID ` and `patient id` are both `patientid`."""
    return "".join(c for c in name.casefold() if c.isalnum())


def product_name(system: str, product: str) -> str:
    """What a product is called in messages; Dental-Exec has but one."""
    return system if system == product else f"{system} {product}"
