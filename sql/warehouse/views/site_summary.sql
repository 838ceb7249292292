-- title: Every measure by site, with its interval; not a ranking
-- grain: one site and measure
-- reads: measures, measure_catalogue
-- column site_id: Site of the case; `unknown` where the extract names none.
-- column title: The measure's name in words.
-- column is_too_few: True where fewer than 25 rows are in the denominator: too few to tell.
CREATE VIEW site_summary AS
SELECT
    s.stratum_value AS site_id, c.position, s.measure_id, c.title, c.force,
    s.n, s.n_deviation, s.n_pending, s.n_indeterminate, s.numerator, s.denominator,
    s.rate, s.wilson_low, s.wilson_high, s.worst, s.best,
    s.denominator < 25 AS is_too_few
FROM measures AS s
JOIN measure_catalogue AS c USING (measure_id)
WHERE s.stratum = 'site_id';
