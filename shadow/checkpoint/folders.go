package checkpoint

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// Folders returns the directories of tasks below a state directory, or below the directory
// of a job or task in it.
func Folders(root string) ([]string, error) {
	const deepest = 2 // dir, job, task
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.Count(rel, string(filepath.Separator)) >= deepest {
				return filepath.SkipDir
			}
			return nil
		}
		folder := filepath.Dir(path)
		_, _, isOurs := parseName(d.Name())
		if isOurs && (len(found) == 0 || found[len(found)-1] != folder) {
			found = append(found, folder)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return found, nil
}
