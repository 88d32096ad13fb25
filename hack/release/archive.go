package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// member is a file of an archive: its name there, its path here, and its mode.
type member struct {
	name, path string
	mode       fs.FileMode
}

// writeArchive writes a .tar.gz or a .zip with the members below a folder. Its bytes depend on the contents, the names,
// the modes and the time that is given, and on nothing else of the files.
func writeArchive(path, folder string, at time.Time, members []member) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if strings.HasSuffix(path, ".zip") {
		return writeZip(f, folder, at, members)
	}
	return writeTar(f, folder, at, members)
}

func writeTar(w io.Writer, folder string, at time.Time, members []member) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	for _, m := range members {
		info, err := os.Stat(m.path)
		if err != nil {
			return err
		}
		header := tar.Header{Name: folder + "/" + m.name, Size: info.Size(), Mode: int64(m.mode), ModTime: at, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(&header); err != nil {
			return err
		}
		if err := copyFile(archive, m.path); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

func writeZip(w io.Writer, folder string, at time.Time, members []member) error {
	archive := zip.NewWriter(w)
	for _, m := range members {
		header := zip.FileHeader{Name: folder + "/" + m.name, Method: zip.Deflate, Modified: at}
		header.SetMode(m.mode)
		part, err := archive.CreateHeader(&header)
		if err != nil {
			return err
		}
		if err := copyFile(part, m.path); err != nil {
			return err
		}
	}
	return archive.Close()
}

func copyFile(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
