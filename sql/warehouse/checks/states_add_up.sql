-- title: Rates whose eight states don't add up to their rows
-- grain: one measure, stratum and value
-- reads: measures
SELECT measure_id, stratum, stratum_value, n
FROM measures
WHERE n <> n_excluded + n_not_applicable + n_indeterminate + n_met + n_exception + n_censored + n_pending + n_deviation
   OR n_unverified > n_not_applicable
ORDER BY measure_id, stratum, stratum_value;
