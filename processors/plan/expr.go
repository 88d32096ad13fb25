package plan

import "parallax/processors/row"

// Expr is a bound, typed expression: names are resolved, types agree, and every conversion
// is a Cast that the planner inserted. String gives SQL text for EXPLAIN, headings and
// error messages.
//
// The set of types is closed: an evaluator switches over them. Operands are evaluated from
// left to right. AND, OR, IN, CASE and the functions with a Choose stop once the result is
// decided: FALSE AND x does not evaluate x. Every other expression, calls of other
// functions included, evaluates all of its operands. If an evaluated operand fails, the
// whole expression fails.
type Expr interface {
	Type() row.Type
	String() string
}

// Literal is a constant. A NULL literal has the type that its place wants.
type Literal struct {
	Value row.Value
	T     row.Type
}

// Column is column Index of a source of the query. Side is the number of the source: 0 for
// FROM, then its joins in order. Qualifier is the name of the source where there are
// several.
type Column struct {
	Side, Index     int
	Qualifier, Name string
	T               row.Type
}

// SystemColumn names a property of a record other than its columns, such as its offset.
type SystemColumn uint8

// The system columns. Times are BIGINT milliseconds.
const (
	RowTime      SystemColumn = iota // BIGINT: event time
	RowPartition                     // INT: Kafka's
	RowOffset                        // BIGINT
	RowTopic                         // STRING
	RowKey                           // STRING: the key's bytes as text
	RowNow                           // TIMESTAMP: the record's NOW()
)

// System is a system column of the record of a side; see Column.
type System struct {
	Which     SystemColumn
	Side      int
	Qualifier string
}

// Group is the value of GroupBy[Index].
type Group struct {
	Index int
	Name  string
	T     row.Type
}

// Aggregate is the value of Aggregates[Index].
type Aggregate struct {
	Index int
	Text  string // as SQL, for String
	T     row.Type
}

// WindowBound is WINDOWSTART or, with End, WINDOWEND: BIGINT ms.
type WindowBound struct{ End bool }

// ArithmeticOp is + - * / %.
type ArithmeticOp byte

// Arithmetic computes on two operands of one kind, the kind of T. DECIMAL operands keep
// their own scales. Division of an integer or DECIMAL by zero, and a result that does not
// fit T, are errors.
type Arithmetic struct {
	Op   ArithmeticOp
	L, R Expr
	T    row.Type
}

// Negate is unary minus; its overflow is an error.
type Negate struct{ X Expr }

// CompareOp is a comparison.
type CompareOp uint8

// The comparisons. Distinct and NotDistinct are IS [NOT] DISTINCT FROM, which compare NULL
// like a value; the others are NULL if an operand is NULL.
const (
	Equal CompareOp = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	Distinct
	NotDistinct
)

// Comparison compares two operands of one kind. DECIMALs keep their scales. DOUBLEs compare
// by IEEE 754: NaN is not equal to anything.
type Comparison struct {
	Op   CompareOp
	L, R Expr
}

// Logic is AND or, with Or, OR, in three-valued logic.
type Logic struct {
	Or   bool
	L, R Expr
}

// Not is NOT, in three-valued logic.
type Not struct{ X Expr }

// IsNull is IS NULL or, with Negated, IS NOT NULL.
type IsNull struct {
	X       Expr
	Negated bool
}

// In is X IN (List), NOT IN with Negated: three-valued, as a chain of = and OR.
type In struct {
	X       Expr
	List    []Expr
	Negated bool
}

// Like matches STRINGs: % matches any text, _ any one character. Escape (0 for none) before
// either makes it literal.
type Like struct {
	X, Pattern Expr
	Escape     rune
	Negated    bool
}

// When is one arm of a Case.
type When struct{ If, Then Expr }

// Case is a searched CASE (the planner rewrites the simple form). The first arm with a true
// If is the result; later arms are not evaluated. A nil Else is NULL.
type Case struct {
	Whens []When
	Else  Expr
	T     row.Type
}

// Cast converts X to T, or fails. See docs/SQL.md for the table.
type Cast struct {
	X Expr
	T row.Type
}

// Let computes X once and then Body, which reads the value through the Local of the same
// slot. If X fails, the Let fails. Slots count from 0, outermost first.
type Let struct {
	Slot    int
	X, Body Expr
}

// Local is the value of the enclosing Let of its slot, or of a Lambda's
// parameter, which has a name.
type Local struct {
	Slot int
	Name string
	T    row.Type
}

// Lambda is an argument of a Call that the function computes itself, for example for each
// element. Its parameters have consecutive slots.
type Lambda struct {
	Params []*Local
	Body   Expr
}

// Concat is ||: NULL where an operand is.
type Concat struct{ L, R Expr }

// Call applies a scalar function of the registry. Arguments are of the types
// that the function wants.
type Call struct {
	Func string // canonical upper-case name
	Args []Expr
	T    row.Type
}
