// Package guard calls the candidate's code, which may do anything: return an error whose
// text panics, panic itself, or end its goroutine. In every case the goroutine that made
// the call gets a Failure, which is plain text.
//
// Stability: ours.
package guard

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"parallax/processors"
)

// Failure is the reason why the candidate failed, as text. The error or panic value comes
// from the candidate's code: its Error method may panic, or it may be a nil pointer. So the
// text is read once, on the goroutine that called the candidate, and all other code uses
// that text.
type Failure struct {
	Text string
	// Partition is the candidate's partition that panicked, -1 for none.
	Partition int
	// cause is an error of Parallax or of context, for errors.Is; nil for an error of the
	// called code.
	cause error
	// frames is the stack of a panic without values, "" for an error.
	frames string
	// isPlain: the text is of Parallax, and contains no value of a record.
	isPlain bool
}

// plain is an error of Parallax whose text contains no value of a record.
type plain interface {
	error
	ContainsNoValue()
}

func (f *Failure) Error() string { return f.Text }
func (f *Failure) Unwrap() error { return f.cause }

// errGoexit is the candidate ending a goroutine that was to return.
var errGoexit = &Failure{Text: "V2 ended the goroutine that called it (runtime.Goexit)", Partition: -1}

// Sentinel is an error of Parallax that callers find with errors.Is, also after it has
// become a Failure.
type Sentinel string

func (s Sentinel) Error() string { return string(s) }

// AsFailure converts an error of the candidate to a Failure; nil stays nil.
func AsFailure(err error) error {
	if err == nil {
		return nil
	}
	if f, is := err.(*Failure); is && f != nil { //nolint:errorlint // a wrapped one has more text
		return f
	}
	f := &Failure{Partition: -1}
	f.Text = processors.TextOf(err, func() string { return err.Error() })
	func() {
		defer IgnorePanic()
		f.frames = stackOf(err)
		if p, ok := errors.AsType[*processors.PanicError](err); ok && p != nil {
			f.Partition = p.Partition
			f.Text += "\n" + string(p.Stack) // one-line messages omit the stack
		}
		for _, e := range [...]error{context.Canceled, context.DeadlineExceeded} {
			if errors.Is(err, e) {
				f.cause = e
			}
		}
		if s, ok := errors.AsType[Sentinel](err); ok {
			f.cause = s
		}
		_, f.isPlain = errors.AsType[plain](err)
	}()
	return f
}

// Redacted returns an error with another text if it is one of called code, or a panic: the text
// may contain any value of a record. The stack of a panic stays, as functions and places in the code.
// Other errors, which are of Parallax, stay as they are. A nil redact changes nothing.
func Redacted(err error, redact func(string) string) error {
	if err == nil || redact == nil {
		return err
	}
	f, isFailure := errors.AsType[*Failure](err)
	_, isPanic := errors.AsType[*PanicError](err)
	if isFailure && (f.cause != nil || f.isPlain || f == errGoexit) || !isFailure && !isPanic {
		return err
	}
	text, stack := redact(FirstLine(err)), stackOf(err)
	if stack != "" {
		text += "\n" + stack
	}
	return &Failure{Text: text, Partition: FailedPartition(err), frames: stack, isPlain: true}
}

// IgnorePanic, deferred, drops a panic of the candidate where its answer can be done
// without.
func IgnorePanic() { _ = recover() }

// PanicError is a panic that was recovered. Its text can always be asked for.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return "panic: " + processors.TextOf(e.Value, func() string { return fmt.Sprint(e.Value) }) + "\n" + string(e.Stack)
}

// Recover, deferred, makes a panic a function's error: a PanicError. For the candidate's
// code, use Call.
func Recover(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}

// Call calls f, which calls the candidate, and returns its error or panic as a Failure.
func Call(f func() error) (err error) {
	defer func() { err = AsFailure(err) }()
	defer Recover(&err)
	return f()
}

// Go calls f, which calls the candidate, on a new goroutine, and then ended with the
// Failure or nil, also if the candidate ends the goroutine.
func Go(f func() error, ended func(error)) {
	go func() {
		var err error = errGoexit
		defer func() { ended(err) }()
		err = Call(f)
	}()
}

// Wait calls f, which calls the candidate, as Go does, and waits for it.
func Wait(f func() error) error {
	done := make(chan error, 1)
	Go(f, func(err error) { done <- err })
	return <-done
}

// FailedPartition returns the partition whose panic err is, -1 for none.
func FailedPartition(err error) int {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Partition
	}
	return -1
}

// FirstLine is the first line of an error's text, without a panic's stack.
func FirstLine(err error) string {
	text := err.Error()
	for i := range len(text) {
		if text[i] == '\n' {
			return text[:i]
		}
	}
	return text
}
