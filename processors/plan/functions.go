package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
)

// Function is a scalar function. Adding one is adding an element to a list in
// functions_*.go.
type Function struct {
	Name    string
	Aliases []string
	// MinArgs and MaxArgs are how many arguments it takes; MaxArgs -1 is any
	// number.
	MinArgs, MaxArgs int
	// Types returns what the arguments are converted to and the result's type,
	// or what is wrong with them.
	Types func(args []row.Type) (params []row.Type, result row.Type, wrong string)
	// TakesNull: Eval sees NULL arguments. Else a NULL argument makes the result
	// NULL, and Eval is not called.
	TakesNull bool
	// Eval computes the result; t is the result's type. An error makes the
	// column NULL and is counted. It must not keep args.
	Eval func(args []row.Value, t row.Type) (row.Value, error)
	// Doc is one sentence; Example is a call and its result.
	Doc, Example string
}

// Errors of functions, made once: they are counted more often than shown, so
// they have no particulars. A function returns no others.
var (
	ErrOverflow = errors.New("the result does not fit its type")
	ErrArgument = errors.New("the argument is out of range")
)

// functions is the registry.
var functions = slices.Concat(conditionalFunctions, numericFunctions, stringFunctions)

// laterFunctions are scalar functions of the dialect that no engine runs yet. A
// name leaves this list when it enters the registry.
var laterFunctions = strings.Fields(`
	AS_VALUE TRUNC SIGN SQRT EXP LN LOG POWER MOD PI SIN COS TAN ASIN ACOS ATAN ATAN2 SINH COSH TANH COT DEGREES RADIANS
	POSITION INSTR LTRIM RTRIM LPAD RPAD REPLACE REVERSE SPLIT SPLIT_TO_MAP SPLIT_PART CONCAT_WS INITCAP CHR ENCODE
	TO_BYTES FROM_BYTES REGEXP_EXTRACT REGEXP_EXTRACT_ALL REGEXP_REPLACE REGEXP_SPLIT_TO_ARRAY STARTS_WITH
	MASK MASK_LEFT MASK_RIGHT MASK_KEEP_LEFT MASK_KEEP_RIGHT UUID URL_DECODE_PARAM URL_ENCODE_PARAM URL_EXTRACT_FRAGMENT
	URL_EXTRACT_HOST URL_EXTRACT_PARAMETER URL_EXTRACT_PATH URL_EXTRACT_PORT URL_EXTRACT_PROTOCOL URL_EXTRACT_QUERY
	ARRAY_LENGTH ARRAY_CONTAINS ARRAY_CONCAT ARRAY_DISTINCT ARRAY_EXCEPT ARRAY_INTERSECT ARRAY_UNION ARRAY_MAX ARRAY_MIN
	ARRAY_SORT ARRAY_JOIN ARRAY_REMOVE SLICE ENTRIES MAP_KEYS MAP_VALUES MAP_UNION GENERATE_SERIES TRANSFORM FILTER REDUCE
	EXPLODE EXTRACTJSONFIELD JSON_VALUE JSON_EXISTS IS_JSON_STRING JSON_ARRAY_CONTAINS JSON_ARRAY_LENGTH JSON_KEYS
	JSON_RECORDS JSON_CONCAT TO_JSON_STRING EXTRACT DATE_TRUNC DATEADD TIMESTAMPADD TIMEADD DATESUB TIMESTAMPSUB TIMESUB
	DATEDIFF FORMAT_TIMESTAMP FORMAT_DATE FORMAT_TIME PARSE_TIMESTAMP PARSE_DATE PARSE_TIME CONVERT_TZ UNIX_TIMESTAMP
	UNIX_DATE FROM_UNIXTIME FROM_DAYS GEO_DISTANCE NOW CURRENT_TIMESTAMP`)

// LookupFunction finds a function by name or alias, upper case; nil if there is
// none.
func LookupFunction(name string) *Function {
	for i := range functions {
		if functions[i].Name == name || slices.Contains(functions[i].Aliases, name) {
			return &functions[i]
		}
	}
	return nil
}

// FunctionNames lists all names and aliases, sorted.
func FunctionNames() []string {
	var names []string
	for _, f := range functions {
		names = append(append(names, f.Name), f.Aliases...)
	}
	slices.Sort(names)
	return names
}

// Functions lists the registry, to be read only.
func Functions() []Function { return functions }

func (f *Function) arity() string {
	switch {
	case f.MaxArgs < 0:
		return fmt.Sprintf("%d or more arguments", f.MinArgs)
	case f.MinArgs == f.MaxArgs && f.MinArgs == 1:
		return "1 argument"
	case f.MinArgs == f.MaxArgs:
		return fmt.Sprintf("%d arguments", f.MinArgs)
	}
	return fmt.Sprintf("%d to %d arguments", f.MinArgs, f.MaxArgs)
}

// alike is the Types of functions whose arguments and result share a type.
func alike(args []row.Type) ([]row.Type, row.Type, string) {
	t := row.Type{}
	for _, a := range args {
		wider, ok := common(t, a)
		if !ok {
			return nil, t, fmt.Sprintf("%s and %s have no common type", t, a)
		}
		t = wider
	}
	if t.Kind == row.Null {
		t = row.Of(row.String)
	}
	return slices.Repeat([]row.Type{t}, len(args)), t, ""
}

// fixed is the Types of functions whose parameters are known; a shorter call
// leaves the last ones out.
func fixed(result row.Kind, params ...row.Kind) func([]row.Type) ([]row.Type, row.Type, string) {
	return func(args []row.Type) ([]row.Type, row.Type, string) {
		var types []row.Type
		for i, a := range args {
			want := row.Of(params[min(i, len(params)-1)])
			got, ok := common(a, want)
			if !ok || !got.Equal(want) {
				return nil, row.Type{}, fmt.Sprintf("argument %d is %s, not %s", i+1, a, want)
			}
			types = append(types, want)
		}
		return types, row.Of(result), ""
	}
}
