-- title: How far a group's rate lies from the rest's
-- grain: one value of a stratum
-- reads: measures
-- parameter measure: the measure, default F1
-- parameter stratum: case_basis, age_band, sex, race, ethnicity, language, payer or site_id, default sex
-- parameter min_denominator: where the group or the rest has fewer, it is too few to tell, default 25
-- column gap: Rate of the group minus rate of all others, a difference of proportions; null where too few.
-- Wald interval of the difference; it is a screen, the report's figures carry the interval that counts.
WITH part AS (
    SELECT
        stratum_value,
        numerator AS x, denominator AS n, rate AS p,
        sum(numerator) OVER () - numerator AS rest_x,
        sum(denominator) OVER () - denominator AS rest_n
    FROM measures
    WHERE measure_id = coalesce(getvariable('measure'), 'F1')
      AND stratum = coalesce(getvariable('stratum'), 'sex')
),
gap AS (
    SELECT
        *,
        rest_x / nullif(rest_n, 0) AS rest_p,
        least(n, rest_n) < coalesce(getvariable('min_denominator'), 25) AS is_too_few
    FROM part
)
SELECT
    stratum_value, x AS numerator, n AS denominator, p AS rate, rest_p AS rate_of_the_rest, is_too_few,
    CASE WHEN NOT is_too_few THEN p - rest_p END AS gap,
    CASE WHEN NOT is_too_few
        THEN p - rest_p - 1.959963984540054 * sqrt(p * (1 - p) / n + rest_p * (1 - rest_p) / rest_n) END AS gap_low,
    CASE WHEN NOT is_too_few
        THEN p - rest_p + 1.959963984540054 * sqrt(p * (1 - p) / n + rest_p * (1 - rest_p) / rest_n) END AS gap_high
FROM gap
ORDER BY stratum_value;
