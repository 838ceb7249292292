-- title: From a known deficit to the surgeon: asked, seen
-- grain: one site; only cases whose times are known to the minute enter the hours
-- reads: cases, case_facts
-- column n_deficit: Cases with a neurological deficit on record.
-- column n_asked: Those of them with a surgical contact.
-- column n_seen: Those of them whom a surgeon saw.
-- column median_hours_to_contact: Hours; null where no case has both times to the minute.
-- column p90_hours_to_contact: Hours.
-- column median_hours_to_seen: Hours.
WITH times AS (
    SELECT
        coalesce(c.site_id, 'unknown') AS site_id,
        f.surgical_contact_at IS NOT NULL AS is_asked,
        f.surgeon_seen_at IS NOT NULL AS is_seen,
        -- A surgeon who was there before the deficit was known kept nobody waiting: 0 hours.
        CASE WHEN length(f.deficit_known_at) > 10 AND length(f.surgical_contact_at) > 10
            THEN greatest(
                epoch(CAST(f.surgical_contact_at AS TIMESTAMPTZ)) - epoch(CAST(f.deficit_known_at AS TIMESTAMPTZ)), 0
            )
        END AS contact_seconds,
        CASE WHEN length(f.deficit_known_at) > 10 AND length(f.surgeon_seen_at) > 10
            THEN greatest(
                epoch(CAST(f.surgeon_seen_at AS TIMESTAMPTZ)) - epoch(CAST(f.deficit_known_at AS TIMESTAMPTZ)), 0
            )
        END AS seen_seconds
    FROM case_facts AS f
    JOIN cases AS c USING (case_id)
    WHERE f.deficit_known_at IS NOT NULL
)
SELECT
    site_id,
    count(*) AS n_deficit,
    count(*) FILTER (is_asked) AS n_asked,
    count(*) FILTER (is_seen) AS n_seen,
    median(contact_seconds) / 3600 AS median_hours_to_contact,
    quantile_cont(contact_seconds, 0.9) / 3600 AS p90_hours_to_contact,
    median(seen_seconds) / 3600 AS median_hours_to_seen
FROM times
GROUP BY site_id
ORDER BY site_id;
