-- title: Published rates that findings don't bear out
-- grain: one measure and stratum (overall, level_unspecified) whose counts, rate or interval differ
-- reads: stored.findings, stored.cases, stored.verdicts, measures
-- A second way to the numbers of transforms/rates.py, written independently: no row means that both agree.
WITH verdicts_of AS (
    -- few rows: the findings are counted by their verdict before a word is read
    SELECT v.measure_id, v.state, v.reason, f.is_vague, sum(f.n) AS n
    FROM (
        SELECT f.verdict, c.case_number IS NOT NULL AS is_vague, count(*) AS n
        FROM stored.findings AS f
        LEFT JOIN (SELECT case_number FROM stored.cases WHERE level = 'unspecified') AS c USING (case_number)
        GROUP BY f.verdict, is_vague
    ) AS f
    JOIN stored.verdicts AS v USING (verdict)
    GROUP BY v.measure_id, v.state, v.reason, f.is_vague
),
placed AS (
    SELECT *, 'overall' AS stratum FROM verdicts_of WHERE NOT is_vague OR measure_id = 'Q3'
    UNION ALL
    SELECT *, 'level_unspecified' FROM verdicts_of WHERE is_vague
),
counted AS (
    SELECT
        measure_id,
        stratum,
        sum(n) AS n,
        coalesce(sum(n) FILTER (state = 'excluded'), 0) AS n_excluded,
        coalesce(sum(n) FILTER (state = 'not_applicable'), 0) AS n_not_applicable,
        coalesce(sum(n) FILTER (state = 'indeterminate'), 0) AS n_indeterminate,
        coalesce(sum(n) FILTER (state = 'met'), 0) AS n_met,
        coalesce(sum(n) FILTER (state = 'exception'), 0) AS n_exception,
        coalesce(sum(n) FILTER (state = 'censored'), 0) AS n_censored,
        coalesce(sum(n) FILTER (state = 'pending'), 0) AS n_pending,
        coalesce(sum(n) FILTER (state = 'deviation'), 0) AS n_deviation,
        coalesce(sum(n) FILTER (
            state = 'not_applicable'
            AND reason IN ('no_deficit_recorded', 'no_instability_recorded', 'no_suspicion')
        ), 0) AS n_unverified
    FROM placed
    GROUP BY measure_id, stratum
),
rated AS (
    SELECT
        *,
        n_met / nullif(n_met + n_deviation, 0) AS rate,
        n_met / nullif(n_met + n_deviation + n_indeterminate, 0) AS worst,
        (n_met + n_indeterminate) / nullif(n_met + n_deviation + n_indeterminate, 0) AS best,
        n_met + n_deviation AS denominator,
        1.959963984540054 AS z
    FROM counted
),
bounded AS (
    SELECT
        *,
        -- Wilson 1927, as the centre and half width of the interval
        (rate + z * z / (2 * denominator)) / (1 + z * z / denominator) AS centre,
        z / (1 + z * z / denominator)
            * sqrt(rate * (1 - rate) / denominator + z * z / (4 * denominator * denominator)) AS half
    FROM rated
)
SELECT p.measure_id, p.stratum, p.n AS n_published, coalesce(b.n, 0) AS n_counted, p.rate AS rate_published, b.rate
FROM measures AS p
LEFT JOIN bounded AS b ON b.measure_id = p.measure_id AND b.stratum = p.stratum
WHERE p.stratum IN ('overall', 'level_unspecified')
  AND (
    p.n <> coalesce(b.n, 0)
    OR p.n_excluded <> coalesce(b.n_excluded, 0)
    OR p.n_not_applicable <> coalesce(b.n_not_applicable, 0)
    OR p.n_indeterminate <> coalesce(b.n_indeterminate, 0)
    OR p.n_met <> coalesce(b.n_met, 0)
    OR p.n_exception <> coalesce(b.n_exception, 0)
    OR p.n_censored <> coalesce(b.n_censored, 0)
    OR p.n_pending <> coalesce(b.n_pending, 0)
    OR p.n_deviation <> coalesce(b.n_deviation, 0)
    OR p.n_unverified <> coalesce(b.n_unverified, 0)
    OR p.numerator <> coalesce(b.n_met, 0)
    OR p.denominator <> coalesce(b.denominator, 0)
    OR p.rate IS DISTINCT FROM b.rate
    OR p.worst IS DISTINCT FROM b.worst
    OR p.best IS DISTINCT FROM b.best
    OR (p.wilson_low IS NULL) <> (b.centre IS NULL)
    OR abs(p.wilson_low - (b.centre - b.half)) > 1e-12
    OR abs(p.wilson_high - (b.centre + b.half)) > 1e-12
  )
ORDER BY p.measure_id, p.stratum;
