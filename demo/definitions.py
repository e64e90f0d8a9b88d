"""What the practice defined for itself: the words behind the codes in its tables."""

DEFINITIONS: dict[str, tuple[dict[str, str], ...]] = {
    "specialty": (
        {"defid": "1", "description": "General Practice"},
        {"defid": "2", "description": "Hygienist"},
        {"defid": "3", "description": "Orthodontics"},
        {"defid": "4", "description": "Endodontics"},
        {"defid": "5", "description": "Oral Surgery"},
    ),
    "operatory": (
        {"op_id": "OP-1", "op_title": "Hygiene 1"},
        {"op_id": "OP-2", "op_title": "Chair by the window"},
    ),
    "appt_status": (
        {"defid": "1", "descript": "Confirmed"},
        {"defid": "2", "descript": "Unconfirmed"},
    ),
    "appt_type": (
        {"defid": "1", "descript": "Hygiene"},
        {"defid": "2", "descript": "Restorative"},
        {"defid": "3", "descript": "New patient"},
    ),
    "payment_type": (
        {"def_id": "1", "descript": "Check payment, thank you"},
        {"def_id": "2", "descript": "Dental insurance payment"},
    ),
    "txcase_status": (
        {"defid": "1", "descript": "Proposed"},
        {"defid": "2", "descript": "Accepted"},
        {"defid": "3", "descript": "On hold with the fairies"},
    ),
    "doccat": (
        {"dcdoctypeid": "1", "name": "Medical history"},
        {"dcdoctypeid": "2", "name": "X-rays"},
    ),
    "medalert": (
        {"defid": "0", "descript": "Penicillin"},
        {"defid": "1", "descript": "Pacemaker"},
        {"defid": "31", "descript": "Blood thinner"},
    ),
    "hhitem": (
        {"itemid": "1", "hhtype": "2", "description": "Penicillin", "critical": "1"},
        {"itemid": "2", "hhtype": "1", "description": "Asthma", "critical": "1"},
        {"itemid": "3", "hhtype": "2", "description": "Latex", "critical": "1"},
        {"itemid": "4", "hhtype": "3", "description": "Warfarin; daily", "critical": "0"},
    ),
    "recalltype": (
        {"recallid": "1", "patid": "0", "name": "PROPHY", "descript": "Cleaning and checkup",
         "unit": "months", "qty": "6", "provtype": "2", "status": "1"},
        {"recallid": "2", "patid": "0", "name": "PERIO", "descript": "Gum care",
         "unit": "months", "qty": "3", "provtype": "2", "status": "1"},
        {"recallid": "3", "patid": "0", "name": "BITEWINGS", "descript": "Pictures",
         "unit": "years", "qty": "1", "provtype": "1", "status": "1"},
    ),
}  # fmt: skip
"""Table to its rows."""
