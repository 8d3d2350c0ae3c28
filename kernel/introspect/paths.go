package introspect

import (
	"os"
	"path/filepath"
	"strings"

	"go/token"

	"gokernel/kernel/check/std"
)

// maxEntries bounds the entries of a directory that are looked at.
const maxEntries = 5000

// inString completes inside a string that is not closed: import paths after import, file names elsewhere.
func (q *question) inString(lit lexeme) {
	text := lit.lit[1:]
	q.toks = q.toks[:len(q.toks)-1]
	if q.inImport() {
		q.start, q.prefix = lit.start+1, text
		for _, path := range std.Packages() {
			if !internal(path) {
				q.matches = append(q.matches, match{text: path, kind: "module"})
			}
		}
		return
	}
	if strings.ContainsAny(text, "\n") {
		return
	}
	q.start, q.prefix = lit.start+1, text
	q.files(text, false)
}

// inImport reports whether the next token would be the path of an import.
func (q *question) inImport() bool {
	i := len(q.toks) - 1
	if i >= 0 && (q.toks[i].tok == token.IDENT || q.toks[i].tok == token.PERIOD) { // a name before the path
		i--
	}
	for i >= 0 && (q.toks[i].tok == token.STRING || q.toks[i].tok == token.SEMICOLON || q.toks[i].tok == token.IDENT || q.toks[i].tok == token.PERIOD) &&
		q.openParen(i) {
		i--
	}
	if i > 0 && q.toks[i].tok == token.LPAREN {
		i--
	}
	return i >= 0 && q.toks[i].tok == token.IMPORT
}

// openParen reports whether token i stands in a parenthesis that is open.
func (q *question) openParen(i int) bool {
	depth := 0
	for ; i >= 0; i-- {
		switch q.toks[i].tok {
		case token.RPAREN:
			depth++
		case token.LPAREN:
			if depth--; depth < 0 {
				return true
			}
		}
	}
	return false
}

// files completes the name of a file, or only of a directory. Only its last part is replaced.
func (q *question) files(name string, dirsOnly bool) {
	dir, base := filepath.Split(name)
	q.start, q.prefix = q.cursor-len(base), base
	look := dir
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return
		}
		look = filepath.Join(home, rest)
	} else if !filepath.IsAbs(dir) {
		look = filepath.Join(q.Dir, dir)
	}
	if look == "" {
		look = "."
	}
	f, err := os.Open(look)
	if err != nil {
		return // no such directory: nothing to offer
	}
	defer f.Close()
	entries, _ := f.ReadDir(maxEntries) // what could be read before an error is offered
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(base, ".") {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			if info, err := os.Stat(filepath.Join(look, e.Name())); err == nil {
				isDir = info.IsDir()
			}
		}
		switch {
		case isDir:
			q.matches = append(q.matches, match{text: e.Name() + "/", kind: "path", rank: rankLocal})
		case !dirsOnly:
			q.matches = append(q.matches, match{text: e.Name(), kind: "path", rank: rankLocal})
		}
	}
}
