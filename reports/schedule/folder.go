package schedule

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parallax/reports/document"
)

// forms are the files of a report in the folder, by the end of their names. The JSON form is
// for other programs.
var forms = []string{".html", ".json"}

// save writes the files of a report into the folder. A file is there whole or not at all.
func save(dir string, d *document.Document, html []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("reports.dir: %w", err)
	}
	var text strings.Builder
	if err := d.JSON(&text); err != nil {
		return err
	}
	for form, contents := range map[string][]byte{".html": html, ".json": []byte(text.String())} {
		if err := writeWhole(filepath.Join(dir, d.ID+form), contents); err != nil {
			return fmt.Errorf("reports.dir: %w", err)
		}
	}
	return nil
}

// writeWhole replaces a file, which only its owner can read: a report shows data.
func writeWhole(path string, contents []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(contents); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// removeOld deletes a job's reports whose windows ended before a time. Other files stay.
func removeOld(dir, job string, before time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	oldest := document.ID(job, before)
	var all error
	for _, e := range entries {
		for _, form := range forms {
			// The names differ in the time only, so that they sort by it.
			if id, ok := strings.CutSuffix(e.Name(), form); ok && len(id) == len(oldest) && isOf(id, oldest) && id < oldest {
				all = errors.Join(all, os.Remove(filepath.Join(dir, e.Name())))
			}
		}
	}
	return all
}

// isOf reports whether two IDs are of one job and end with a time.
func isOf(id, other string) bool {
	const digits = len("20060102T150405Z")
	at := len(id) - digits
	if at < 0 || id[:at] != other[:at] {
		return false
	}
	_, err := time.Parse("20060102T150405Z", id[at:])
	return err == nil
}
