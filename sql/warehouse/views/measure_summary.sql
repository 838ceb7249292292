-- title: Every measure with its overall counts and rate
-- grain: one measure
-- reads: measures, measure_catalogue
-- column title: The measure's name in words.
-- column n_level_unspecified: Rows of cases whose level no code states: in no count to the left, but Q3's.
-- column n_level_unspecified_deviation: Those of them that deviate.
CREATE VIEW measure_summary AS
SELECT
    c.position, c.measure_id, c.title, c.force, c.severity, c.unit,
    o.n, o.n_excluded, o.n_not_applicable, o.n_indeterminate, o.n_met, o.n_exception, o.n_censored, o.n_pending,
    o.n_deviation, o.n_unverified, o.numerator, o.denominator, o.rate, o.wilson_low, o.wilson_high, o.worst, o.best,
    u.n AS n_level_unspecified, u.n_deviation AS n_level_unspecified_deviation,
    c.cited_line, c.quote, c.conflict
FROM measure_catalogue AS c
JOIN measures AS o ON o.measure_id = c.measure_id AND o.stratum = 'overall'
JOIN measures AS u ON u.measure_id = c.measure_id AND u.stratum = 'level_unspecified';
