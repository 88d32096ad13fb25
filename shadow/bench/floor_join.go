package bench

import (
	"encoding/binary"
	"slices"
)

// within is how far an order and its payment may be apart, in ms.
const within = 5_000

// halfMost is how long half of a joined row can be, as it is written.
const halfMost = 72

// floorRow is an order or a payment that may still match: its time, and its half of
// a joined row as it is written.
type floorRow struct {
	at    int64
	bytes [halfMost]byte
	n     uint8
}

func (r *floorRow) half() []byte { return r.bytes[:r.n] }

// floorRows are the rows of one side of an order, by time and then arrival.
type floorRows []floorRow

// add inserts a row that arrived after all others.
func (s *floorRows) add(at int64, half []byte) error {
	if len(half) > halfMost {
		return errFloor
	}
	rows := *s
	if rows == nil {
		rows = make(floorRows, 0, 4)
	}
	i := len(rows)
	for i > 0 && rows[i-1].at > at {
		i--
	}
	*s = slices.Insert(rows, i, floorRow{at: at, n: uint8(len(half))})
	copy((*s)[i].bytes[:], half)
	return nil
}

// close removes the rows that can no longer match.
func (s *floorRows) close(watermark int64) {
	n := 0
	for n < len(*s) && (*s)[n].at+within+grace < watermark {
		n++
	}
	if n > 0 {
		*s = slices.Delete(*s, 0, n)
	}
}

// floorPaid is an order and its payments.
type floorPaid struct {
	id    int64
	sides [2]floorRows
}

// floorJoin is the hand-written loop for the scenario of orders and payments. Orders are
// indexed by the last bits of their number.
func floorJoin(in *Input, _ int, out *output) error {
	const size = 1 << 14
	if !slices.Equal(in.Topics, []string{"orders", "payments"}) {
		return errFloor
	}
	slots := make([]floorPaid, size)
	var reached [2]int64
	watermark := int64(0)
	var half, key, buf []byte
	for i, b := range in.Values {
		own := int(in.Of[i])
		var id, at int64
		var err error
		if own == 0 {
			id, at, half, err = decodeOrder(b, half[:0])
		} else {
			id, at, half, err = decodePayment(b, half[:0])
		}
		if err != nil {
			return err
		}
		if at > reached[own] {
			reached[own] = at
			if other := reached[1-own]; other == 0 {
				watermark = max(watermark, at)
			} else {
				watermark = max(watermark, min(at, other))
			}
		}
		if at+2*within+grace < watermark {
			continue
		}
		s := &slots[id%size]
		mine, theirs := &s.sides[own], &s.sides[1-own]
		mine.close(watermark)
		theirs.close(watermark)
		if s.id != id {
			if len(*mine)+len(*theirs) > 0 {
				return errFloor
			}
			s.id = id
		}
		key = key[:0]
		for k := range *theirs {
			other := &(*theirs)[k]
			if other.at < at-within || other.at > at+within {
				continue
			}
			if len(key) == 0 {
				key = binary.BigEndian.AppendUint64(key, uint64(id))
			}
			if own == 0 {
				buf = append(append(buf[:0], half...), other.half()...)
			} else {
				buf = append(append(buf[:0], other.half()...), half...)
			}
			out.row(key, buf)
		}
		if at+within+grace >= watermark {
			if err := mine.add(at, half); err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeOrder reads an order with its fields in the generator's order, and appends its half
// of a joined row.
func decodeOrder(b, half []byte) (id, at int64, _ []byte, err error) {
	// {"order_id":1000000,"customer_id":1,"order_date":1700000000000,"total_amount":10.00,"status":"NEW","channel":"CHANNEL-1"}
	i := len(`{"order_id":`)
	half = append(half, `{"ORDER_ID":`...)
	from := i
	for ; b[i] != ','; i++ {
		id = id*10 + int64(b[i]-'0')
	}
	half = append(append(half, b[from:i]...), `,"CUSTOMER_ID":`...)
	i += len(`,"customer_id":`)
	from = i
	for b[i] != ',' {
		i++
	}
	half = append(append(half, b[from:i]...), `,"TOTAL_AMOUNT":`...)
	i += len(`,"order_date":`)
	for ; b[i] != ','; i++ {
		at = at*10 + int64(b[i]-'0')
	}
	i += len(`,"total_amount":`)
	from = i
	for b[i] != ',' {
		i++
	}
	half = append(half, b[from:i]...)
	i += len(`,"status":"`)
	for b[i] != '"' {
		i++
	}
	i += len(`","channel":"`)
	for b[i] != '"' {
		i++
	}
	if i+2 != len(b) {
		return 0, 0, nil, errFloor
	}
	return id, at, half, nil
}

// decodePayment reads a payment, and appends its half of a joined row.
func decodePayment(b, half []byte) (id, at int64, _ []byte, err error) {
	// {"payment_id":5000000,"order_id":1000000,"amount":10.00,"method":"CARD","paid_at":1700000000001}
	i := len(`{"payment_id":`)
	half = append(half, `,"PAYMENT_ID":`...)
	from := i
	for b[i] != ',' {
		i++
	}
	half = append(append(half, b[from:i]...), `,"AMOUNT":`...)
	i += len(`,"order_id":`)
	for ; b[i] != ','; i++ {
		id = id*10 + int64(b[i]-'0')
	}
	i += len(`,"amount":`)
	from = i
	for b[i] != ',' {
		i++
	}
	half = append(append(half, b[from:i]...), `,"METHOD":"`...)
	i += len(`,"method":"`)
	from = i
	for b[i] != '"' {
		i++
	}
	half = append(append(half, b[from:i]...), `"}`...)
	i += len(`","paid_at":`)
	for ; b[i] != '}'; i++ {
		at = at*10 + int64(b[i]-'0')
	}
	if i+1 != len(b) {
		return 0, 0, nil, errFloor
	}
	return id, at, half, nil
}
