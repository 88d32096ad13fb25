package diff

import (
	"slices"

	"parallax/processors/row"
)

// Redaction says which values must not be shown, and what examples show instead of them. It must
// be safe for concurrent use.
type Redaction interface {
	// IsRedacted reports whether the values of a column of an output topic must not be shown.
	IsRedacted(topic, column string) bool
	// Replace returns what is shown instead of a text. Equal texts have equal replacements.
	Replace(text string) string
	// ReplaceError returns what is shown instead of the text of an error or the reason of a
	// dead letter, which may contain any value.
	ReplaceError(text string) string
}

// redacts reports whether the values of a column must not be shown. Nothing is known of a column
// that V2 has and the output has not.
func (d *Differ) redacts(s *row.Sink, column string) bool {
	isIt := func(c row.Column) bool { return c.Name == column }
	return d.opt.Redaction != nil && (d.opt.Redaction.IsRedacted(s.Topic, column) ||
		!slices.ContainsFunc(s.Values, isIt) && !slices.ContainsFunc(s.Key, isIt))
}

// shown returns a value as text, as examples show it. NULL is shown as it is.
func (d *Differ) shown(s *row.Sink, column string, v row.Value) string {
	text := valueText(v)
	if v.IsNull() || isAbsent(v) || !d.redacts(s, column) {
		return text
	}
	return d.opt.Redaction.Replace(text)
}

// shownReason returns what is shown of the reason of a dead letter.
func (d *Differ) shownReason(reason string) string {
	if d.opt.Redaction == nil || reason == "" {
		return reason
	}
	return d.opt.Redaction.ReplaceError(reason)
}
