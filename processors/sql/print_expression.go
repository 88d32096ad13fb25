package sql

// power is the binding strength of an expression. An operand with less than its operator
// requires needs parentheses.
func power(e Expr) int {
	switch e := e.(type) {
	case *Binary:
		return binary[e.Op]
	case *IsNull, *Between, *In, *Like:
		return bindCompare
	case *Unary:
		if e.Op == "NOT" {
			return bindNot
		}
		return bindUnary
	case *Lambda:
		return 0
	}
	return bindPrimary
}

// expr writes e where an expression of at least this power is wanted.
func (w *printer) expr(e Expr, floor int) {
	if power(e) < floor {
		w.write("(")
		defer w.write(")")
	}
	switch e := e.(type) {
	case *Null:
		w.write("NULL")
	case *Bool:
		if e.Value {
			w.write("TRUE")
		} else {
			w.write("FALSE")
		}
	case *Number:
		w.write("%s", e.Text)
	case *Text:
		w.write("%s", quoteText(e.Value))
	case *TypedText:
		w.write("%s %s", e.Kind, quoteText(e.Value))
	case *Interval:
		n, unit := durationParts(e.MS)
		w.write("INTERVAL '%d' %s", n, unit)
	case *Ref:
		w.ref(e)
	case *Unary:
		w.unary(e)
	case *Binary:
		// Operators of equal power are left-associative.
		w.expr(e.L, binary[e.Op])
		w.write(" %s ", e.Op)
		w.expr(e.R, binary[e.Op]+1)
	case *IsNull:
		w.expr(e.X, bindCompare)
		w.write(" IS %sNULL", not(e.Negated))
	case *Between:
		w.expr(e.X, bindCompare)
		w.write(" %sBETWEEN ", not(e.Negated))
		w.expr(e.Low, bindCompare+1)
		w.write(" AND ")
		w.expr(e.High, bindCompare+1)
	case *In:
		w.expr(e.X, bindCompare)
		w.write(" %sIN (", not(e.Negated))
		w.exprs(e.List)
		w.write(")")
	case *Like:
		w.expr(e.X, bindCompare)
		w.write(" %sLIKE ", not(e.Negated))
		w.expr(e.Pattern, bindCompare+1)
		if e.Escape != nil {
			w.write(" ESCAPE %s", quoteText(e.Escape.Value))
		}
	case *Case:
		w.caseExpr(e)
	case *Cast:
		w.write("CAST(")
		w.expr(e.X, 0)
		w.write(" AS %s)", TypeText(e.Type.Type))
	case *Extract:
		w.write("EXTRACT(%s FROM ", e.Part.Text)
		w.expr(e.X, 0)
		w.write(")")
	case *Call:
		w.call(e)
	default:
		w.nested(e)
	}
}

// nested prints constructors of nested values, access to their elements, and lambdas.
func (w *printer) nested(e Expr) {
	switch e := e.(type) {
	case *Field:
		w.expr(e.X, bindPrimary)
		w.write("->%s", e.Name)
	case *Index:
		w.expr(e.X, bindPrimary)
		w.write("[")
		w.expr(e.I, 0)
		w.write("]")
	case *ArrayOf:
		w.write("ARRAY[")
		w.exprs(e.Items)
		w.write("]")
	case *MapOf:
		w.write("MAP(")
		commas(w, e.Entries, func(m MapEntry) {
			w.expr(m.Key, 0)
			w.write(" := ")
			w.expr(m.Value, 0)
		})
		w.write(")")
	case *StructOf:
		w.write("STRUCT(")
		commas(w, e.Fields, func(f StructField) {
			w.write("%s := ", f.Name)
			w.expr(f.Value, 0)
		})
		w.write(")")
	case *Lambda:
		if len(e.Params) == 1 {
			w.write("%s", e.Params[0])
		} else {
			w.write("(")
			commas(w, e.Params, func(n Name) { w.write("%s", n) })
			w.write(")")
		}
		w.write(" => ")
		w.expr(e.Body, 0)
	}
}

func (w *printer) ref(e *Ref) {
	if e.Qualifier.Text != "" {
		w.write("%s.", e.Qualifier)
	}
	w.write("%s", e.Name)
}

func (w *printer) unary(e *Unary) {
	if e.Op == "NOT" {
		w.write("NOT ")
		w.expr(e.X, bindNot)
		return
	}
	w.write("-")
	if inner, ok := e.X.(*Unary); ok && inner.Op == "-" {
		w.write(" ") // two in a row would begin a comment
	}
	w.expr(e.X, bindUnary)
}

func (w *printer) caseExpr(e *Case) {
	w.write("CASE")
	if e.Operand != nil {
		w.write(" ")
		w.expr(e.Operand, 0)
	}
	for _, arm := range e.Whens {
		w.write(" WHEN ")
		w.expr(arm.If, 0)
		w.write(" THEN ")
		w.expr(arm.Then, 0)
	}
	if e.Else != nil {
		w.write(" ELSE ")
		w.expr(e.Else, 0)
	}
	w.write(" END")
}

func (w *printer) call(e *Call) {
	w.write("%s(", e.Name.Text)
	switch {
	case e.Star:
		w.write("*")
	case e.Distinct:
		w.write("DISTINCT ")
	}
	w.exprs(e.Args)
	w.write(")")
	w.over(e.Over)
}

func not(negated bool) string {
	if negated {
		return "NOT "
	}
	return ""
}
