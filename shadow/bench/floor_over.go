package bench

// tick is the part of a market_data record that scenario 1 needs: the price is the text
// b[from:to], which is copied to the output.
type tick struct {
	symbol   uint64
	cents    int64
	from, to int
	at       int64
}

// decode reads a record with its fields in the generator's order, and skips those that the
// query does not need.
func (t *tick) decode(b []byte) error {
	// {"trader_id":"TRADER07","symbol":"SYM123","price":1.50,"quantity":17,"side":"BUY","venue":"VENUE-3","trade_id":100000017,"ts":1700000000017}
	i := len(`{"trader_id":"`)
	for b[i] != '"' {
		i++
	}
	i += len(`","symbol":"`)
	from := i
	for b[i] != '"' {
		i++
	}
	if i-from > 8 {
		return errFloor
	}
	t.symbol = word(b[from:i])
	i += len(`","price":`)
	t.from = i
	n := int64(0)
	for ; b[i] != '.'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	t.cents = n*100 + int64(b[i+1]-'0')*10 + int64(b[i+2]-'0')
	t.to = i + len(`.00`)
	i = t.to + len(`,"quantity":`)
	for b[i] != ',' {
		i++
	}
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

// frame is the number of rows in scenario 1's frame: 99 PRECEDING and the current one.
const frame = 100

// floorPrices is a symbol's last prices, their sum, and its name as it is written.
type floorPrices struct {
	name        uint64
	sum         int64
	n, next     int
	cents       [frame]int32
	key, prefix []byte
}

// floorOver is scenario 1 by hand.
func floorOver(in *Input, _ int, out *output) error {
	const size = 1 << 12
	var slots [size]*floorPrices
	symbols := 0
	var t tick
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
			if symbols++; symbols > size/2 {
				return errFloor
			}
			s = &floorPrices{name: t.symbol}
			s.key = appendWord(nil, t.symbol)
			s.prefix = append(append([]byte(`{"SYMBOL":"`), s.key...), `","PRICE":`...)
			slots[h] = s
		}
		cents := int32(t.cents)
		if int64(cents) != t.cents {
			return errFloor
		}
		s.sum += t.cents - int64(s.cents[s.next])
		s.cents[s.next] = cents
		if s.next++; s.next == frame {
			s.next = 0
		}
		var mean int64
		if s.n < frame {
			s.n++
			mean = average(s.sum, int64(s.n))
		} else {
			mean = average(s.sum, frame)
		}
		buf = append(buf[:0], s.prefix...)
		buf = append(buf, b[t.from:t.to]...)
		buf = append(buf, `,"AVERAGE":`...)
		buf = append(appendMillionths(buf, uint64(mean)), '}')
		out.row(s.key, buf)
	}
	return nil
}
