package processortest

import (
	"fmt"

	"parallax/processors/processortest/generate"
)

// spelledExactly adds fields whose names differ from those of columns only in case. They
// must not change the result.
func spelledExactly(random *generate.Case) (string, bool) {
	respelt, ok := generate.Respelt(random)
	if !ok {
		return "", false
	}
	a, _, aOK := rowsOf(random)
	b, _, bOK := rowsOf(respelt)
	if !aOK || !bOK {
		return "", false
	}
	for i := range min(len(a), len(b)) {
		if string(a[i].Value) != string(b[i].Value) || string(a[i].Key) != string(b[i].Key) {
			return fmt.Sprintf("of record %s\n%s\nwith fields beside it that differ in case\n%s\n%s", a[i].Cause, a[i].Value, b[i].Value, respelt.Input()), true
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d rows, with fields that differ in case %d:\n%s", len(a), len(b), respelt.Input()), true
	}
	return "", true
}
