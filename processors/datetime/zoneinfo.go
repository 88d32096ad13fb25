package datetime

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"sync"
	"time"
)

// zoneinfo is the time zone database, tzdata 2025c: Go 1.26's lib/time/zoneinfo.zip.
// time.LoadLocation reads the file that ZONEINFO names and the system's database
// first, so that the same job would give other answers on other hosts.
//
//go:embed zoneinfo.zip
var zoneinfo []byte

// zoneFiles are the zones' files by name.
var zoneFiles = sync.OnceValue(func() map[string]*zip.File {
	files := map[string]*zip.File{}
	r, err := zip.NewReader(bytes.NewReader(zoneinfo), int64(len(zoneinfo)))
	if err != nil {
		return files // a test checks that the database is readable
	}
	for _, f := range r.File {
		files[f.Name] = f
	}
	return files
})

// loadedZones caches zones: *time.Location by name.
var loadedZones sync.Map

// loadZone returns a zone of the database. The cache cannot grow beyond the number of
// zones.
func loadZone(name string) (*time.Location, bool) {
	if loc, ok := loadedZones.Load(name); ok {
		return loc.(*time.Location), true
	}
	f := zoneFiles()[name]
	if f == nil {
		return nil, false
	}
	r, err := f.Open()
	if err != nil {
		return nil, false
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, false
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, false // a directory
	}
	first, _ := loadedZones.LoadOrStore(name, loc)
	return first.(*time.Location), true
}
