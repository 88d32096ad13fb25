package processors

import "fmt"

// TextOf asks an error or a panic's value of V2 for its text. Where asking panics, the
// text is its type.
func TextOf(value any, ask func() string) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T, which panics when it is asked for its text", value)
		}
	}()
	return ask()
}
