package row

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// JSONError describes an error of encoding/json in the text.
func JSONError(text []byte, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("invalid JSON: unexpected end")
	case !errors.As(err, &syntax):
		return errors.New("invalid JSON")
	case syntax.Offset < 1 || syntax.Offset > int64(len(text)) || err.Error() == "unexpected end of JSON input":
		return fmt.Errorf("invalid JSON at byte %d: unexpected end", syntax.Offset)
	}
	return fmt.Errorf("invalid JSON at byte %d: %q is not allowed there", syntax.Offset, text[syntax.Offset-1:syntax.Offset])
}
