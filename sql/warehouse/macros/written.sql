-- title: A stored moment as the specification writes it
-- grain: one text: 2024-03-12, or 2024-03-12T10:00:00-05:00 where the minute is known
-- reads: nothing; moment: the local wall clock; utc_offset: minutes from UTC, NULL where only the day is known
CREATE MACRO stored.written(moment, utc_offset) AS
CASE
    WHEN utc_offset IS NULL THEN strftime(moment, '%Y-%m-%d')
    ELSE concat(
        strftime(moment, '%Y-%m-%dT%H:%M:%S'), CASE WHEN utc_offset < 0 THEN '-' ELSE '+' END,
        lpad(CAST(abs(utc_offset) // 60 AS VARCHAR), 2, '0'), ':', lpad(CAST(abs(utc_offset) % 60 AS VARCHAR), 2, '0')
    )
END;
