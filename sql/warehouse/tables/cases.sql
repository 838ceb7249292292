-- title: The audited cases, and those of unspecified level
-- grain: one case
-- reads: stored.cases
CREATE VIEW cases AS
SELECT
    case_id, patient_id, display_id, level, levels_same_episode, t0, dx_at, m3_date, conservative_start,
    treatment_start, end_date, end_reason, aetiology, case_basis, age_at_t0, sex, race, ethnicity, language, payer,
    site_id, previous_case_id, audited, disposition
FROM stored.cases;
