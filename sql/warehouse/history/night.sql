-- title: Tonight among the nights
-- grain: one night
-- reads: merged.stored.night, merged.stored.findings
INSERT INTO nights
SELECT
    coalesce((SELECT max(night) FROM nights), 0) + 1, run_id, $as_of, previous_run_id, rules, value_sets, parameters,
    (SELECT count(*) FROM merged.stored.findings)
FROM merged.stored.night;
