package bench

import (
	"encoding/binary"
	"slices"
	"strconv"
)

// deal is the part of a market_data record that the scenario of sessions needs.
type deal struct {
	trader          uint64
	cents, quantity int64
	at              int64
}

// decode reads a record with its fields in the generator's order, and skips those that the
// query does not need.
func (d *deal) decode(b []byte) error {
	// {"trader_id":"TRADER07","symbol":"SYM123","price":1.50,"quantity":17,"side":"BUY","venue":"VENUE-3","trade_id":100000017,"ts":1700000000017}
	i := len(`{"trader_id":"`)
	from := i
	for b[i] != '"' {
		i++
	}
	if i-from > 8 {
		return errFloor
	}
	d.trader = word(b[from:i])
	i += len(`","symbol":"`)
	for b[i] != '"' {
		i++
	}
	i += len(`","price":`)
	n := int64(0)
	for ; b[i] != '.'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	d.cents = n*100 + int64(b[i+1]-'0')*10 + int64(b[i+2]-'0')
	i += len(`.00,"quantity":`)
	n = 0
	for ; b[i] != ','; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	d.quantity = n
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
	d.at = n
	if i+1 != len(b) {
		return errFloor
	}
	return nil
}

// gap is the gap that separates sessions, in ms.
const gap = 100

// floorSession is a session's totals.
type floorSession struct {
	first, last           int64
	n, quantity, turnover int64
}

// floorTrader is a trader's open sessions, in order and disjoint, with the trader's encoded
// name.
type floorTrader struct {
	name        uint64
	key, prefix []byte
	open        []floorSession
}

// floorSessions is the scenario of sessions by hand.
func floorSessions(in *Input, _ int, out *output) error {
	const size = 1 << 8
	var slots [size]*floorTrader
	traders := 0
	var d deal
	var key, buf []byte
	watermark := int64(0)
	for _, b := range in.Values {
		if err := d.decode(b); err != nil {
			return err
		}
		watermark = max(watermark, d.at)
		h := mix(d.trader, 1) % size
		for slots[h] != nil && slots[h].name != d.trader {
			h = (h + 1) % size
		}
		t := slots[h]
		if t == nil {
			if traders++; traders > size/2 {
				return errFloor
			}
			t = &floorTrader{name: d.trader}
			t.key = appendWord(nil, d.trader)
			t.prefix = append(append([]byte(`{"TRADER_ID":"`), t.key...), `","TRADES":`...)
			slots[h] = t
		}
		t.close(watermark)
		from, to := t.near(d.at)
		s := floorSession{first: d.at, last: d.at}
		if from == to {
			if d.at+gap+grace < watermark {
				continue
			}
			t.open = slices.Insert(t.open, from, s)
		} else {
			s = t.open[from]
			if to-from > 1 || d.at < s.first || d.at > s.last {
				for _, old := range t.open[from:to] {
					key = old.appendKey(key[:0], t)
					out.row(key, nil)
				}
				for _, other := range t.open[from+1 : to] {
					s.last = other.last
					s.n += other.n
					s.quantity += other.quantity
					s.turnover += other.turnover
				}
				s.first, s.last = min(s.first, d.at), max(s.last, d.at)
				t.open = slices.Delete(t.open, from+1, to)
			}
		}
		s.n++
		s.quantity += d.quantity
		s.turnover += d.cents * d.quantity
		t.open[from] = s
		key, buf = s.appendKey(key[:0], t), s.append(buf[:0], t)
		out.row(key, buf)
	}
	return nil
}

// close removes the sessions that can accept no more records, which are the first ones.
func (t *floorTrader) close(watermark int64) {
	n := 0
	for n < len(t.open) && t.open[n].last+gap+grace < watermark {
		n++
	}
	if n > 0 {
		t.open = slices.Delete(t.open, 0, n)
	}
}

// near returns the range [from, to) of open sessions within the gap of a time; if there are
// none, both are the index where the time's session belongs.
func (t *floorTrader) near(at int64) (from, to int) {
	to = len(t.open)
	for to > 0 && t.open[to-1].first-gap > at {
		to--
	}
	from = to
	for from > 0 && t.open[from-1].last+gap >= at {
		from--
	}
	return from, to
}

func (s *floorSession) appendKey(key []byte, t *floorTrader) []byte {
	key = binary.BigEndian.AppendUint64(append(key, t.key...), uint64(s.first))
	return binary.BigEndian.AppendUint64(key, uint64(s.last+gap))
}

func (s *floorSession) append(b []byte, t *floorTrader) []byte {
	b = append(b, t.prefix...)
	b = strconv.AppendInt(b, s.n, 10)
	b = append(b, `,"VOLUME":`...)
	b = strconv.AppendInt(b, s.quantity, 10)
	b = append(b, `,"TURNOVER":`...)
	return append(appendCents(b, s.turnover), '}')
}
