-- title: What tells the findings of one case and measure apart over the nights
-- grain: one text
-- reads: nothing; twin: which of several with one row id, NULL for the first
CREATE MACRO stored.finding_part(trigger_row_id, instance, twin) AS
concat_ws('|', coalesce(trigger_row_id, CAST(instance AS VARCHAR)), twin);
