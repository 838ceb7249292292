-- title: Act now
-- grain: one gap that can still be closed in time, or at all
-- reads: gap_rows
-- column finding_key: The gap's identity; it stays the same over the nights.
-- column display_id: What the ward calls the patient; where the record has no such number, the patient's id.
-- column in_house: Where the patient lies now and since when; empty: no stay goes on.
-- column unit: Where it was triggered: site and ward or clinic.
-- column case: Level of the fracture, and the day on which it began.
-- column measure: The measure in words.
-- column severity: What the finding weighs.
-- column why: The verdict in a sentence, its dates, the rows that decided it.
-- column closes: What would close it.
-- column due: The deadline, local time.
-- column due_in_words: The deadline beside the data cut, and how far the feeds are loaded that would show it done.
-- column days_open: Days from the deadline to the data cut; empty where something was done, or nothing was due.
-- column change: new, or persisting since an earlier night.
-- column folded: Gaps of the same case that rest on one of the same rows; look for them in the same chart.
SELECT
    finding_key, display_id, in_house, unit, "case", measure, severity, why, closes, due, due_in_words, days_open,
    change, folded
FROM gap_rows
WHERE page = 1
ORDER BY is_in_house DESC, due_local NULLS FIRST, weight, case_id, gravity;
