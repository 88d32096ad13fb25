package dashboard_test

import (
	"testing"

	"parallax/reports/dashboard"
)

func TestAnAddressToListenOnHasAPort(t *testing.T) {
	for _, good := range []string{":8080", "127.0.0.1:0", "localhost:1", "[::1]:8080", "0.0.0.0:65535"} {
		if err := dashboard.CheckAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "nonsense", ":x", "127.0.0.1:99999", "127.0.0.1:-1", "8080", "a:b:1"} {
		if err := dashboard.CheckAddress(bad); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}
