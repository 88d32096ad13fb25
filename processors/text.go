package processors

import "fmt"

// TextOf returns the text of an error or of the value of a panic. If the method that
// makes the text panics, TextOf returns the type's name.
func TextOf(value any, ask func() string) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T, which panics when it is asked for its text", value)
		}
	}()
	return ask()
}
