-- title: The counts and rates of all strata; nothing is suppressed
-- grain: one measure, stratum and value
-- reads: measures
FROM measures
ORDER BY measure_id, stratum, stratum_value;
