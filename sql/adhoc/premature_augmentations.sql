-- title: Augmentations before three months without an indication, with the two overlays for the reviewer
-- grain: one augmentation (finding of A1) that deviates
-- reads: findings, cases, measure_catalogue
-- column is_coverage_like: True where the pain score would meet the usual coverage rule (flag meets_coverage_like).
-- column is_vertebroplasty: True where AAOS recommends against the procedure itself (flag aaos_vertebroplasty).
SELECT
    f.trigger_at, c.display_id, f.patient_id, f.case_id, f.instance, f.level, f.t0,
    date_diff('day', f.t0, CAST(left(f.trigger_at, 10) AS DATE)) AS days_from_t0,
    coalesce(list_contains(string_split(f.flags, '|'), 'meets_coverage_like'), false) AS is_coverage_like,
    coalesce(list_contains(string_split(f.flags, '|'), 'aaos_vertebroplasty'), false) AS is_vertebroplasty,
    f.trigger_site_id, f.explanation, m.conflict
FROM findings AS f
JOIN cases AS c USING (case_id)
JOIN measure_catalogue AS m USING (measure_id)
WHERE f.measure_id = 'A1'
  AND f.state = 'deviation'
ORDER BY f.trigger_at, f.case_id, f.instance;
