package plan_test

import (
	"strings"
	"testing"

	"parallax/processors/plan"
)

func TestAFunctionThatIsUnknownIsSuggested(t *testing.T) {
	_, err := plan.Compile(market+"SELECT SUBSTRNG(symbol, 1) FROM trades", plan.BuildOptions{DefaultTopic: "OUT"})
	if err == nil || !strings.Contains(err.Error(), "did you mean SUBSTRING?") {
		t.Errorf("got %v", err)
	}
}
