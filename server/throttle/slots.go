package throttle

// Slots limits how many requests are answered at once.
type Slots struct{ free chan struct{} }

// NewSlots returns a number of free slots.
func NewSlots(most int) *Slots { return &Slots{make(chan struct{}, most)} }

// Take takes a slot until release is called. ok is false if none is free.
func (s *Slots) Take() (release func(), ok bool) {
	select {
	case s.free <- struct{}{}:
		return func() { <-s.free }, true
	default:
		return nil, false
	}
}
