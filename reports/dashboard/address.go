package dashboard

import (
	"fmt"
	"net"
	"strconv"
)

// CheckAddress checks a listen address: a host, which may be empty for all addresses of
// this machine, and a port, 0 for a free one.
func CheckAddress(addr string) error {
	if _, port, err := net.SplitHostPort(addr); err == nil {
		if n, err := strconv.Atoi(port); err == nil && n >= 0 && n < 1<<16 {
			return nil
		}
	}
	return fmt.Errorf("%q is not an address to listen on; write host:port, such as 127.0.0.1:8080", addr)
}
