package bench

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"strconv"
)

// errFloor is data that a floor was not written for.
var errFloor = errors.New("the floor knows one layout of records, and this is another")

// trade is a decoded market_data record. Names have at most eight bytes and are stored as
// numbers.
type trade struct {
	traders         bool // the query needs the traders
	trader, symbol  uint64
	cents, quantity int64
	at              int64
}

// word is up to eight bytes as a number.
func word(b []byte) uint64 {
	if len(b) == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	var w uint64
	for i := len(b) - 1; i >= 0; i-- {
		w = w<<8 | uint64(b[i])
	}
	return w
}

func appendWord(b []byte, w uint64) []byte {
	for ; w != 0; w >>= 8 {
		b = append(b, byte(w))
	}
	return b
}

// decode reads a record with its fields in the generator's order, and skips everything that
// the query does not need.
func (t *trade) decode(b []byte) error {
	// {"trader_id":"TRADER07","symbol":"SYM123","price":1.50,"quantity":17,"side":"BUY","venue":"VENUE-3","trade_id":100000017,"ts":1700000000017}
	i := len(`{"trader_id":"`)
	from := i
	for b[i] != '"' {
		i++
	}
	if t.traders {
		if i-from > 8 {
			return errFloor
		}
		t.trader = word(b[from:i])
	}
	i += len(`","symbol":"`)
	from = i
	for b[i] != '"' {
		i++
	}
	if i-from > 8 {
		return errFloor
	}
	t.symbol = word(b[from:i])
	i += len(`","price":`)
	n := int64(0)
	for ; b[i] != '.'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	t.cents = n*100 + int64(b[i+1]-'0')*10 + int64(b[i+2]-'0')
	i += len(`.00,"quantity":`)
	n = 0
	for ; b[i] != ','; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	t.quantity = n
	i += len(`,"side":"`)
	for b[i] != '"' {
		i++
	}
	i += len(`","venue":"`)
	for b[i] != '"' {
		i++
	}
	i += len(`","trade_id":`)
	for b[i] != ',' {
		i++
	}
	i += len(`,"ts":`)
	n = 0
	for ; b[i] != '}'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	t.at = n
	if i+1 != len(b) {
		return errFloor
	}
	return nil
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xe7037ed1a0b428db)
	return hi ^ lo
}

// floorSymbol is a symbol's totals, and its name as it is written.
type floorSymbol struct {
	name                        uint64
	n, sum, low, high, quantity int64
	key, prefix                 []byte
}

// floorBySymbol is scenarios 2 and 2c by hand.
func floorBySymbol(changes bool) func(in *Input, _ int, out *output) error {
	return func(in *Input, _ int, out *output) error {
		const size = 1 << 12
		var slots [size]*floorSymbol
		var all []*floorSymbol
		var t trade
		var buf []byte
		for _, b := range in.Values {
			if err := t.decode(b); err != nil {
				return err
			}
			h := mix(t.symbol, 1) % size
			for slots[h] != nil && slots[h].name != t.symbol {
				h = (h + 1) % size
			}
			s := slots[h]
			if s == nil {
				if len(all) == size/2 {
					return errFloor
				}
				s = &floorSymbol{name: t.symbol, low: t.cents, high: t.cents}
				s.key = appendWord(nil, t.symbol)
				s.prefix = append(append([]byte(`{"SYMBOL":"`), s.key...), `","TRADES":`...)
				slots[h] = s
				all = append(all, s)
			}
			s.n++
			s.sum += t.cents
			s.low, s.high = min(s.low, t.cents), max(s.high, t.cents)
			s.quantity += t.quantity
			if changes {
				buf = s.append(buf[:0])
				out.row(s.key, buf)
			}
		}
		if !changes {
			slices.SortFunc(all, func(a, b *floorSymbol) int {
				return cmp.Compare(bits.ReverseBytes64(a.name), bits.ReverseBytes64(b.name))
			})
			for _, s := range all {
				buf = s.append(buf[:0])
				out.row(s.key, buf)
			}
		}
		return nil
	}
}

func (s *floorSymbol) append(b []byte) []byte {
	b = append(b, s.prefix...)
	b = strconv.AppendInt(b, s.n, 10)
	b = append(b, `,"AVERAGE":`...)
	b = appendMillionths(b, uint64(average(s.sum, s.n)))
	b = append(b, `,"LOW":`...)
	b = appendCents(b, s.low)
	b = append(b, `,"HIGH":`...)
	b = appendCents(b, s.high)
	b = append(b, `,"VOLUME":`...)
	b = strconv.AppendInt(b, s.quantity, 10)
	return append(b, '}')
}

// average is the average of n amounts in cents, in millionths, rounded half up.
func average(cents, n int64) int64 { return (cents*20_000/n + 1) >> 1 }

// floorGroup is the totals of a trader, symbol and minute.
type floorGroup struct {
	pair                       *floorPair
	n, sum, quantity, turnover int64
}

// floorPair is a trader and symbol: its rows' beginnings, and its group in each
// of the two minutes that can be open.
type floorPair struct {
	trader, symbol uint64
	key, prefix    []byte
	group          [2]*floorGroup
}

const (
	minute = 60_000
	grace  = 10_000
)

// floorByTrader is the hand-written loop for scenarios 3a and 3b: one-minute windows with
// ten seconds of grace.
func floorByTrader(changes bool) func(in *Input, _ int, out *output) error {
	return func(in *Input, _ int, out *output) error {
		f := newTraderFloor(changes)
		if err := f.take(in.Values, out); err != nil {
			return err
		}
		f.end(out)
		return nil
	}
}

// traderFloor is floorByTrader for an input that arrives in parts.
type traderFloor struct {
	changes   bool
	slots     []*floorPair
	pairs     int
	open      [2][]*floorGroup // by minute, modulo 2
	starts    [2]int64
	free      []*floorGroup
	key, buf  []byte
	watermark int64
}

// traderSlots is the size of the table of pairs.
const traderSlots = 1 << 14

func newTraderFloor(changes bool) *traderFloor {
	return &traderFloor{changes: changes, slots: make([]*floorPair, traderSlots)}
}

// take processes the next values.
func (f *traderFloor) take(values [][]byte, out *output) error {
	const size = traderSlots
	slots, key, buf, watermark := f.slots, f.key, f.buf, f.watermark
	t := trade{traders: true}
	for _, b := range values {
		if err := t.decode(b); err != nil {
			return err
		}
		start := t.at - t.at%minute
		if t.at > watermark {
			watermark = t.at
			for m := range f.open {
				if len(f.open[m]) > 0 && f.starts[m]+minute+grace <= watermark {
					f.close(m, out)
				}
			}
		}
		if start+minute+grace <= watermark {
			continue
		}
		h := mix(t.trader, t.symbol) % size
		for slots[h] != nil && (slots[h].trader != t.trader || slots[h].symbol != t.symbol) {
			h = (h + 1) % size
		}
		p := slots[h]
		if p == nil {
			if f.pairs++; f.pairs > size/2 {
				return errFloor
			}
			p = newFloorPair(t.trader, t.symbol)
			slots[h] = p
		}
		m := start / minute % 2
		g := p.group[m]
		if g == nil {
			var err error
			if g, err = f.group(p, m, start); err != nil {
				return err
			}
		}
		g.n++
		g.sum += t.cents
		g.quantity += t.quantity
		g.turnover += t.cents * t.quantity
		if f.changes {
			key, buf = g.append(key[:0], buf[:0], start)
			out.row(key, buf)
		}
	}
	f.key, f.buf, f.watermark = key, buf, watermark
	return nil
}

// group opens the group of a pair in a minute.
func (f *traderFloor) group(p *floorPair, m, start int64) (g *floorGroup, err error) {
	if len(f.open[m]) > 0 && f.starts[m] != start {
		return nil, errFloor
	}
	f.starts[m] = start
	if n := len(f.free); n > 0 {
		g, f.free = f.free[n-1], f.free[:n-1]
	} else {
		g = new(floorGroup)
	}
	*g = floorGroup{pair: p}
	p.group[m] = g
	f.open[m] = append(f.open[m], g)
	return g, nil
}

// close closes a minute.
func (f *traderFloor) close(m int, out *output) {
	if !f.changes {
		slices.SortFunc(f.open[m], func(a, b *floorGroup) int {
			return cmp.Or(
				cmp.Compare(bits.ReverseBytes64(a.pair.trader), bits.ReverseBytes64(b.pair.trader)),
				cmp.Compare(bits.ReverseBytes64(a.pair.symbol), bits.ReverseBytes64(b.pair.symbol)),
			)
		})
		for _, g := range f.open[m] {
			f.key, f.buf = g.append(f.key[:0], f.buf[:0], f.starts[m])
			out.row(f.key, f.buf)
		}
	}
	for _, g := range f.open[m] {
		g.pair.group[m] = nil
	}
	f.free = append(f.free, f.open[m]...)
	f.open[m] = f.open[m][:0]
}

// end closes the open windows.
func (f *traderFloor) end(out *output) {
	first := 0
	if f.starts[1] < f.starts[0] {
		first = 1
	}
	f.close(first, out)
	f.close(1-first, out)
}

func newFloorPair(trader, symbol uint64) *floorPair {
	names := appendWord([]byte(`{"TRADER_ID":"`), trader)
	names = append(names, `","SYMBOL":"`...)
	names = append(appendWord(names, symbol), '"')
	return &floorPair{
		trader: trader, symbol: symbol,
		key: append(slices.Clone(names), '}'), prefix: append(slices.Clone(names), `,"TRADES":`...),
	}
}

func (g *floorGroup) append(key, b []byte, start int64) (_, _ []byte) {
	key = binary.BigEndian.AppendUint64(append(key, g.pair.key...), uint64(start))
	b = append(b, g.pair.prefix...)
	b = strconv.AppendInt(b, g.n, 10)
	b = append(b, `,"AVERAGE":`...)
	b = appendMillionths(b, uint64(average(g.sum, g.n)))
	b = append(b, `,"VOLUME":`...)
	b = strconv.AppendInt(b, g.quantity, 10)
	b = append(b, `,"TURNOVER":`...)
	b = appendCents(b, g.turnover)
	return key, append(b, '}')
}
