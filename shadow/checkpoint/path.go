package checkpoint

import (
	"fmt"
	"path/filepath"
	"strings"
)

// TaskPath is the directory below the state directory that has the checkpoints of a task.
// Jobs with different names have different ones.
func TaskPath(dir, job, task string) string { return filepath.Join(JobPath(dir, job), folder(task)) }

// JobPath is the directory that has those of a job's tasks.
func JobPath(dir, job string) string { return filepath.Join(dir, folder(job)) }

// folder makes the name of a folder: what could mean something to a file system is written
// as %XX.
func folder(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
