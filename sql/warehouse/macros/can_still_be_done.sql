-- title: Whether a deviation can still be undone: nothing closed the gap so far, and the case is still followed
-- grain: one truth value
-- reads: nothing; end_date: of the case, NULL while it is followed
-- A late action has happened, and an action that was not indicated can't be taken back.
CREATE MACRO stored.can_still_be_done(reason, force, end_date) AS
coalesce(
    reason IN (
        'missing', 'ordered_not_done', 'incomplete_extent',
        'wrong_priority', 'wrong_specialty', 'wrong_modality', 'wrong_contrast'
    )
    AND force <> 'restrictive' AND end_date IS NULL,
    false
);
