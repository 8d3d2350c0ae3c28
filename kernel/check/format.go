package check

import (
	"fmt"
	"go/format"
	"go/token"
	"strings"
)

// Format returns a cell as gofmt writes it. Its imports, functions and statements are formatted one after the other, as no
// file could hold them together; at most one empty line is left between them. The error is that src does not parse.
func Format(src string) (string, error) {
	e := &env{}
	e.fset = token.NewFileSet()
	if _, err := e.parseCell(0, "cell", src); err != nil {
		return "", err
	}
	chunks := split(src)
	if len(chunks) == 0 {
		return src, nil
	}
	if chunks[0].kind == chunkPackage {
		out, err := format.Source([]byte(src))
		if err != nil {
			return "", fmt.Errorf("formatting a program: %w", err)
		}
		return strings.TrimRight(string(out), "\n"), nil
	}
	var b strings.Builder
	for i, c := range chunks {
		start, end := c.start, len(src)
		if i == 0 {
			start = 0
		}
		if i+1 < len(chunks) {
			end = aboveComments(src, chunks[i+1].start)
		}
		if i > 0 {
			start = aboveComments(src, c.start)
		}
		piece := src[start:end]
		clause := ""
		if c.kind != chunkStmt {
			clause = "package p\n\n" // without one, format.Source mistakes where a comment in front belongs
		}
		out, err := format.Source([]byte(clause + strings.TrimSpace(piece)))
		if err != nil {
			return "", fmt.Errorf("formatting a cell: %w", err)
		}
		b.WriteString(strings.TrimSpace(strings.TrimPrefix(string(out), clause)))
		if i+1 == len(chunks) {
			break
		}
		blank := strings.Count(piece[len(strings.TrimRight(piece, " \t\r\n")):], "\n") > 1
		if b.WriteByte('\n'); blank || c.kind == chunkFunc || chunks[i+1].kind == chunkFunc {
			b.WriteByte('\n')
		}
	}
	return b.String(), nil
}

// aboveComments returns where the comment lines right above a byte that begins a line begin, else that byte.
func aboveComments(src string, at int) int {
	begin := strings.LastIndexByte(src[:at], '\n') + 1
	if strings.TrimSpace(src[begin:at]) != "" {
		return at
	}
	for begin > 0 {
		above := strings.LastIndexByte(src[:begin-1], '\n') + 1
		if !strings.HasPrefix(strings.TrimSpace(src[above:begin]), "//") {
			break
		}
		begin = above
	}
	return begin
}
