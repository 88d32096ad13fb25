package redaction

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyBytes is the size of a key.
const keyBytes = 32

// NewKey returns a key that is kept nowhere.
func NewKey() []byte {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // it never fails
	return key
}

// ReadKey reads the key in a file. The error is fs.ErrNotExist if there is none.
func ReadKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key of evidence.redact: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keyBytes {
		return nil, fmt.Errorf("key of evidence.redact: %s does not contain %d hexadecimal digits: restore it, or remove it and the next start makes a new one", path, 2*keyBytes)
	}
	return key, nil
}

// KeyOf reads the key in a file, and makes it, for its owner only, if there is none.
func KeyOf(path string) ([]byte, error) {
	key, err := ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("key of evidence.redact: %w", err)
	}
	// The file appears under its name when it is complete, and never replaces another one.
	f, err := os.CreateTemp(filepath.Dir(path), ".redaction-*") // 0600
	if err != nil {
		return nil, fmt.Errorf("key of evidence.redact: %w", err)
	}
	defer os.Remove(f.Name())
	key = NewKey()
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Link(f.Name(), path)
	}
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return ReadKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("key of evidence.redact: %w", err)
	}
	return key, nil
}
