package diff

import (
	"encoding/json"
	"regexp"
	"strings"

	"parallax/processors/row"
)

// A step of a rule's path is a step of a path, or [], which is any element of an ARRAY. As in
// SQL, -> may stand for the dot before a name.
var (
	ruleStep  = regexp.MustCompile(`(?:\.|->)[\pL_][\pL\pN_$-]*|\[\d*\]|\["(?:[^"\\]|\\.)*"\]`)
	ruleSteps = regexp.MustCompile(`^(?:` + ruleStep.String() + `)*$`)
)

// inside returns where in an output's column the rule allows differences: at the path
// that its Column has after the column's name, and below. ok is false where the rule is
// about another column, or the column's type has nothing there.
func (r Rule) inside(s *row.Sink, column row.Column) (at path, ok bool) {
	name := len(column.Name)
	if r.Topic != "" && r.Topic != s.Topic || len(r.Column) < name || !strings.EqualFold(r.Column[:name], column.Name) || !ruleSteps.MatchString(r.Column[name:]) {
		return nil, false
	}
	for _, step := range ruleStep.FindAllString(r.Column[name:], -1) {
		if strings.HasPrefix(step, `["`) {
			var field string
			if err := json.Unmarshal([]byte(step[1:len(step)-1]), &field); err != nil {
				return nil, false
			}
			step = nameStep(field)
		}
		if name, ok := strings.CutPrefix(step, "->"); ok {
			step = nameStep(name)
		}
		at = append(at, step)
	}
	return at, at.existsIn(column.Type)
}

// existsIn reports whether a value of a type can have something at a rule's path. Of a
// column of a file the type is not known, and then it can.
func (p path) existsIn(t row.Type) bool {
	for _, step := range p {
		switch t.Kind {
		case row.Null:
			return true
		case row.Array:
			if !isElement(step) {
				return false
			}
			t = *t.Elem
		case row.Map:
			if isElement(step) {
				return false
			}
			t = *t.Elem
		case row.Struct:
			field, ok := fieldOf(t, step)
			if !ok {
				return false
			}
			t = field
		default:
			return false
		}
	}
	return true
}

func fieldOf(t row.Type, step string) (row.Type, bool) {
	for _, f := range t.Fields {
		if nameStep(f.Name) == step {
			return f.Type, true
		}
	}
	return row.Type{}, false
}

// isElement reports whether a step selects an element of an ARRAY: [0], or any element, [].
func isElement(step string) bool { return step[0] == '[' && step[1] != '"' }

// covers reports whether a value's path is a rule's path, or leads on from it.
func (p path) covers(value path) bool {
	if len(p) > len(value) {
		return false
	}
	for i, step := range p {
		if step != value[i] && !(step == "[]" && isElement(value[i])) {
			return false
		}
	}
	return true
}
