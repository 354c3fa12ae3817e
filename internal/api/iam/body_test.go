package iam_test

import (
	"io"
	"strings"
)

// teeBody copies what is read of a body.
type teeBody struct {
	io.ReadCloser
	to   *strings.Builder
	done func()
}

func (b *teeBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.to.Write(p[:n])
	b.done()
	return n, err
}
