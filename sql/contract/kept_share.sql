-- Title:  The share of the landed rows that belong to the patients who are kept, by the conditions
-- Grain:  one row
-- Reads:  raw.conditions, contract.kept
SELECT coalesce(count(*) FILTER (WHERE patient_id IN (SELECT patient_id FROM contract.kept)) / nullif(count(*), 0), 0)
FROM raw.conditions;
