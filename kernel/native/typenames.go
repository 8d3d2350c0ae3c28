package native

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"gokernel/kernel/goroutine"
)

// unitType is how the name of a generic type's instance refers to a type of a unit: by import path, where all else in it goes by
// package name. Go would say "main.".
var unitType = regexp.MustCompile(regexp.QuoteMeta(goroutine.UnitPath) + `u\d+\.`)

// nameTypes makes the names of types in a plugin those that the reader's program would have: main.Stack[main.Job] instead of
// main.Stack[notebook/u3.Job]. The linker's identity of types is by symbols, which stay as they are. On other systems than those
// with ELF files names are left alone.
func nameTypes(file string) (err error) {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("naming types: %w", err)
	}
	defer func() {
		if e := f.Close(); e != nil {
			err = errors.Join(err, fmt.Errorf("naming types: %w", e))
		}
	}()
	object, err := elf.NewFile(f)
	if err != nil {
		return nil // not ELF
	}
	for _, s := range object.Sections {
		// The names of functions end with a zero and are none of ours.
		if s.Name == ".gopclntab" || s.Type != elf.SHT_PROGBITS || s.Flags&(elf.SHF_ALLOC|elf.SHF_EXECINSTR) != elf.SHF_ALLOC || s.Size > s.FileSize {
			continue
		}
		data, err := io.ReadAll(s.Open())
		if err != nil {
			return fmt.Errorf("naming types: reading %s: %w", s.Name, err)
		}
		for _, change := range plainNames(data) {
			if _, err := f.WriteAt(data[change.start:change.end], int64(s.Offset)+int64(change.start)); err != nil {
				return fmt.Errorf("naming types: writing %s: %w", s.Name, err)
			}
		}
	}
	return nil
}

// A span is part of some bytes.
type span struct{ start, end int }

// plainNames changes the names in data that mention types of units inside of brackets, and returns where: each stays where it is and
// becomes shorter.
func plainNames(data []byte) []span {
	var spans []span
	for from := 0; ; {
		i := bytes.Index(data[from:], []byte(goroutine.UnitPath+"u"))
		if i < 0 {
			return spans
		}
		i += from
		from = i + 1
		n, ok := nameAround(data, i)
		if !ok || !bytes.ContainsRune(data[n.start:i], '[') {
			continue
		}
		from = n.end
		plain := unitType.ReplaceAll(data[n.start:n.end], []byte("main."))
		begin := n.start - 1 // of the length
		if n.end-n.start >= 0x80 {
			begin--
		}
		length := []byte{byte(len(plain))}
		if len(plain) >= 0x80 {
			length = []byte{byte(len(plain))&0x7f | 0x80, byte(len(plain) >> 7)}
		}
		at := begin + copy(data[begin:], length)
		at += copy(data[at:], plain)
		clear(data[at:n.end])
		spans = append(spans, span{begin, n.end})
	}
}

// nameAround finds the name that position i of data is in, as the runtime keeps names: a byte of flags, the length as a varint of one
// byte or two, the text.
func nameAround(data []byte, i int) (span, bool) {
	z := i - 1
	for z >= 0 && data[z] > 0x0f { // the flags, or the second byte of the length
		z--
	}
	if z < 0 || z+2 >= len(data) {
		return span{}, false
	}
	start, length := z+2, int(data[z+1])
	switch {
	case z > 0 && data[z-1] >= 0x80:
		start, length = z+1, int(data[z-1])&0x7f|int(data[z])<<7
	case data[z+1] >= 0x80:
		start, length = z+3, int(data[z+1])&0x7f|int(data[z+2])<<7
	}
	end := start + length
	if start > i || end <= i || end > len(data) || bytes.ContainsFunc(data[start:end], func(r rune) bool { return r < ' ' }) {
		return span{}, false
	}
	flags := data[start-2]
	if length >= 0x80 {
		flags = data[start-3]
	}
	return span{start, end}, flags <= 1 // exported or not, and nothing behind the text
}
