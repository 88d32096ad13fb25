package guard

import (
	"context"
	"errors"
	"strings"
	"testing"

	"parallax/processors"
)

// TestAPanicOfAPartitionIsLoggedWithItsStack: the log shows the stack, one-line messages
// show its first line.
func TestAPanicOfAPartitionIsLoggedWithItsStack(t *testing.T) {
	err := AsFailure(&processors.PanicError{Partition: 2, Step: "query 0 (O)", Records: "t/0@5", Value: errors.New("nil map"), Stack: []byte("goroutine 7\nexec.go:12")})
	if text := err.Error(); !strings.HasSuffix(text, "\ngoroutine 7\nexec.go:12") {
		t.Errorf("no stack in %q", text)
	}
	if text := FirstLine(err); strings.Contains(text, "goroutine") || !strings.Contains(text, "partition 2") {
		t.Errorf("in one line it is %q", text)
	}
	if got := FailedPartition(err); got != 2 {
		t.Errorf("partition %d, want 2", got)
	}
}

// TestOnlyTextsOfCalledCodeAreRedacted: the text of an error or a panic of called code may have
// any value in it. Errors of Parallax say where it stands, and keep their text and their type.
func TestOnlyTextsOfCalledCodeAreRedacted(t *testing.T) {
	redact := func(string) string { return "(redacted)" }
	const own = Sentinel("no progress")
	for want, err := range map[string]error{
		"(redacted)":                    Call(func() error { return errors.New("no such account: Eve") }),
		"no progress":                   AsFailure(own),
		"context deadline exceeded":     AsFailure(context.DeadlineExceeded),
		"the disk is full":              errors.New("the disk is full"),
		"row 7 is not one of the query": AsFailure(withoutValue{errors.New("row 7 is not one of the query")}),
	} {
		if got := Redacted(err, redact); got.Error() != want {
			t.Errorf("%v became %v, want %s", err, got, want)
		}
	}
	if err := Redacted(Call(func() error { panic("Eve") }), redact); FirstLine(err) != "(redacted)" {
		t.Errorf("a panic: %v", err)
	}
	if err := Redacted(Redacted(Call(func() error { panic("Eve") }), redact), func(s string) string { return "again " + s }); FirstLine(err) != "(redacted)" {
		t.Errorf("twice: %v", err)
	}
	if err := errors.New("as it is"); Redacted(err, nil) != err || Redacted(nil, redact) != nil {
		t.Error("nothing is to be redacted")
	}
}

type withoutValue struct{ error }

func (withoutValue) ContainsNoValue() {}
