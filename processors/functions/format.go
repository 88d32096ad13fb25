package functions

import (
	"strings"
	"time"

	"parallax/processors/datetime"
	"parallax/processors/row"
)

// formatFunctions write and read dates and times by Java's patterns.
var formatFunctions = []Function{
	formatting(row.Timestamp, ", [zone STRING]", "FORMAT_TIMESTAMP(TIMESTAMP '2026-07-05T15:04:09', 'd MMM yyyy h:mm a XXX', 'Europe/Paris') = '5 Jul 2026 5:04 PM +02:00'"),
	formatting(row.Date, "", "FORMAT_DATE(DATE '2026-03-05', 'EEEE, dd/MM/yy') = 'Thursday, 05/03/26'"),
	formatting(row.Time, "", "FORMAT_TIME(TIME '15:04:09', 'HH''h''mm') = '15h04'"),
	parsing(row.Timestamp, ", [zone STRING]", "PARSE_TIMESTAMP('05.07.2026 17:04', 'dd.MM.yyyy HH:mm', 'Europe/Paris') = TIMESTAMP '2026-07-05T15:04:00'"),
	parsing(row.Date, "", "PARSE_DATE('20260305', 'yyyyMMdd') = DATE '2026-03-05'"),
	parsing(row.Time, "", "PARSE_TIME('3:04 PM', 'h:mm a') = TIME '15:04:00'"),
}

func formatting(k row.Kind, more, example string) Function {
	return Function{
		Name: "FORMAT_" + k.String(), Signatures: []string{k.String() + ", pattern STRING" + more + " -> STRING"},
		Prepare: onDatePattern(k, func(p *datetime.Pattern, zone *time.Location, v row.Value) (row.Value, error) {
			return row.NewString(string(p.AppendFormat(nil, time.UnixMilli(msOf(v)).In(zone)))), nil
		}),
		Doc: "The " + k.String() + " as text, by a pattern of Java's DateTimeFormatter.", Example: example,
	}
}

func parsing(k row.Kind, more, example string) Function {
	doc := "The " + k.String() + " that a text says, by a pattern of Java's DateTimeFormatter"
	if k == row.Timestamp {
		doc += "; a zone in the text goes before the argument, what is missing is taken from 1970"
	}
	return Function{
		Name: "PARSE_" + k.String(), Signatures: []string{"STRING, pattern STRING" + more + " -> " + k.String()},
		Prepare: onDatePattern(k, func(p *datetime.Pattern, zone *time.Location, v row.Value) (row.Value, error) {
			t, ok := p.Parse(v.Str(), zone)
			if !ok {
				return row.Value{}, ErrArgument
			}
			return fromMS(k, t.UnixMilli(), true)
		}),
		Doc: doc + ".", Example: example,
	}
}

// maxDatePattern is how long a pattern that is data may be.
const maxDatePattern = 1 << 10

// onDatePattern is a function of a value, a pattern and, perhaps, a zone. What is
// constant is made once; of the patterns that are not, the last one is kept.
func onDatePattern(k row.Kind, f func(*datetime.Pattern, *time.Location, row.Value) (row.Value, error)) Preparer {
	return func(constants []row.Value, _ []row.Type) (Evaluator, string) {
		var pattern *datetime.Pattern
		var from string
		if c := constants[1]; !c.IsNull() {
			var wrong string
			if pattern, wrong = datePattern(c.Str(), k); wrong != "" {
				return nil, wrong
			}
			from = c.Str()
		}
		known := zones{}
		if len(constants) == 3 {
			if wrong := known.add(constants[2]); wrong != "" {
				return nil, wrong
			}
		}
		return func(a []row.Value, _ row.Type) (row.Value, error) {
			if text := a[1].Str(); pattern == nil || text != from {
				if len(text) > maxDatePattern {
					return row.Value{}, ErrArgument
				}
				var wrong string
				if pattern, wrong = datePattern(text, k); wrong != "" {
					return row.Value{}, ErrArgument
				}
				from = strings.Clone(text)
			}
			zone := time.UTC
			if len(a) == 3 {
				var err error
				if zone, err = known.of(a[2]); err != nil {
					return row.Value{}, err
				}
			}
			return f(pattern, zone, a[0])
		}, ""
	}
}

// datePattern compiles a pattern for a kind: a DATE has no time of day, a TIME no
// date, and neither has a zone.
func datePattern(text string, k row.Kind) (*datetime.Pattern, string) {
	p, err := datetime.Compile(text)
	if err != nil {
		return nil, err.Error()
	}
	without := map[row.Kind]datetime.Parts{row.Date: datetime.ClockPart | datetime.ZonePart, row.Time: datetime.DatePart | datetime.ZonePart}[k]
	if p.Parts()&without != 0 {
		return nil, "pattern '" + text + "' asks for what a " + k.String() + " does not have"
	}
	return p, ""
}
