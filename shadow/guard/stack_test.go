package guard

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parallax/processors"
)

// failsWith panics with a value that it has as an argument, too.
//
//go:noinline
func failsWith(amount int, who string) {
	panic(fmt.Sprint(who, " owes ", amount))
}

// TestARedactedPanicKeepsItsStack: the functions and places, but neither the message nor the arguments
// of functions.
func TestARedactedPanicKeepsItsStack(t *testing.T) {
	redact := func(string) string { return "(redacted)" }
	const amount = 0x5ec7e7
	called := Call(func() error { failsWith(amount, "Eve"); return nil })
	ofTool := func() (err error) {
		defer Recover(&err)
		failsWith(amount, "Eve")
		return nil
	}()
	var own *PanicError
	if !errors.As(ofTool, &own) {
		t.Fatal(ofTool)
	}
	inPartition := AsFailure(&processors.PanicError{Partition: 2, Value: "Eve", Stack: own.Stack})
	for name, err := range map[string]error{"called code": called, "Parallax": fmt.Errorf("compare: %w", ofTool), "a partition": inPartition} {
		got := Redacted(err, redact)
		text := got.Error()
		if FirstLine(got) != "(redacted)" || strings.Contains(text, "Eve") || strings.Contains(text, "5ec7e7") {
			t.Errorf("%s: a value is shown: %s", name, text)
		}
		if !strings.Contains(text, "guard.failsWith\n") || !strings.Contains(text, "stack_test.go:") {
			t.Errorf("%s: the stack is gone: %s", name, text)
		}
		if again := Redacted(got, redact); again.Error() != text {
			t.Errorf("%s: redacted twice it is %s", name, again)
		}
	}
	if err := Redacted(Call(func() error { return errors.New("Eve\nmain.Eve(0x5ec7e7)\n\t/Eve.go:12") }), redact); err.Error() != "(redacted)" {
		t.Errorf("an error whose text looks like a stack: %v", err)
	}
}
