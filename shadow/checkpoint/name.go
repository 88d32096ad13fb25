package checkpoint

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ID identifies a checkpoint of a job. It is in the names of its objects, so that it is
// known which files belong together even if the manifest cannot be read.
type ID struct {
	// Number counts the checkpoints of a directory.
	Number int64
	// Generation and Position are the manifest's.
	Generation, Position int64
}

func (id ID) String() string {
	return fmt.Sprintf("%010d-g%d-p%d", id.Number, id.Generation, id.Position)
}

const (
	manifestSuffix  = ".json"
	temporarySuffix = ".tmp"
)

// Manifest is the name of the checkpoint's manifest.
func (id ID) Manifest() string { return id.String() + manifestSuffix }

// Stage is the name of the file of a stage.
func (id ID) Stage(stage int) string { return fmt.Sprintf("%v.stage%d.zst", id, stage) }

var objectName = regexp.MustCompile(`^(\d{10,18})-g(\d{1,18})-p(\d{1,18})(\.json|\.stage\d{1,6}\.zst)(\.tmp)?$`)

// parseName returns the checkpoint that an object belongs to; ok is false if it belongs to none.
// isManifest says that the object is a whole manifest.
func parseName(name string) (id ID, isManifest, ok bool) {
	m := objectName.FindStringSubmatch(name)
	if m == nil {
		return ID{}, false, false
	}
	for i, to := range []*int64{&id.Number, &id.Generation, &id.Position} {
		*to, _ = strconv.ParseInt(m[i+1], 10, 64) // at most 18 digits
	}
	if !strings.HasPrefix(name, id.String()+".") { // such as a position with zeros before it
		return ID{}, false, false
	}
	return id, m[4] == manifestSuffix && m[5] == "", true
}

// isTemporary reports whether an object was not finished.
func isTemporary(name string) bool { return strings.HasSuffix(name, temporarySuffix) }
