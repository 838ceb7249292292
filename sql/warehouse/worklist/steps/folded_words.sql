-- title: What is folded under the listed gaps, in words
-- grain: one listed gap under which others stand
-- reads: roots, listed, stored.verdicts, measure_catalogue
CREATE TEMP TABLE folded_words AS
SELECT
    r.case_number, r.root AS gravity,
    string_agg(
        concat(
            m.measure_id, ' ', m.title, ' (', v.state, ': ', replace(v.reason, '_', ' '),
            ', due ' || strftime(r.due_local, '%Y-%m-%d'), ')'
        ),
        '; ' ORDER BY r.gravity
    ) AS folded
FROM roots AS r
JOIN listed AS l ON l.case_number = r.case_number AND l.gravity = r.root
JOIN stored.verdicts AS v ON v.verdict = r.verdict
JOIN measure_catalogue AS m USING (measure_id)
WHERE r.gravity <> r.root
GROUP BY r.case_number, r.root;
