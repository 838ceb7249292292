-- title: Deviations from this text where a primary source says otherwise
-- grain: one measure with a conflict note and a deviation
-- reads: open_deviations
SELECT
    measure_id, title, conflict, cited_line, quote,
    count(*) AS n_deviations, count(DISTINCT patient_id) AS n_patients
FROM open_deviations
WHERE conflict IS NOT NULL
GROUP BY measure_id, title, conflict, cited_line, quote
ORDER BY n_deviations DESC, measure_id;
