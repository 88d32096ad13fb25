package bench

// floorOrders is scenario 0 by hand: SELECT order_id, customer_id, order_date,
// total_amount WHERE total_amount > 100. It knows the order of the fields and
// copies the raw tokens through.
func floorOrders(in *Input, _ int, out *output) error {
	var key, buf []byte
	for _, b := range in.Values {
		// {"order_id":1000000,"customer_id":1,"order_date":1700000000000,"total_amount":10.00,"status":"NEW","channel":"CHANNEL-1"}
		i := len(`{"order_id":`)
		id := i
		for b[i] != ',' {
			i++
		}
		idEnd := i
		i += len(`,"customer_id":`)
		customer := i
		for b[i] != ',' {
			i++
		}
		customerEnd := i
		i += len(`,"order_date":`)
		date := i
		i += 13
		for b[i] != ',' {
			i++
		}
		dateEnd := i
		i += len(`,"total_amount":`)
		amount := i
		cents := 0
		for ; b[i] != ','; i++ {
			if c := b[i]; c != '.' {
				cents = cents*10 + int(c-'0')
			}
		}
		amountEnd := i
		i += len(`,"status":"`)
		for b[i] != '"' {
			i++
		}
		i += len(`","channel":"`)
		for b[i] != '"' {
			i++
		}
		if i+2 != len(b) {
			return errFloor
		}
		if cents <= 100_00 {
			continue
		}
		buf = append(buf[:0], `{"ORDER_ID":`...)
		buf = append(buf, b[id:idEnd]...)
		buf = append(buf, `,"CUSTOMER_ID":`...)
		buf = append(buf, b[customer:customerEnd]...)
		buf = append(buf, `,"ORDER_DATE":`...)
		buf = append(buf, b[date:dateEnd]...)
		buf = append(buf, `,"TOTAL_AMOUNT":`...)
		buf = append(buf, b[amount:amountEnd]...)
		buf = append(buf, '}')
		out.row(key, buf)
	}
	return nil
}
