-- title: What was urgent or critical the night before and a corrected row has lifted
-- grain: one measure and state of the night before
-- reads: stored.changes, stored.night, measure_catalogue
-- column title: The measure's name in words.
-- column state_before: `pending` a window that was open, `deviation` a critical deviation.
-- column n: Findings.
-- What stood there on the first night of all was not told, but may have been acted on: it is called back too.
SELECT c.measure_id, m.title, c.state_before, count(*) AS n
FROM stored.changes AS c
JOIN measure_catalogue AS m ON m.measure_id = c.measure_id
WHERE c.cause = 'corrected row'
  AND (
      (
          c.state_before = 'pending' AND c.was_triggered
          AND (c.measure_id IN ('S1', 'S2') OR (c.measure_id = 'X1' AND c.urgency_before = 'urgent'))
      )
      OR (c.state_before = 'deviation' AND c.severity_before = 'critical')
  )
  -- What went with a table that is missing tonight was lifted by nobody.
  AND (SELECT bool_and(lost_feeds IS NULL) FROM stored.night)
  -- Null after: the finding is no longer there.
  AND c.state_after IS DISTINCT FROM c.state_before
  AND c.state_after IS DISTINCT FROM 'deviation'
GROUP BY c.measure_id, m.title, c.state_before
ORDER BY c.measure_id, c.state_before;
