-- title: One measure at every site, with interval; in the order of the names, not a ranking
-- grain: one site
-- reads: site_summary
-- parameter measure: the measure, default F1
-- parameter min_denominator: below this a rate is not shown, default 25
SELECT
    site_id, measure_id, title, n, n_indeterminate, n_pending, numerator, denominator,
    CASE WHEN denominator >= coalesce(getvariable('min_denominator'), 25) THEN rate END AS rate,
    CASE WHEN denominator >= coalesce(getvariable('min_denominator'), 25) THEN wilson_low END AS wilson_low,
    CASE WHEN denominator >= coalesce(getvariable('min_denominator'), 25) THEN wilson_high END AS wilson_high,
    denominator < coalesce(getvariable('min_denominator'), 25) AS is_too_few
FROM site_summary
WHERE measure_id = coalesce(getvariable('measure'), 'F1')
ORDER BY site_id;
