package app

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// started is what --ready-file holds once the server answers.
type started struct {
	URL string
	PID int
}

// writeReady writes the file in one step, so that nobody reads half of it.
func writeReady(path string, s started) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(append(text, '\n')); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
