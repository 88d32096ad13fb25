package row

import (
	"fmt"
	"strings"

	"parallax/processors/numeric"
)

// Kind is the family of a type, without its parameters.
type Kind uint8

// The kinds. Null is the kind of NULL. No column has it, except for a literal NULL before
// the planner gives it the type of the other operand.
const (
	Null Kind = iota
	Boolean
	Int
	Bigint
	Double
	Decimal
	String
	Bytes
	Timestamp
	Date
	Time
	Array
	Map
	Struct
)

var kindNames = [...]string{
	Null: "NULL", Boolean: "BOOLEAN", Int: "INT", Bigint: "BIGINT", Double: "DOUBLE",
	Decimal: "DECIMAL", String: "STRING", Bytes: "BYTES", Timestamp: "TIMESTAMP",
	Date: "DATE", Time: "TIME", Array: "ARRAY", Map: "MAP", Struct: "STRUCT",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Type is a SQL type. The zero Type is the type of a NULL literal.
type Type struct {
	Kind Kind
	// Precision and Scale are the number of digits of a DECIMAL, in total and after the
	// point.
	Precision, Scale int
	// Elem is the element type of an ARRAY, the value type of a MAP.
	Elem *Type
	// Fields are the fields of a STRUCT, in order.
	Fields []Column
}

// Column is a named, typed column of a source, a sink or a STRUCT.
type Column struct {
	Name string
	Type Type
}

// MaxPrecision is the largest number of digits of a DECIMAL.
const MaxPrecision = numeric.MaxPrecision

// DecimalType returns DECIMAL(precision, scale).
func DecimalType(precision, scale int) Type {
	return Type{Kind: Decimal, Precision: precision, Scale: scale}
}

// Of returns the parameterless type of a kind.
func Of(k Kind) Type { return Type{Kind: k} }

// Equal reports whether both are the same type, parameters included.
func (t Type) Equal(o Type) bool {
	if t.Kind != o.Kind || t.Precision != o.Precision || t.Scale != o.Scale || len(t.Fields) != len(o.Fields) {
		return false
	}
	if (t.Elem == nil) != (o.Elem == nil) || t.Elem != nil && !t.Elem.Equal(*o.Elem) {
		return false
	}
	for i, f := range t.Fields {
		if f.Name != o.Fields[i].Name || !f.Type.Equal(o.Fields[i].Type) {
			return false
		}
	}
	return true
}

// IsInteger reports whether the type is INT or BIGINT.
func (t Type) IsInteger() bool { return t.Kind == Int || t.Kind == Bigint }

// IsNumeric reports whether arithmetic is defined on the type.
func (t Type) IsNumeric() bool { return t.IsInteger() || t.Kind == Double || t.Kind == Decimal }

// String returns the type as SQL writes it.
func (t Type) String() string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision, t.Scale)
	case Array:
		return "ARRAY<" + t.Elem.String() + ">"
	case Map:
		return "MAP<STRING, " + t.Elem.String() + ">"
	case Struct:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = f.Name + " " + f.Type.String()
		}
		return "STRUCT<" + strings.Join(fields, ", ") + ">"
	default:
		return t.Kind.String()
	}
}
