package service

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"parallax/server/resource"
	"parallax/shadow/checkpoint"
)

// explained is the folder of a job's explanations: of each a file with what it says and, where it
// can be reproduced, a folder with what does so.
func (s *Service) explained(job string) string {
	return filepath.Join(checkpoint.JobPath(filepath.Join(s.opt.Data, "jobs"), job), "explain")
}

// explanationID is the form of an explanation's ID: it is part of paths.
var explanationID = regexp.MustCompile(`^[0-9a-f]{12}$`)

// keep writes an explanation that has ended to its file, so that it survives a restart. One that
// cannot be written is there until the server ends.
func (s *Service) keep(job string, is resource.Explanation) {
	text, err := json.Marshal(is)
	if err == nil {
		err = os.MkdirAll(s.explained(job), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(s.explained(job), is.ID+".json"), text, 0o600)
	}
	if err != nil {
		s.opt.Log.Warn("an explanation is not kept", "job", job, "signature", is.Signature, "error", err)
		return
	}
	list := s.allKept(job)
	for _, old := range list[min(len(list), mostExplanations):] { // an ID is checked when it is read
		_ = os.Remove(filepath.Join(s.explained(job), old.ID+".json"))
		_ = os.RemoveAll(filepath.Join(s.explained(job), old.ID))
	}
}

// kept reads an explanation.
func (s *Service) kept(job, id string) (x resource.Explanation, ok bool) {
	if !explanationID.MatchString(id) {
		return x, false
	}
	text, err := os.ReadFile(filepath.Join(s.explained(job), id+".json"))
	if err != nil || json.Unmarshal(text, &x) != nil || x.ID != id {
		return resource.Explanation{}, false // it was deleted, or cut short
	}
	return x, true
}

// allKept reads the explanations of a job, the newest first.
func (s *Service) allKept(job string) (list []resource.Explanation) {
	files, err := os.ReadDir(s.explained(job))
	if err != nil {
		return nil // there are none
	}
	for _, f := range files {
		if id, isFile := strings.CutSuffix(f.Name(), ".json"); isFile {
			if x, ok := s.kept(job, id); ok {
				list = append(list, x)
			}
		}
	}
	slices.SortFunc(list, func(a, b resource.Explanation) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.ID, b.ID))
	})
	return list
}

// Explanations returns the explanations of a job that have ended, the newest first.
func (s *Service) Explanations(_ context.Context, name string) ([]resource.Explanation, error) {
	if _, err := s.find(name); err != nil {
		return nil, err
	}
	return filled(s.allKept(name)), nil
}
