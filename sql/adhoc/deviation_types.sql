-- title: In what way each measure was deviated from
-- grain: one measure and reason
-- reads: measure_reasons, measure_catalogue
-- column share_of_deviations: n by all deviations of the measure, a proportion.
SELECT
    r.measure_id, c.title, c.force, r.reason, r.n,
    r.n / sum(r.n) OVER (PARTITION BY r.measure_id) AS share_of_deviations
FROM measure_reasons AS r
JOIN measure_catalogue AS c USING (measure_id)
WHERE r.state = 'deviation'
ORDER BY c.position, r.n DESC, r.reason;
