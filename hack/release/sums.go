package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeSums writes the archives' checksums as sha256sum does; `sha256sum -c SHA256SUMS` reads it.
func writeSums(path string, archives []string) error {
	var text strings.Builder
	for _, archive := range archives {
		sum := sha256.New()
		if err := copyFile(sum, archive); err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", sum.Sum(nil), filepath.Base(archive))
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}
