package guard

import (
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
