package shadow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"parallax/processors"
)

// What V2 fails with is V2's own: an error or a panic's value may panic itself when it
// is asked for its text, and it may be a nil pointer in an error. So it is asked once,
// on the goroutine that called V2, and everything else gets the text.

// failure is why V2 failed, as text.
type failure struct {
	text string
	// partition is the one of V2's that panicked, -1 for none.
	partition int
	// cause is an error of this package, which may be asked for; nil for V2's own.
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// errGoexit is V2 ending a goroutine that was to return.
var errGoexit = &failure{text: "V2 ended the goroutine that it was called on (runtime.Goexit)", partition: -1}

// own are errors that a caller may look for.
var own = []error{errNoProgress, context.Canceled, context.DeadlineExceeded, ErrNotRescaled}

// asFailure makes a failure of an error of V2; nil stays nil.
func asFailure(err error) error {
	if err == nil {
		return nil
	}
	if f, is := err.(*failure); is && f != nil { //nolint:errorlint // a wrapped one has more to say
		return f
	}
	f := &failure{partition: -1}
	f.text = processors.TextOf(err, func() string { return err.Error() })
	func() {
		defer ignorePanic()
		if p, ok := errors.AsType[*processors.PanicError](err); ok && p != nil {
			f.partition = p.Partition
			f.text += "\n" + string(p.Stack) // places of one line leave it out
		}
		for _, e := range own {
			if errors.Is(err, e) {
				f.cause = e
			}
		}
	}()
	return f
}

func ignorePanic() { _ = recover() }

// PanicError is a panic that was recovered. Its text can always be asked for.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return "panic: " + processors.TextOf(e.Value, func() string { return fmt.Sprint(e.Value) }) + "\n" + string(e.Stack)
}

// guarded calls V2 and returns its error or panic as a failure.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = asFailure(&PanicError{Value: p, Stack: debug.Stack()})
		}
	}()
	return asFailure(f())
}

// launch calls f, which calls V2, on a goroutine of its own, and then ended with the
// failure or nil, also where V2 ends the goroutine.
func launch(f func() error, ended func(error)) {
	go func() {
		var err error = errGoexit
		defer func() { ended(err) }()
		err = guarded(f)
	}()
}

// apart calls f, which calls V2, as launch does, and waits for it.
func apart(f func() error) error {
	done := make(chan error, 1)
	launch(f, func(err error) { done <- err })
	return <-done
}
