package processortest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// randomInput writes records for randomSource, a line each: few keys, many
// NULLs, late ones, ones out of order, duplicates, jumps in time, null values,
// undecodable ones, numbers at the ends of their range, over some
// topic-partitions. It is the same for the same source of numbers.
func randomInput(rng *rand.Rand) []string {
	n := 5 + rng.IntN(60)
	partitions := 1 + rng.IntN(3)
	now := int64(100_000)
	lines := make([]string, 0, n)
	for len(lines) < n {
		switch {
		case rng.IntN(40) == 0:
			now += 60_000
		default:
			now += rng.Int64N(2_000)
		}
		if len(lines) > 0 && rng.IntN(12) == 0 {
			lines = append(lines, lines[rng.IntN(len(lines))])
			continue
		}
		at := now
		if rng.IntN(4) == 0 {
			at -= rng.Int64N(25_000)
		}
		line := fmt.Sprintf("p%d %d ", rng.IntN(partitions), at)
		if rng.IntN(5) > 0 {
			line += fmt.Sprintf("%q -> ", pick(rng, "k1", "k2", "k3", "k|", `k\`))
		}
		lines = append(lines, line+randomValue(rng, at))
	}
	return lines
}

func pick[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

// randomValue writes one value: mostly an object whose fields are in any order.
func randomValue(rng *rand.Rand, at int64) string {
	if rng.IntN(30) == 0 {
		return "null"
	}
	fields := []string{
		`"symbol":` + pick(rng, `"A"`, `"A"`, `"B"`, `"C"`, `"\u0041"`, `"é"`, `""`, "null", "7"),
		`"trader":` + pick(rng, `"t1"`, `"t2"`, `"12"`, "null"),
		`"quantity":` + pick(rng, "0", "1", "2", "7", "-3", `"8"`, "null", "9223372036854775807", "-9223372036854775808"),
		`"n":` + pick(rng, "0", "1", "2", "3", "4", "-1", "5.0", "null", "2147483647"),
		`"price":` + pick(rng, "1.10", "0.05", "-2.5", "99.99", "999999.99", `"3.00"`, "0", "null"),
		`"f":` + pick(rng, "0.1", "0.2", "-0.0", "0", "1e300", "-1e300", `"NaN"`, `"Infinity"`, "3", "null"),
		`"b":` + pick(rng, "true", "false", `"true"`, "null"),
		`"at":` + fmt.Sprint(at-rng.Int64N(3_000)),
	}
	if rng.IntN(25) == 0 {
		fields = append(fields, pick(rng, `"n":1.5`, `"n":"one"`, `"price":1.001`, `"symbol":"twice"`, `"at":null`, `"at":99999999999999`, `"quantity":[]`))
	}
	if rng.IntN(4) == 0 {
		fields = append(fields, `"extra":{"symbol":"no","list":[1,{"n":"}"}]}`)
	}
	rng.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	fields = fields[:len(fields)-rng.IntN(2)] // one may be missing
	value := "{" + strings.Join(fields, ",") + "}"
	if rng.IntN(30) == 0 {
		value = value[:rng.IntN(len(value)-1)+1] // cut short
	}
	return value
}
