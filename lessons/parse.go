package lessons

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"gokernel/internal/nbformat"
)

// prefix begins the comments that part a file into cells.
const prefix = "lesson:"

// parsed is what one file holds.
type parsed struct {
	notebook string
	cells    []Cell
	wrong    []Wrong
	messages []string
}

// A marker is a comment that begins with the prefix, and what follows it up to the next one.
type marker struct {
	line       int
	kind, head string // the first line is KIND HEAD
	body       string // the other lines of the comment
	start, end int    // offsets of the text that follows
}

// parse parses a file of a lesson. Errors name file and line.
func parse(name string, text []byte) (*parsed, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parsing lesson: %w", err)
	}
	file := fset.File(f.Pos())
	p := parsed{messages: messages(f)}
	markers := findMarkers(f, file, len(text))
	last := "" // the check that wrong answers belong to
	for _, m := range markers {
		switch m.kind {
		case "notebook":
			p.notebook = m.head
			continue
		case "wrong":
			w, err := newWrong(m, last)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, m.line, err)
			}
			p.wrong = append(p.wrong, w)
			continue
		}
		c, err := newCell(m)
		if err == nil {
			err = c.fill(m, f, file, string(text))
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, m.line, err)
		}
		if c.Role == Check {
			last = c.ID
		}
		p.cells = append(p.cells, c)
	}
	return &p, nil
}

func findMarkers(f *ast.File, file *token.File, size int) []marker {
	var markers []marker
	for _, group := range f.Comments {
		for _, c := range group.List {
			rest, ok := strings.CutPrefix(c.Text[2:], prefix)
			if !ok {
				continue
			}
			if c.Text[1] == '*' {
				rest = strings.TrimSuffix(rest, "*/")
			}
			first, body, _ := strings.Cut(rest, "\n")
			kind, head, _ := strings.Cut(first, " ")
			if n := len(markers); n > 0 {
				markers[n-1].end = file.Offset(c.Pos())
			}
			markers = append(markers, marker{
				line: file.Line(c.Pos()), kind: kind, head: strings.TrimSpace(head), body: strings.Trim(body, "\n"),
				start: file.Offset(c.End()), end: size,
			})
		}
	}
	return markers
}

var (
	cellID    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	attribute = regexp.MustCompile(`^\s*([a-z]+)(?:=("(?:[^"\\]|\\.)*"|\S+))?`)
)

// newCell makes a cell of what a marker's first line says.
func newCell(m marker) (Cell, error) {
	c := Cell{Type: nbformat.Code}
	switch m.kind {
	case "markdown":
		c.Type = nbformat.Markdown
	case "task":
		c.Type, c.Role = nbformat.Markdown, Task
	case "solution":
		c.Role = Solution
	case "check":
		c.Role, c.Points = Check, 1
	case "declare", "run", "code":
	default:
		return c, fmt.Errorf("unknown comment %s%s", prefix, m.kind)
	}
	id, rest, _ := strings.Cut(m.head, " ")
	if !cellID.MatchString(id) {
		return c, fmt.Errorf("%q is no cell id", id)
	}
	c.ID = id
	return c, attributes(rest, func(name, value string) (err error) {
		switch name {
		case "listing":
			c.Listing = value
		case "tags":
			c.Tags = strings.Split(value, ",")
		case "ignore":
			c.Ignore = strings.Split(value, ",")
		case "timing":
			c.Timing = true
		case "racy":
			c.Racy = true
		case "dies":
			c.Dies = true
		case "hidden":
			c.Hidden = true
		case "draws":
			c.Draws = true
		case "points":
			if c.Points, err = strconv.Atoi(value); err != nil || c.Role != Check {
				return fmt.Errorf("points=%s, want a number, and only for a check", value)
			}
		default:
			return fmt.Errorf("unknown attribute %q", name)
		}
		return nil
	})
}

// attributes calls set for each NAME or NAME=VALUE of a text. The first error ends it.
func attributes(text string, set func(name, value string) error) error {
	for strings.TrimSpace(text) != "" {
		found := attribute.FindStringSubmatch(text)
		if found == nil {
			return fmt.Errorf("cannot read attributes %q", text)
		}
		text = text[len(found[0]):]
		value := found[2]
		if unquoted, err := strconv.Unquote(value); err == nil {
			value = unquoted
		}
		if err := set(found[1], value); err != nil {
			return err
		}
	}
	return nil
}

// fill sets the source of the cell and what it must show.
func (c *Cell) fill(m marker, f *ast.File, file *token.File, text string) error {
	following := text[m.start:m.end]
	switch m.kind {
	case "markdown", "task":
		c.Source = m.body
		return nil
	case "code":
		if err := c.show(lines(following)); err != nil {
			return err
		}
		c.Source = m.body
		return nil
	case "run", "check":
		fn := funcIn(f, file, m.start, m.end)
		if fn == nil {
			return fmt.Errorf("no function follows")
		}
		c.Func = fn.Name.Name
		following = text[file.Offset(fn.Body.Lbrace)+1 : file.Offset(fn.Body.Rbrace)]
	}
	code := lines(following)
	if c.Func != "" {
		for i := range code {
			code[i] = strings.TrimPrefix(code[i], "\t")
		}
	}
	at := len(code)
	for i, ln := range code {
		if _, _, ok := heading(ln); ok {
			at = i
			break
		}
	}
	c.Source = strings.Trim(strings.Join(code[:at], "\n"), "\n")
	return c.show(code[at:])
}

// funcIn returns the function declared between two offsets, nil if there is none or more than one.
func funcIn(f *ast.File, file *token.File, start, end int) *ast.FuncDecl {
	var found []*ast.FuncDecl
	for _, d := range f.Decls {
		at := file.Offset(d.Pos())
		if fn, ok := d.(*ast.FuncDecl); ok && at >= start && at < end {
			found = append(found, fn)
		}
	}
	if len(found) != 1 || found[0].Body == nil {
		return nil
	}
	return found[0]
}

// lines splits a text, without blank lines at its start and end.
func lines(text string) []string {
	return strings.Split(strings.TrimRight(strings.TrimLeft(text, "\n"), "\n\t "), "\n")
}

var headingLine = regexp.MustCompile(`^// (Output|Result|Display|Error|Recorded|Recorded display|Recorded error|Dies)(?: (pattern|unordered|order))?:$`)

// heading reports whether a line begins a part of what a cell shows.
func heading(ln string) (part, mode string, ok bool) {
	m := headingLine.FindStringSubmatch(ln)
	if m == nil {
		return "", "", false
	}
	mode = m[2]
	if mode == "" {
		mode = "exact"
	}
	return m[1], mode, true
}

// show reads the last comment of a cell.
func (c *Cell) show(comment []string) error {
	for i := 0; i < len(comment); {
		if strings.TrimSpace(comment[i]) == "" {
			i++
			continue
		}
		part, mode, ok := heading(comment[i])
		if !ok {
			return fmt.Errorf("cell %s: %q stands where only expected outputs can", c.ID, comment[i])
		}
		i++
		var text strings.Builder
		for ; i < len(comment); i++ {
			if _, _, next := heading(comment[i]); next {
				break
			}
			ln, ok := strings.CutPrefix(comment[i], "//")
			if !ok {
				break
			}
			text.WriteString(strings.TrimPrefix(ln, " ") + "\n")
		}
		switch part {
		case "Output":
			c.Output = Text{mode, text.String()}
		case "Error":
			c.Error = Text{mode, strings.TrimSuffix(text.String(), "\n")}
		case "Result":
			c.Result = Text{mode, strings.TrimSuffix(text.String(), "\n")}
		case "Display":
			c.Display = Text{mode, strings.TrimSuffix(text.String(), "\n")}
		case "Recorded display":
			c.RecordedDisplay = strings.TrimSuffix(text.String(), "\n")
		case "Recorded":
			c.Recorded = text.String()
		case "Recorded error":
			c.RecordedError = strings.TrimSuffix(text.String(), "\n")
		case "Dies":
			c.LastWords = strings.TrimSuffix(text.String(), "\n")
		}
	}
	if c.Output.Mode == "exact" {
		c.Recorded = c.Output.Text
	}
	if c.Error.Mode == "exact" && c.RecordedError == "" {
		c.RecordedError = c.Error.Text
	}
	return nil
}
