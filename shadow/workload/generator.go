package workload

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"parallax/processors/row"
)

// Epoch is the event time, in ms, at which all data begins: 2023-11-14T22:13:20Z.
const Epoch = 1_700_000_000_000

// jitter is how far a record's event time may be behind its turn, in ms.
const jitter = 5_000

// firstOrder is the first order's id.
const firstOrder = 1_000_000

// Options set the amount of data and the share of irregular records.
type Options struct {
	Records int
	Seed    uint64
	// Partitions is how many topic-partitions the records are dealt to in turn; 1
	// if 0.
	Partitions int
	// Messy is the percentage of records in another form with the same meaning: shuffled
	// fields, escaped characters, additional fields. Bad is the percentage of truncated
	// records; 0 uses the scenario's own. Both are 0 to 100.
	Messy, Bad float64
}

// Validate names the field and the value that cannot be used.
func (o Options) Validate() error {
	switch {
	case o.Records < 0:
		return fmt.Errorf("records: %d must not be negative", o.Records)
	case o.Partitions < 0:
		return fmt.Errorf("partitions: %d must not be negative", o.Partitions)
	case !(o.Messy >= 0 && o.Messy <= 100):
		return fmt.Errorf("messy: %v is not a percentage; write 0 to 100", o.Messy)
	case !(o.Bad >= 0 && o.Bad <= 100):
		return fmt.Errorf("bad: %v is not a percentage; write 0 to 100", o.Bad)
	}
	return nil
}

// Generator streams a scenario's records. It is not safe for concurrent use.
type Generator struct {
	s      *Scenario
	opt    Options
	n      int
	values *rand.Rand // for the contents of records
	forms  *rand.Rand // for the form of records, which does not change their contents
	fields []field
}

// field is a name and its JSON text.
type field struct{ name, text string }

// Generate starts a stream.
func (s *Scenario) Generate(opt Options) *Generator {
	opt.Partitions = max(opt.Partitions, 1)
	if opt.Bad == 0 {
		opt.Bad = s.Bad
	}
	return &Generator{
		s: s, opt: opt,
		values: rand.New(rand.NewPCG(opt.Seed, 1)), forms: rand.New(rand.NewPCG(opt.Seed, 2)),
	}
}

// Next returns the next record, whose bytes the caller owns; false at the end. Offsets
// count from 0 in each topic-partition.
func (g *Generator) Next() (row.Record, bool) {
	if g.n >= g.opt.Records {
		return row.Record{}, false
	}
	i := g.n
	g.n++
	at := int64(Epoch + i)
	switch g.s.data {
	case orders:
		at = g.order(i, i)
	case ordersPaid:
		if n := i / 2; i%2 == 0 {
			at = g.order(i, n)
		} else {
			g.payment(n, at)
		}
	case groupsInTurn:
		g.turn(i, at)
	case deskTrades:
		at = g.deskTrade(i)
	default:
		at = g.trade(i)
	}
	// The topics have a record in turn.
	topic, n := g.s.Topics[i%len(g.s.Topics)], i/len(g.s.Topics)
	return row.Record{
		TopicPartition: row.TopicPartition{Topic: topic, Partition: int32(n % g.opt.Partitions)},
		Offset:         int64(n / g.opt.Partitions), Timestamp: at, Value: g.write(),
	}, true
}

// late is record i's event time: its turn, or up to five seconds before.
func (g *Generator) late(i int) int64 {
	at := int64(Epoch + i)
	if g.values.IntN(10) == 0 {
		at -= g.values.Int64N(jitter)
	}
	return max(at, Epoch)
}

func (g *Generator) trade(i int) int64 {
	v, at := g.values, g.late(i)
	g.fields = append(g.fields[:0],
		field{"trader_id", fmt.Sprintf(`"TRADER%02d"`, v.IntN(20))},
		field{"symbol", fmt.Sprintf(`"SYM%03d"`, v.IntN(200))},
		field{"price", cents(100 + v.IntN(99_900))},
		field{"quantity", strconv.Itoa(1 + v.IntN(1000))},
		field{"side", [2]string{`"BUY"`, `"SELL"`}[v.IntN(2)]},
		field{"venue", fmt.Sprintf(`"VENUE-%d"`, v.IntN(8))},
		field{"trade_id", strconv.Itoa(100_000_000 + i)},
		field{"ts", strconv.FormatInt(at, 10)},
	)
	return at
}

// order is the n-th order, as record i.
func (g *Generator) order(i, n int) int64 {
	v, at := g.values, g.late(i)
	g.fields = append(g.fields[:0],
		field{"order_id", strconv.Itoa(firstOrder + n)},
		field{"customer_id", strconv.Itoa(v.IntN(50_000))},
		field{"order_date", strconv.FormatInt(at, 10)},
		field{"total_amount", cents(v.IntN(50_000))},
		field{"status", [3]string{`"NEW"`, `"PAID"`, `"SHIPPED"`}[v.IntN(3)]},
		field{"channel", fmt.Sprintf(`"CHANNEL-%d"`, v.IntN(6))},
	)
	return at
}

// payment makes the n-th payment, for an order of the last four seconds: some orders are
// paid at once, some in parts, some not at all.
func (g *Generator) payment(n int, at int64) {
	v := g.values
	g.fields = append(g.fields[:0],
		field{"payment_id", strconv.Itoa(5_000_000 + n)},
		field{"order_id", strconv.Itoa(firstOrder + n - v.IntN(min(n+1, 2_000)))},
		field{"amount", cents(v.IntN(50_000))},
		field{"method", [3]string{`"CARD"`, `"CASH"`, `"TRANSFER"`}[v.IntN(3)]},
		field{"paid_at", strconv.FormatInt(at, 10)},
	)
}

// turn makes records of 20 groups in turn.
func (g *Generator) turn(i int, at int64) {
	g.fields = append(g.fields[:0],
		field{"grp", fmt.Sprintf(`"GROUP%02d"`, i%20)},
		field{"amount", strconv.Itoa(g.values.IntN(1000))},
		field{"ts", strconv.FormatInt(at, 10)},
	)
}

func cents(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

// write writes the fields as the options want them.
func (g *Generator) write() []byte {
	messy := g.forms.Float64()*100 < g.opt.Messy
	bad := g.forms.Float64()*100 < g.opt.Bad
	fields := g.fields
	if messy {
		fields = g.mess(fields)
	}
	b := make([]byte, 0, 192)
	b = append(b, '{')
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		if messy && g.forms.IntN(4) == 0 {
			b = append(b, ' ')
		}
		b = append(b, '"')
		b = append(b, f.name...)
		b = append(b, '"', ':')
		b = append(b, f.text...)
	}
	b = append(b, '}')
	if bad {
		b = b[:1+g.forms.IntN(len(b)-1)]
	}
	return b
}

// extras are additional fields that no query needs, some of them hard to skip.
var extras = []field{
	{"note", `null`},
	{"tags", `["a","]","}",{"b":[]}]`},
	{"nested", `{"symbol":"NOT THIS ONE","deep":{"price":"{\"x\":1}"}}`},
	{"text", `"quote \" backslash \\ unicode \u00e9 \ud83d\ude00"`},
}

// mess shuffles fields, escapes a character of a string, adds extras.
func (g *Generator) mess(fields []field) []field {
	out := append([]field(nil), fields...)
	for i, f := range out {
		if f.text[0] == '"' && len(f.text) > 3 && g.forms.IntN(2) == 0 {
			at := 1 + g.forms.IntN(len(f.text)-2)
			out[i].text = f.text[:at] + fmt.Sprintf(`\u%04x`, f.text[at]) + f.text[at+1:]
		}
	}
	for range g.forms.IntN(3) {
		out = append(out, extras[g.forms.IntN(len(extras))])
	}
	g.forms.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
