-- title: A day as it is said: Tue, or Tue 2026-09-15 where it is not within a week of the as-of date
-- grain: one text
-- reads: nothing; a_day, as_of: days
CREATE TEMP MACRO day_in_words(a_day, as_of) AS
CASE
    WHEN abs(date_diff('day', as_of, a_day)) < 7 THEN strftime(a_day, '%a')
    ELSE strftime(a_day, '%a %Y-%m-%d')
END;
