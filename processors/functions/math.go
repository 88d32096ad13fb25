package functions

import (
	"math"

	"parallax/processors/row"
)

// mathFunctions compute with DOUBLEs by IEEE 754: what is not defined is NaN,
// what is too large Infinity.
var mathFunctions = []Function{
	{
		Name: "SQRT", Signatures: onDouble, Eval: double(math.Sqrt),
		Doc: "The square root.", Example: "SQRT(2.25) = 1.5",
	},
	{
		Name: "CBRT", Signatures: onDouble, Eval: double(math.Cbrt),
		Doc: "The cube root.", Example: "CBRT(-27) = -3",
	},
	{
		Name: "EXP", Signatures: onDouble, Eval: double(math.Exp),
		Doc: "e to the power of the number.", Example: "EXP(0) = 1",
	},
	{
		Name: "LN", Signatures: onDouble, Eval: double(math.Log),
		Doc: "The natural logarithm.", Example: "LN(1) = 0",
	},
	{
		Name: "LOG", Signatures: []string{"DOUBLE -> DOUBLE", "base DOUBLE, DOUBLE -> DOUBLE"}, Eval: logarithm,
		Doc: "The natural logarithm, as LN, or, with two arguments, the logarithm to the base of the first one.", Example: "LOG(2, 8) = 3",
	},
	{
		Name: "POWER", Aliases: []string{"POW"}, Signatures: []string{"base DOUBLE, exponent DOUBLE -> DOUBLE"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewDouble(math.Pow(a[0].Float64(), a[1].Float64())), nil
		},
		Doc: "The base to the power of the exponent.", Example: "POWER(2, 10) = 1024",
	},
	{
		Name: "PI", Signatures: []string{"-> DOUBLE"},
		Eval: func([]row.Value, row.Type) (row.Value, error) { return row.NewDouble(math.Pi), nil },
		Doc:  "The ratio of a circle's circumference to its diameter.", Example: "PI() = 3.141592653589793",
	},
	{
		Name: "DEGREES", Signatures: onDouble, Eval: double(func(f float64) float64 { return f * (180 / math.Pi) }),
		Doc: "Radians as degrees.", Example: "DEGREES(PI()) = 180",
	},
	{
		Name: "RADIANS", Signatures: onDouble, Eval: double(func(f float64) float64 { return f * (math.Pi / 180) }),
		Doc: "Degrees as radians.", Example: "RADIANS(180) = PI()",
	},
	{
		Name: "SIN", Signatures: onDouble, Eval: double(math.Sin),
		Doc: "The sine of an angle in radians.", Example: "SIN(0) = 0",
	},
	{
		Name: "COS", Signatures: onDouble, Eval: double(math.Cos),
		Doc: "The cosine of an angle in radians.", Example: "COS(0) = 1",
	},
	{
		Name: "TAN", Signatures: onDouble, Eval: double(math.Tan),
		Doc: "The tangent of an angle in radians.", Example: "TAN(0) = 0",
	},
	{
		Name: "COT", Signatures: onDouble, Eval: double(func(f float64) float64 { return 1 / math.Tan(f) }),
		Doc: "The cotangent of an angle in radians.", Example: "COT(0) = CAST('Infinity' AS DOUBLE)",
	},
	{
		Name: "ASIN", Signatures: onDouble, Eval: double(math.Asin),
		Doc: "The angle, in radians, whose sine this is.", Example: "ASIN(0) = 0",
	},
	{
		Name: "ACOS", Signatures: onDouble, Eval: double(math.Acos),
		Doc: "The angle, in radians, whose cosine this is.", Example: "ACOS(1) = 0",
	},
	{
		Name: "ATAN", Signatures: onDouble, Eval: double(math.Atan),
		Doc: "The angle, in radians, whose tangent this is.", Example: "ATAN(0) = 0",
	},
	{
		Name: "ATAN2", Signatures: []string{"y DOUBLE, x DOUBLE -> DOUBLE"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewDouble(math.Atan2(a[0].Float64(), a[1].Float64())), nil
		},
		Doc: "The angle, in radians, at which the point (x, y) is seen.", Example: "ATAN2(0, -1) = PI()",
	},
	{
		Name: "SINH", Signatures: onDouble, Eval: double(math.Sinh),
		Doc: "The hyperbolic sine.", Example: "SINH(0) = 0",
	},
	{
		Name: "COSH", Signatures: onDouble, Eval: double(math.Cosh),
		Doc: "The hyperbolic cosine.", Example: "COSH(0) = 1",
	},
	{
		Name: "TANH", Signatures: onDouble, Eval: double(math.Tanh),
		Doc: "The hyperbolic tangent.", Example: "TANH(0) = 0",
	},
}

var onDouble = []string{"DOUBLE -> DOUBLE"}

func double(f func(float64) float64) Evaluator {
	return func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewDouble(f(a[0].Float64())), nil }
}

// logarithm follows ksqlDB: a base of which there is no logarithm gives NaN.
func logarithm(a []row.Value, _ row.Type) (row.Value, error) {
	if len(a) == 1 {
		return row.NewDouble(math.Log(a[0].Float64())), nil
	}
	base, f := a[0].Float64(), a[1].Float64()
	switch {
	case base <= 0 || base == 1:
		return row.NewDouble(math.NaN()), nil
	case base == 2:
		return row.NewDouble(math.Log2(f)), nil
	case base == 10:
		return row.NewDouble(math.Log10(f)), nil
	}
	return row.NewDouble(math.Log(f) / math.Log(base)), nil
}
