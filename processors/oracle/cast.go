package oracle

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parallax/processors/row"
)

var numberText = regexp.MustCompile(`^([+-]?)(?:([0-9]+)\.?([0-9]*)|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?$`)

// numberIn reads the number in a text. A number too large for any type, or too small to be
// visible in one, is replaced by another such number, so that its exponent can have any
// size.
func numberIn(text string) (*big.Rat, bool) {
	m := numberText.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	whole, fraction := m[2], m[3]+m[4]
	digits, _ := new(big.Int).SetString(whole+fraction, 10)
	exponent, _ := new(big.Int).SetString("0"+strings.TrimLeft(m[5], "+-"), 10)
	if strings.HasPrefix(m[5], "-") {
		exponent.Neg(exponent)
	}
	exponent.Sub(exponent, big.NewInt(int64(len(fraction))))
	const far = 100
	size := new(big.Int).Add(exponent, big.NewInt(int64(len(digits.String()))))
	switch {
	case digits.Sign() == 0:
		exponent.SetInt64(0)
	case size.Cmp(big.NewInt(-far)) < 0:
		digits.SetInt64(1)
		exponent.SetInt64(-far)
	case size.Cmp(big.NewInt(far)) > 0:
		digits.SetInt64(1)
		exponent.SetInt64(far)
	}
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), new(big.Int).Abs(exponent), nil))
	if exponent.Sign() < 0 {
		power.Inv(power)
	}
	r := power.Mul(power, new(big.Rat).SetInt(digits))
	if m[1] == "-" {
		r.Neg(r)
	}
	return r, true
}

// cast converts by way of text and exact numbers.
func cast(v row.Value, to row.Type) (row.Value, error) {
	text := strings.TrimSpace(v.Str())
	switch to.Kind {
	case v.Kind():
		if to.Kind.IsNested() {
			return castNested(v, to)
		}
		if to.Kind != row.Decimal {
			return v, nil
		}
	case row.String:
		return row.NewString(textOf(v)), nil
	case row.Boolean:
		b, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil || len(text) < 4 {
			return row.Value{}, errCast
		}
		return row.NewBoolean(b), nil
	case row.Double:
		return toDouble(v, text)
	case row.Date, row.Time:
		return toCalendar(v, text, to.Kind)
	case row.Timestamp:
		switch v.Kind() {
		case row.Bigint:
			return row.NewTimestamp(v.Int64()), nil
		case row.Date:
			return row.NewTimestamp(time.Date(1970, 1, 1+int(v.Int64()), 0, 0, 0, 0, time.UTC).UnixMilli()), nil
		}
		ms, ok := row.ParseTimestamp(text)
		if !ok {
			return row.Value{}, errCast
		}
		return row.NewTimestamp(ms), nil
	}
	r, ok := exact(v, text, to)
	if !ok {
		return row.Value{}, errCast
	}
	if to.Kind != row.Decimal {
		r = truncated(r)
	}
	return fromRat(r, to)
}

// exact returns v as an exact number.
func exact(v row.Value, text string, to row.Type) (*big.Rat, bool) {
	switch v.Kind() {
	case row.Int, row.Bigint, row.Timestamp, row.Decimal:
		return toRat(v), true
	case row.Double:
		f := v.Float64()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, false
		}
		if to.Kind != row.Decimal {
			return new(big.Rat).SetFloat64(f), true
		}
		// A DOUBLE becomes the DECIMAL of its shortest text.
		return new(big.Rat).SetString(strconv.FormatFloat(f, 'e', -1, 64))
	}
	r, ok := numberIn(text)
	return r, ok && (to.Kind == row.Decimal || r.IsInt())
}

func toDouble(v row.Value, text string) (row.Value, error) {
	switch v.Kind() {
	case row.Int, row.Bigint, row.Decimal:
		f, _ := toRat(v).Float64()
		return row.NewDouble(f), nil
	}
	switch text {
	case "NaN":
		return row.NewDouble(math.NaN()), nil
	case "Infinity":
		return row.NewDouble(math.Inf(1)), nil
	case "-Infinity":
		return row.NewDouble(math.Inf(-1)), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !numberText.MatchString(text) {
		return row.Value{}, errCast
	}
	return row.NewDouble(f), nil
}

func textOf(v row.Value) string {
	switch v.Kind() {
	case row.Date:
		return time.Date(1970, 1, 1+int(v.Int64()), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case row.Time:
		return time.UnixMilli(v.Int64()).UTC().Format("15:04:05.000")
	case row.Timestamp:
		return time.UnixMilli(v.Int64()).UTC().Format("2006-01-02T15:04:05.000")
	case row.Double:
		return strings.Trim(string(row.AppendJSON(nil, v)), `"`)
	}
	return v.String()
}

var (
	dateText      = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$`)
	basicDateText = regexp.MustCompile(`^[0-9]{8}$`)
	basicTimeText = regexp.MustCompile(`^[0-9]{6}([.,][0-9]+)?$`)
	timeText      = regexp.MustCompile(`^[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?$`)
)

// toCalendar converts a TIMESTAMP or a text to a DATE or TIME.
func toCalendar(v row.Value, text string, to row.Kind) (row.Value, error) {
	var t time.Time
	var err error
	switch {
	case v.Kind() == row.Timestamp:
		t = time.UnixMilli(v.Int64()).UTC()
	case to == row.Date && basicDateText.MatchString(text):
		t, err = time.Parse(time.DateOnly, text[:4]+"-"+text[4:6]+"-"+text[6:])
	case to == row.Time && basicTimeText.MatchString(text):
		t, err = time.Parse(time.TimeOnly, text[:2]+":"+text[2:4]+":"+text[4:])
	case to == row.Date && dateText.MatchString(text):
		t, err = time.Parse(time.DateOnly, (text + "-01")[:len(time.DateOnly)])
	case to == row.Time && timeText.MatchString(text):
		if strings.Count(text, ":") == 1 {
			text += ":00"
		}
		t, err = time.Parse(time.TimeOnly, text)
	default:
		err = errCast
	}
	if err != nil {
		return row.Value{}, errCast
	}
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	if to == row.Time {
		return row.NewIntegral(row.Time, clock.Milliseconds()), nil
	}
	days := t.Add(-clock).Unix() / 86400
	if days < math.MinInt32 || days > math.MaxInt32 { // a DATE has 32 bits
		return row.Value{}, errCast
	}
	return row.NewIntegral(row.Date, days), nil
}

// castNested casts the elements of a value, by index or by name.
func castNested(v row.Value, to row.Type) (row.Value, error) {
	element := func(e row.Value, t row.Type) (row.Value, error) {
		if e.IsNull() {
			return e, nil
		}
		return cast(e, t)
	}
	var names []string
	var values []row.Value
	if to.Kind == row.Struct {
		for _, f := range to.Fields {
			var from row.Value
			for i, name := range v.Names() {
				if name == f.Name {
					from = v.Elements()[i]
				}
			}
			e, err := element(from, f.Type)
			if err != nil {
				return e, err
			}
			names, values = append(names, f.Name), append(values, e)
		}
		return row.NewStruct(names, values), nil
	}
	for _, e := range v.Elements() {
		e, err := element(e, *to.Elem)
		if err != nil {
			return e, err
		}
		values = append(values, e)
	}
	if to.Kind == row.Map {
		return row.NewMap(v.Names(), values), nil
	}
	return row.NewArray(values), nil
}
