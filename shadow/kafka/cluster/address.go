package cluster

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// CheckBroker reports whether a broker's address can be used: a host and a port, which may
// be left out (9092).
func CheckBroker(address string) error {
	if host := strings.Trim(address, "[]"); host != "" && (!strings.Contains(address, ":") || net.ParseIP(host) != nil) {
		return nil // a host alone
	}
	host, port, err := net.SplitHostPort(address)
	if err == nil && host != "" {
		if n, err := strconv.Atoi(port); err == nil && n >= 0 && n < 1<<16 {
			return nil
		}
	}
	return fmt.Errorf("%q is not the address of a broker; write host:port, with a port up to 65535", address)
}
