-- title: Published rates that findings don't bear out
-- grain: one measure and stratum (overall, level_unspecified) whose counts, rate or interval differ
-- reads: findings, measures
-- A second way to the numbers of transforms/rates.py, written independently: no row means that both agree.
WITH counted AS (
    SELECT
        measure_id,
        'overall' AS stratum,
        count(*) AS n,
        count(*) FILTER (state = 'excluded') AS n_excluded,
        count(*) FILTER (state = 'not_applicable') AS n_not_applicable,
        count(*) FILTER (state = 'indeterminate') AS n_indeterminate,
        count(*) FILTER (state = 'met') AS n_met,
        count(*) FILTER (state = 'exception') AS n_exception,
        count(*) FILTER (state = 'censored') AS n_censored,
        count(*) FILTER (state = 'pending') AS n_pending,
        count(*) FILTER (state = 'deviation') AS n_deviation,
        count(*) FILTER (
            state = 'not_applicable'
            AND reason IN ('no_deficit_recorded', 'no_instability_recorded', 'no_suspicion')
        ) AS n_unverified
    FROM findings
    WHERE level <> 'unspecified' OR measure_id = 'Q3'
    GROUP BY measure_id
    UNION ALL
    SELECT
        measure_id,
        'level_unspecified',
        count(*),
        count(*) FILTER (state = 'excluded'),
        count(*) FILTER (state = 'not_applicable'),
        count(*) FILTER (state = 'indeterminate'),
        count(*) FILTER (state = 'met'),
        count(*) FILTER (state = 'exception'),
        count(*) FILTER (state = 'censored'),
        count(*) FILTER (state = 'pending'),
        count(*) FILTER (state = 'deviation'),
        count(*) FILTER (
            state = 'not_applicable'
            AND reason IN ('no_deficit_recorded', 'no_instability_recorded', 'no_suspicion')
        )
    FROM findings
    WHERE level = 'unspecified'
    GROUP BY measure_id
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
