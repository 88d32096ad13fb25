package functions

import (
	"math"
	"strings"
	"time"

	"parallax/processors/datetime"
	"parallax/processors/row"
)

// timeFunctions compute with DATE, TIME and TIMESTAMP, in UTC unless a zone is
// named. FORMAT_ and PARSE_ are in format.go.
var timeFunctions = []Function{
	{
		Name: "EXTRACT", Signatures: []string{"part STRING, TIMESTAMP -> BIGINT", "part STRING, DATE -> BIGINT", "part STRING, TIME -> BIGINT"},
		Unit: true, Prepare: extract,
		Doc:     "A part of the date or time: " + datetime.ExtractNames() + ". Also written EXTRACT(part FROM x). WEEK is ISO 8601's, DOW is 0 on Sunday.",
		Example: "EXTRACT(YEAR FROM DATE '2026-03-05') = 2026",
	},
	{
		Name: "DATE_TRUNC", Signatures: []string{"unit STRING, TIMESTAMP -> TIMESTAMP", "unit STRING, DATE -> DATE"},
		Unit: true,
		Prepare: onUnit(func(u datetime.Unit, a []row.Value, t row.Type) (row.Value, error) {
			ms, ok := u.Truncate(msOf(a[1]))
			return fromMS(t.Kind, ms, ok)
		}),
		Doc:     "The start of the unit that the time lies in; weeks start on Monday.",
		Example: "DATE_TRUNC('HOUR', TIMESTAMP '2026-03-05T15:04:09') = TIMESTAMP '2026-03-05T15:00:00'",
	},
	adding("DATEADD", row.Date, 1, "DATEADD(MONTH, 1, DATE '2026-01-31') = DATE '2026-02-28'"),
	adding("DATESUB", row.Date, -1, "DATESUB(DAYS, 5, DATE '2026-03-05') = DATE '2026-02-28'"),
	adding("TIMESTAMPADD", row.Timestamp, 1, "TIMESTAMPADD(MINUTES, 90, TIMESTAMP '2026-03-05T23:00:00') = TIMESTAMP '2026-03-06T00:30:00'"),
	adding("TIMESTAMPSUB", row.Timestamp, -1, "TIMESTAMPSUB(YEAR, 1, TIMESTAMP '2024-02-29T10:00:00') = TIMESTAMP '2023-02-28T10:00:00'"),
	adding("TIMEADD", row.Time, 1, "TIMEADD(HOURS, 2, TIME '23:30:00') = TIME '01:30:00'"),
	adding("TIMESUB", row.Time, -1, "TIMESUB(SECONDS, 1, TIME '00:00:00') = TIME '23:59:59'"),
	{
		Name:       "DATEDIFF",
		Signatures: []string{"unit STRING, from TIMESTAMP, to TIMESTAMP -> BIGINT", "unit STRING, from DATE, to DATE -> BIGINT", "unit STRING, from TIME, to TIME -> BIGINT"},
		Unit:       true,
		Prepare: onUnit(func(u datetime.Unit, a []row.Value, _ row.Type) (row.Value, error) {
			n, ok := u.Between(msOf(a[1]), msOf(a[2]))
			return orOverflow(row.NewBigint(n), ok)
		}),
		Doc:     "How many whole units lie between two times; negative where the second is earlier.",
		Example: "DATEDIFF(MONTH, DATE '2026-01-31', DATE '2026-03-05') = 1",
	},
	{
		Name: "CONVERT_TZ", Signatures: []string{"TIMESTAMP, from STRING, to STRING -> TIMESTAMP"}, Prepare: convertZone,
		Doc:     "What a clock shows in one zone when in another it shows the given time.",
		Example: "CONVERT_TZ(TIMESTAMP '2026-07-01T12:00:00', 'America/Los_Angeles', 'Europe/Paris') = TIMESTAMP '2026-07-01T21:00:00'",
	},
	{
		Name: "NOW", Aliases: []string{"CURRENT_TIMESTAMP"}, Signatures: []string{"-> TIMESTAMP"}, Clock: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return a[0], nil },
		Doc:  "The largest record timestamp up to and including this record, in input order: the same in every run; NULL where no record had one. Also CURRENT_TIMESTAMP without brackets.", Example: "NOW() = FROM_UNIXTIME(ROWTIME)",
	},
	{
		Name: "UNIX_TIMESTAMP", Signatures: []string{"[TIMESTAMP] -> BIGINT"}, Clock: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewBigint(a[0].Int64()), nil },
		Doc:  "The milliseconds since 1970, of NOW() where no time is given.", Example: "UNIX_TIMESTAMP(TIMESTAMP '1970-01-01T00:00:01') = 1000",
	},
	{
		Name: "UNIX_DATE", Signatures: []string{"[DATE] -> INT"}, Clock: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			date, err := fromMS(row.Date, msOf(a[0]), true) // of NOW, too
			return row.NewInt(date.Int64()), err
		},
		Doc: "The days since 1970, of NOW() where no date is given.", Example: "UNIX_DATE(DATE '1970-02-01') = 31",
	},
	{
		Name: "FROM_UNIXTIME", Signatures: []string{"milliseconds BIGINT -> TIMESTAMP"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewTimestamp(a[0].Int64()), nil },
		Doc:  "The TIMESTAMP so many milliseconds after 1970 began.", Example: "FROM_UNIXTIME(1000) = TIMESTAMP '1970-01-01T00:00:01'",
	},
	{
		Name: "FROM_DAYS", Signatures: []string{"days INT -> DATE"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewIntegral(row.Date, a[0].Int64()), nil
		},
		Doc: "The DATE so many days after 1970-01-01.", Example: "FROM_DAYS(31) = DATE '1970-02-01'",
	},
}

const msPerDay = row.MillisPerDay

// msOf is a DATE's midnight, a TIMESTAMP's or a TIME's ms.
func msOf(v row.Value) int64 {
	if v.Kind() == row.Date {
		return v.Int64() * msPerDay
	}
	return v.Int64()
}

// fromMS goes back: a DATE is the day that ms lies in, a TIME the time of day. It is an
// error where there is no ms (ok is false), or where it is too far for a DATE.
func fromMS(k row.Kind, ms int64, ok bool) (row.Value, error) {
	switch k {
	case row.Date:
		days, fits := row.DateOf(ms)
		return orOverflow(row.NewIntegral(k, days), ok && fits)
	case row.Time:
		return orOverflow(row.NewIntegral(k, row.TimeOf(ms)), ok)
	}
	return orOverflow(row.NewIntegral(k, ms), ok)
}

// orOverflow is a value, or the error that there is none in its type's range.
func orOverflow(v row.Value, ok bool) (row.Value, error) {
	if !ok {
		return row.Value{}, ErrOverflow
	}
	return v, nil
}

// onUnit is a function whose first argument names a unit of time.
func onUnit(f func(u datetime.Unit, a []row.Value, t row.Type) (row.Value, error)) Preparer {
	return func(constants []row.Value, _ []row.Type) (Evaluator, string) {
		var known datetime.Unit
		if c := constants[0]; !c.IsNull() {
			var ok bool
			if known, ok = datetime.UnitNamed(c.Str()); !ok {
				return nil, "there is no unit " + c.Str() + ": it is one of " + datetime.UnitNames()
			}
			return func(a []row.Value, t row.Type) (row.Value, error) { return f(known, a, t) }, ""
		}
		return func(a []row.Value, t row.Type) (row.Value, error) {
			u, ok := datetime.UnitNamed(a[0].Str())
			if !ok {
				return row.Value{}, ErrArgument
			}
			return f(u, a, t)
		}, ""
	}
}

// adding is one of the functions that add (sign 1) or subtract (-1) units.
func adding(name string, k row.Kind, sign int64, example string) Function {
	doc := "The " + k.String() + " so many units later"
	if sign < 0 {
		doc = "The " + k.String() + " so many units earlier"
	}
	switch k {
	case row.Date:
		doc += "; of hours and less, whole days count"
	case row.Time:
		doc += ", around midnight"
	}
	return Function{
		Name: name, Signatures: []string{"unit STRING, n BIGINT, " + k.String() + " -> " + k.String()}, Unit: true,
		Prepare: onUnit(func(u datetime.Unit, a []row.Value, t row.Type) (row.Value, error) {
			n := a[1].Int64()
			if n == math.MinInt64 {
				return row.Value{}, ErrOverflow
			}
			ms, ok := u.Add(msOf(a[2]), sign*n)
			return fromMS(t.Kind, ms, ok)
		}),
		Doc: doc + ".", Example: example,
	}
}

// extract reads a part. A DATE has no time of day, a TIME no date.
func extract(constants []row.Value, types []row.Type) (Evaluator, string) {
	has := map[row.Kind]datetime.Parts{row.Date: datetime.DatePart, row.Time: datetime.ClockPart}[types[1].Kind]
	if types[1].Kind == row.Timestamp || types[1].Kind == row.Null {
		has = datetime.DatePart | datetime.ClockPart
	}
	find := func(name string) (func(time.Time) int64, bool) {
		of, part, ok := datetime.Extract(name)
		return of, ok && part&^has == 0
	}
	value := func(of func(time.Time) int64, v row.Value) (row.Value, error) {
		return row.NewBigint(of(time.UnixMilli(msOf(v)).UTC())), nil
	}
	if c := constants[0]; !c.IsNull() {
		of, ok := find(c.Str())
		if !ok {
			return nil, "a " + types[1].String() + " has no " + strings.ToUpper(c.Str()) + "; parts are " + datetime.ExtractNames()
		}
		return func(a []row.Value, _ row.Type) (row.Value, error) { return value(of, a[1]) }, ""
	}
	return func(a []row.Value, _ row.Type) (row.Value, error) {
		of, ok := find(a[0].Str())
		if !ok {
			return row.Value{}, ErrArgument
		}
		return value(of, a[1])
	}, ""
}

// zones finds time zones by name, and keeps those that are constants.
type zones map[string]*time.Location

// add looks a constant up; wrong says that there is no such zone.
func (z zones) add(constant row.Value) (wrong string) {
	if constant.IsNull() {
		return ""
	}
	loc, ok := datetime.Zone(constant.Str())
	if !ok {
		return "there is no time zone '" + constant.Str() + "'"
	}
	z[constant.Str()] = loc
	return ""
}

func (z zones) of(v row.Value) (*time.Location, error) {
	if loc := z[v.Str()]; loc != nil {
		return loc, nil
	}
	loc, ok := datetime.Zone(v.Str())
	if !ok {
		return nil, ErrArgument
	}
	return loc, nil
}

func convertZone(constants []row.Value, _ []row.Type) (Evaluator, string) {
	known := zones{}
	for _, c := range constants[1:] {
		if wrong := known.add(c); wrong != "" {
			return nil, wrong
		}
	}
	return func(a []row.Value, _ row.Type) (row.Value, error) {
		from, err := known.of(a[1])
		if err != nil {
			return row.Value{}, err
		}
		to, err := known.of(a[2])
		if err != nil {
			return row.Value{}, err
		}
		return clockOf(datetime.InZone(time.UnixMilli(a[0].Int64()).UTC(), from).In(to))
	}, ""
}

// clockOf returns the time of day in t's zone.
func clockOf(t time.Time) (row.Value, error) {
	_, offset := t.Zone()
	ms, ok := datetime.Millis(t.Add(time.Duration(offset) * time.Second))
	return orOverflow(row.NewTimestamp(ms), ok)
}
