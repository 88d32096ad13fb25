package sql

import "parallax/processors/row"

// Script is a parsed script: its statements in order, and its text for errors.
type Script struct {
	Text       string
	Statements []Statement
}

// Statement is a *CreateSource or a *CreateAs.
type Statement interface{ statement() }

// Name is an identifier as the planner compares it: upper case unless it was
// quoted.
type Name struct {
	Text string
	At   Pos
}

// Property is one element of WITH (...). Value is the literal's text.
type Property struct {
	Name  Name
	Value string
	At    Pos // of the value
}

// CreateSource is CREATE STREAM|TABLE name (columns) WITH (...).
type CreateSource struct {
	At      Pos
	Table   bool
	Name    Name
	Columns []ColumnDef
	With    []Property
}

// ColumnDef is one declared column.
type ColumnDef struct {
	Name Name
	Type TypeName
	// Key is KEY, Primary PRIMARY KEY, Headers HEADERS.
	Key, Primary, Headers bool
	// Header is the name in HEADER('name'), nil for other columns.
	Header *Text
}

// TypeName is a type and where it was written.
type TypeName struct {
	Type row.Type
	At   Pos
}

// CreateAs is CREATE STREAM|TABLE name WITH (...) AS SELECT ..., or a bare
// SELECT, whose Name is empty.
type CreateAs struct {
	At      Pos
	Explain bool
	Table   bool
	Name    Name
	With    []Property
	Select  *Select
}

func (*CreateSource) statement() {}
func (*CreateAs) statement()     {}

// Select is a query. Clauses that are absent are nil or zero.
type Select struct {
	Distinct      bool
	DistinctAt    Pos
	Items         []Item
	From          From
	Joins         []Join
	Where         Expr
	GroupBy       []Expr
	Window        *Window
	Having        Expr
	PartitionBy   []Expr
	PartitionByAt Pos
	Emit          Emit
	EmitAt        Pos
	Limit         string // digits, "" where it is absent
	LimitAt       Pos
}

// Item is one selected expression. Star is `*`, or alias.* with Qualifier, or x->* (all
// fields of a STRUCT) with Expr.
type Item struct {
	At        Pos
	Star      bool
	Qualifier Name
	Expr      Expr
	Alias     Name
}

// From is a source and its alias.
type From struct {
	Source, Alias Name
}

// JoinKind says which side's rows are emitted without a match.
type JoinKind uint8

// The joins.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
)

// Join is one more source, joined to the sources before it.
type Join struct {
	At     Pos // of its first word
	Kind   JoinKind
	From   From
	Within *Within
	On     Expr
}

// Within is WITHIN d, or WITHIN (before, after): how much earlier and how much
// later than a row of the left side its match may be. All are in ms; Grace is -1
// where it is absent.
type Within struct {
	Before, After, Grace int64
}

// Emit is the EMIT clause.
type Emit uint8

// The EMIT clauses.
const (
	EmitDefault Emit = iota
	EmitChanges
	EmitFinal
)

// Window is a WINDOW clause. Kind is TUMBLING, HOPPING, SLIDING or SESSION. Column is the
// time column of TUMBLING(ts, ...), nil if there is none. Durations are in ms. Size is the
// gap of a SESSION. Advance is 0 except for HOPPING and SLIDING. Grace and Retention are -1
// if they are not stated.
type Window struct {
	At                              Pos
	Kind                            string
	Column                          *Ref
	Size, Advance, Grace, Retention int64
}

// Expr is an expression as written.
type Expr interface{ Pos() Pos }

// The expressions.
type (
	// Null is NULL.
	Null struct{ At Pos }
	// Bool is TRUE or FALSE.
	Bool struct {
		At    Pos
		Value bool
	}
	// Number is a numeric literal's digits.
	Number struct {
		At   Pos
		Text string
	}
	// Text is a string literal.
	Text struct {
		At    Pos
		Value string
	}
	// Interval is INTERVAL '1' MINUTE, in ms.
	Interval struct {
		At Pos
		MS int64
	}
	// Ref is a column, perhaps qualified.
	Ref struct {
		Qualifier, Name Name
	}
	// Unary is -x or NOT x; Op is "-" or "NOT".
	Unary struct {
		At Pos
		Op string
		X  Expr
	}
	// Binary is x Op y: + - * / % || = <> < <= > >= AND OR, "IS DISTINCT FROM",
	// "IS NOT DISTINCT FROM".
	Binary struct {
		At   Pos // of the operator
		Op   string
		L, R Expr
	}
	// IsNull is x IS [NOT] NULL.
	IsNull struct {
		X       Expr
		Negated bool
	}
	// Between is x [NOT] BETWEEN low AND high.
	Between struct {
		X, Low, High Expr
		Negated      bool
	}
	// In is x [NOT] IN (list).
	In struct {
		X       Expr
		List    []Expr
		Negated bool
	}
	// Like is x [NOT] LIKE pattern [ESCAPE c].
	Like struct {
		X, Pattern Expr
		Escape     *Text
		Negated    bool
	}
	// Case is both forms of CASE; Operand is nil in the searched form.
	Case struct {
		At      Pos
		Operand Expr
		Whens   []When
		Else    Expr
	}
	// When is an arm of Case.
	When struct{ If, Then Expr }
	// Cast is CAST(x AS type).
	Cast struct {
		At   Pos
		X    Expr
		Type TypeName
	}
	// Call is name(args); Star is name(*), Distinct name(DISTINCT x). Over is nil
	// where OVER is absent.
	Call struct {
		Name     Name
		Args     []Expr
		Star     bool
		Distinct bool
		Over     *Over
	}
	// TypedText is DATE '...', TIME '...' or TIMESTAMP '...'.
	TypedText struct {
		At    Pos
		Kind  row.Kind
		Value string
	}
	// Extract is EXTRACT(part FROM x).
	Extract struct {
		At   Pos
		Part Name
		X    Expr
	}
	// Field is x->name; x.name where x is more than a name.
	Field struct {
		X    Expr
		Name Name
	}
	// Index is x[i]: an element of an ARRAY, a value of a MAP.
	Index struct{ X, I Expr }
	// ArrayOf is ARRAY[items].
	ArrayOf struct {
		At    Pos
		Items []Expr
	}
	// MapOf is MAP(key := value, ...).
	MapOf struct {
		At      Pos
		Entries []MapEntry
	}
	// MapEntry is one entry of MapOf.
	MapEntry struct{ Key, Value Expr }
	// StructOf is STRUCT(name := value, ...).
	StructOf struct {
		At     Pos
		Fields []StructField
	}
	// StructField is one field of StructOf.
	StructField struct {
		Name  Name
		Value Expr
	}
	// Lambda is x => body or (x, y) => body. It only occurs as an argument of a call.
	Lambda struct {
		At     Pos
		Params []Name
		Body   Expr
	}
)

func (e *Null) Pos() Pos      { return e.At }
func (e *Bool) Pos() Pos      { return e.At }
func (e *Number) Pos() Pos    { return e.At }
func (e *Text) Pos() Pos      { return e.At }
func (e *Interval) Pos() Pos  { return e.At }
func (e *Unary) Pos() Pos     { return e.At }
func (e *Binary) Pos() Pos    { return e.L.Pos() }
func (e *IsNull) Pos() Pos    { return e.X.Pos() }
func (e *Between) Pos() Pos   { return e.X.Pos() }
func (e *In) Pos() Pos        { return e.X.Pos() }
func (e *Like) Pos() Pos      { return e.X.Pos() }
func (e *Case) Pos() Pos      { return e.At }
func (e *Cast) Pos() Pos      { return e.At }
func (e *Call) Pos() Pos      { return e.Name.At }
func (e *TypedText) Pos() Pos { return e.At }
func (e *Extract) Pos() Pos   { return e.At }
func (e *Field) Pos() Pos     { return e.X.Pos() }
func (e *Index) Pos() Pos     { return e.X.Pos() }
func (e *ArrayOf) Pos() Pos   { return e.At }
func (e *MapOf) Pos() Pos     { return e.At }
func (e *StructOf) Pos() Pos  { return e.At }
func (e *Lambda) Pos() Pos    { return e.At }

func (e *Ref) Pos() Pos {
	if e.Qualifier.Text != "" {
		return e.Qualifier.At
	}
	return e.Name.At
}
