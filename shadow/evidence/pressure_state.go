package evidence

import (
	"fmt"
	"slices"
)

// PressureState classifies the pressure on V2.
type PressureState uint8

// The states, from the best to the worst.
const (
	Healthy PressureState = iota
	Warning
	Critical
	Saturated
)

var pressureNames = []string{"healthy", "warning", "critical", "saturated"}

func (s PressureState) String() string { return pressureNames[s] }

// MarshalText returns the state's word.
func (s PressureState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the state's word.
func (s *PressureState) UnmarshalText(text []byte) error {
	i := slices.Index(pressureNames, string(text))
	if i < 0 {
		return fmt.Errorf("state of backpressure: %q must be one of %q", text, pressureNames)
	}
	*s = PressureState(i)
	return nil
}
