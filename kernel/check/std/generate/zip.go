package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// zipWriter collects the members of an archive. The bytes it writes depend on the names and contents only.
type zipWriter struct{ members []member }

type member struct {
	name string
	data []byte
}

func (z *zipWriter) add(name string, data []byte) {
	z.members = append(z.members, member{name, data})
}

// write writes the members in the order of their names, without times.
func (z *zipWriter) write(file string) error {
	slices.SortFunc(z.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, m := range z.members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate})
		if err != nil {
			return fmt.Errorf("adding %s to %s: %w", m.name, file, err)
		}
		if _, err := f.Write(m.data); err != nil {
			return fmt.Errorf("adding %s to %s: %w", m.name, file, err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("closing %s: %w", file, err)
	}
	return os.WriteFile(file, b.Bytes(), 0o666)
}
