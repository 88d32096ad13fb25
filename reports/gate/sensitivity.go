package gate

import (
	"fmt"
	"strings"
)

// blind checks that the comparison detected every mutation, with the right class.
func blind(_ Policy, e Evidence) string {
	var wrong []string
	for _, m := range e.Sensitivity.Mutations {
		if m.Detected >= m.Injected {
			continue
		}
		text := fmt.Sprintf("the comparison missed %s of %s of kind %s", Thousands(m.Injected-m.Detected), plural(m.Injected, "injected difference"), m.Name)
		if m.Missed != "" {
			text += " (" + m.Missed + ")"
		}
		wrong = append(wrong, text)
	}
	if len(wrong) == 0 {
		return ""
	}
	return "the tool is blind: " + strings.Join(wrong, "; ") + ": its results cannot be trusted"
}

// notProbed checks that mutations were injected if rows were compared.
func notProbed(_ Policy, e Evidence) string {
	var injected int64
	for _, m := range e.Sensitivity.Mutations {
		injected += m.Injected
	}
	if _, rows := toleratedRows(e); injected > 0 || rows == 0 {
		return ""
	}
	return "no difference was injected into the comparison, so nothing shows that it detects differences"
}
