package plan

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
)

// Type and String of each expression.

func (e *Literal) Type() row.Type     { return e.T }
func (e *Column) Type() row.Type      { return e.T }
func (e *Group) Type() row.Type       { return e.T }
func (e *Aggregate) Type() row.Type   { return e.T }
func (e *WindowBound) Type() row.Type { return row.Of(row.Bigint) }
func (e *Arithmetic) Type() row.Type  { return e.T }
func (e *Negate) Type() row.Type      { return e.X.Type() }
func (e *Comparison) Type() row.Type  { return row.Of(row.Boolean) }
func (e *Logic) Type() row.Type       { return row.Of(row.Boolean) }
func (e *Not) Type() row.Type         { return row.Of(row.Boolean) }
func (e *IsNull) Type() row.Type      { return row.Of(row.Boolean) }
func (e *In) Type() row.Type          { return row.Of(row.Boolean) }
func (e *Like) Type() row.Type        { return row.Of(row.Boolean) }
func (e *Case) Type() row.Type        { return e.T }
func (e *Cast) Type() row.Type        { return e.T }
func (e *Concat) Type() row.Type      { return row.Of(row.String) }
func (e *Call) Type() row.Type        { return e.T }
func (e *Let) Type() row.Type         { return e.Body.Type() }
func (e *Local) Type() row.Type       { return e.T }

func (e *System) Type() row.Type {
	switch e.Which {
	case RowPartition:
		return row.Of(row.Int)
	case RowTopic, RowKey:
		return row.Of(row.String)
	case RowNow:
		return row.Of(row.Timestamp)
	default:
		return row.Of(row.Bigint)
	}
}

func (e *Literal) String() string {
	switch k := e.Value.Kind(); k {
	case row.String:
		return "'" + strings.ReplaceAll(e.Value.Str(), "'", "''") + "'"
	case row.Date, row.Time, row.Timestamp:
		return k.String() + " '" + row.FormatISO(e.Value) + "'"
	}
	return e.Value.String()
}

func (e *Column) String() string { return qualified(e.Qualifier, e.Name) }

func (e *System) String() string {
	return qualified(e.Qualifier, [...]string{"ROWTIME", "ROWPARTITION", "ROWOFFSET", "_TOPIC", "_KEY", "NOW()"}[e.Which])
}

func qualified(qualifier, name string) string {
	if qualifier == "" {
		return name
	}
	return qualifier + "." + name
}

func (e *Group) String() string     { return e.Name }
func (e *Aggregate) String() string { return e.Text }

func (e *WindowBound) String() string {
	if e.End {
		return "WINDOWEND"
	}
	return "WINDOWSTART"
}

func (e *Negate) String() string     { return "-" + e.X.String() }
func (e *Comparison) String() string { return fmt.Sprintf("(%s %s %s)", e.L, e.Op, e.R) }
func (e *Not) String() string        { return "NOT " + e.X.String() }
func (e *Cast) String() string       { return fmt.Sprintf("CAST(%s AS %s)", e.X, e.T) }

func (o CompareOp) String() string {
	return [...]string{"=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"}[o]
}

func (e *Arithmetic) String() string { return chain(e) }
func (e *Logic) String() string      { return chain(e) }
func (e *Concat) String() string     { return chain(e) }

// lastStep splits a chain of operators into its left part, last operator and last operand.
func lastStep(e Expr) (left Expr, op string, right Expr) {
	switch e := e.(type) {
	case *Arithmetic:
		return e.L, string(e.Op), e.R
	case *Concat:
		return e.L, "||", e.R
	case *Logic:
		if e.Or {
			return e.L, "OR", e.R
		}
		return e.L, "AND", e.R
	}
	return e, "", nil
}

// chain writes a left-nested chain of operators in one pass. Recursion would copy the left
// part at each operator.
func chain(e Expr) string {
	var steps []Expr
	first := e
	for left, op, _ := lastStep(first); op != ""; left, op, _ = lastStep(first) {
		steps = append(steps, first)
		first = left
	}
	var b strings.Builder
	b.WriteString(strings.Repeat("(", len(steps)))
	b.WriteString(first.String())
	for _, s := range slices.Backward(steps) {
		_, op, right := lastStep(s)
		b.WriteString(" " + op + " " + right.String() + ")")
	}
	return b.String()
}

func (e *Let) String() string { return fmt.Sprintf("(%s = %s: %s)", slotName(e.Slot), e.X, e.Body) }

// String appends the slot to the parameter's name, to distinguish it from a column.
func (e *Local) String() string { return e.Name + slotName(e.Slot) }

func (e *Lambda) Type() row.Type { return e.Body.Type() }

func (e *Lambda) String() string {
	names := make([]string, len(e.Params))
	for i, p := range e.Params {
		names[i] = p.String()
	}
	return "(" + strings.Join(names, ", ") + ") => " + e.Body.String()
}

func slotName(slot int) string { return fmt.Sprintf("$%d", slot) }

func (e *IsNull) String() string {
	return fmt.Sprintf("(%s IS %sNULL)", e.X, not(e.Negated))
}

func (e *In) String() string {
	return fmt.Sprintf("(%s %sIN (%s))", e.X, not(e.Negated), list(e.List))
}

func (e *Like) String() string {
	text := fmt.Sprintf("(%s %sLIKE %s", e.X, not(e.Negated), e.Pattern)
	if e.Escape != 0 {
		text += fmt.Sprintf(" ESCAPE '%c'", e.Escape)
	}
	return text + ")"
}

func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		fmt.Fprintf(&b, " WHEN %s THEN %s", w.If, w.Then)
	}
	if e.Else != nil {
		fmt.Fprintf(&b, " ELSE %s", e.Else)
	}
	return b.String() + " END"
}

func not(negated bool) string {
	if negated {
		return "NOT "
	}
	return ""
}

func list(exprs []Expr) string {
	texts := make([]string, len(exprs))
	for i, e := range exprs {
		texts[i] = e.String()
	}
	return strings.Join(texts, ", ")
}
