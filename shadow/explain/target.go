package explain

import (
	"slices"

	"parallax/diff"
)

// Target is the divergence that is looked for. The zero value is the first one that a replay
// shows.
type Target struct {
	// ID is a signature's id. A replay that shows another id of the same class, topic and
	// columns shows the target, too.
	ID    string
	Class diff.Class
	// Topic is "" and Columns are nil if any will do.
	Topic   string
	Columns []string
}

// IsZero reports whether any divergence will do.
func (t Target) IsZero() bool { return t.ID == "" && t.Class == "" }

// TargetOf is the target that a signature describes.
func TargetOf(s diff.Signature) Target {
	return Target{ID: s.ID, Class: s.Class, Topic: s.Topic, Columns: s.Columns}
}

// find returns the signature of a result that is the target: by its id, else by class, topic
// and columns.
func (t Target) find(r diff.Result) (diff.Signature, bool) {
	for _, s := range r.Signatures {
		if t.IsZero() || t.ID == s.ID {
			return s, true
		}
	}
	for _, s := range r.Signatures {
		if t.isLike(s) && (t.Columns == nil || slices.Equal(t.Columns, s.Columns)) {
			return s, true
		}
	}
	return diff.Signature{}, false
}

// isLike reports whether a signature has the target's class and topic.
func (t Target) isLike(s diff.Signature) bool {
	return t.Class == s.Class && (t.Topic == "" || t.Topic == s.Topic)
}

// isShownBy reports whether a result shows the target.
func (t Target) isShownBy(r diff.Result) bool {
	_, found := t.find(r)
	return found
}

// findSimilar is find, and accepts other columns if nothing else is found.
func (t Target) findSimilar(r diff.Result) (diff.Signature, bool) {
	if s, found := t.find(r); found {
		return s, true
	}
	for _, s := range r.Signatures {
		if t.isLike(s) {
			return s, true
		}
	}
	return diff.Signature{}, false
}
