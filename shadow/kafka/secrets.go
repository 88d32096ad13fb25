package kafka

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// warnings say which secrets of a configuration others can read.
func (c Config) warnings() (list []string) {
	if strings.EqualFold(c.SASL.Mechanism, "PLAIN") && !c.TLS.Enabled {
		list = append(list, "kafka.sasl: mechanism PLAIN without TLS sends the password unencrypted over the network: set kafka.tls.enabled to true, or use SCRAM-SHA-512 where the broker has it")
	}
	for _, f := range []struct{ key, name string }{{"kafka.sasl.password_file", c.SASL.PasswordFile}, {"kafka.tls.key_file", c.TLS.KeyFile}} {
		if mode, readable := readableByOthers(f.name); readable {
			list = append(list, fmt.Sprintf("%s: other users can read %s (mode %#o): remove the permission with chmod 600", f.key, f.name, mode))
		}
	}
	return list
}

// readableByOthers reports whether users beside its owner can read a file. It
// returns false for one that cannot be examined: opening it gives the error.
func readableByOthers(name string) (mode os.FileMode, readable bool) {
	if name == "" || runtime.GOOS == "windows" {
		return 0, false
	}
	info, err := os.Stat(name)
	if err != nil {
		return 0, false
	}
	mode = info.Mode().Perm()
	return mode, info.Mode().IsRegular() && mode&0o044 != 0
}
