package lessons

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gokernel/internal/nbformat"
)

// A Translation is the prose of a lesson in another language. It stands beside the Go files, in a file such as zh.md, which
// comments part into the Markdown cells:
//
//	<!-- lesson:ID -->                    the text of the Markdown cell ID
//	<!-- lesson:messages -->              what checks say: a line "- FORMAT" in English, and the next line translated
//
// The file of the same name in the directory above has the messages of package exercise. The zero value is English.
type Translation struct {
	Language string            // "" is English
	Text     map[string]string // by the ID of the cell
	Messages map[string]string // by the English format
}

var section = regexp.MustCompile(`(?m)^<!-- lesson:([A-Za-z0-9_-]+) -->$`)

// Languages lists the languages of the lessons but English.
func Languages() []string { return []string{"zh"} }

// Translated reads the translation of a lesson. The error is fs.ErrNotExist if there is none.
func (l Lesson) Translated(fsys fs.FS, language string) (*Translation, error) {
	t := &Translation{Language: language, Text: map[string]string{}, Messages: map[string]string{}}
	for _, name := range []string{path.Join(l.Dir, language+".md"), language + ".md"} {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading translation: %w", err)
		}
		if err := t.read(string(b)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return t, nil
}

// In returns the notebook of an edition in a language, "en" or one of Languages. The error is fs.ErrNotExist if the lesson
// has not been translated.
func (l Lesson) In(fsys fs.FS, e Edition, language string) (*nbformat.Notebook, error) {
	t := &Translation{}
	if language != "en" {
		var err error
		if t, err = l.Translated(fsys, language); err != nil {
			return nil, err
		}
	}
	return l.Edition(e, t), nil
}

func (t *Translation) read(text string) error {
	at := section.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		id, body := text[m[2]:m[3]], strings.Trim(text[m[1]:end], "\n")
		if id == "messages" {
			if err := t.readMessages(body); err != nil {
				return err
			}
			continue
		}
		if _, twice := t.Text[id]; twice {
			return fmt.Errorf("two texts for %s", id)
		}
		t.Text[id] = unbroken(body)
	}
	return nil
}

// softBreak is the end of a line that a browser shows as a blank where Chinese has none: between two characters, and behind
// punctuation as wide as they are. Lists, tables, headings and HTML begin lines of their own.
var softBreak = regexp.MustCompile(`(\p{Han})\n *([\p{Han}（《“])|([，。；：？！、）》”…])\n *([^\n\s#|<>-])`)

// unbroken joins such lines.
func unbroken(text string) string { return softBreak.ReplaceAllString(text, "$1$3$2$4") }

func (t *Translation) readMessages(body string) error {
	list := slices.DeleteFunc(strings.Split(body, "\n"), func(ln string) bool { return strings.TrimSpace(ln) == "" })
	for i := 0; i < len(list); i += 2 {
		english, ok := strings.CutPrefix(list[i], "- ")
		if !ok || i+1 == len(list) || strings.HasPrefix(list[i+1], "- ") {
			return fmt.Errorf("message %q is not followed by its translation", list[i])
		}
		t.Messages[english] = strings.TrimPrefix(list[i+1], "  ")
	}
	return nil
}

// languageID is the ID of the hidden cell that sets the language of check messages. It stands before the first task.
const languageID = "language"

// languageCell returns the source of that cell, which is all that the code of two languages differs in.
func (t *Translation) languageCell(used []string) string {
	if t.Language == "" {
		return `exercise.Language("en", nil)`
	}
	var b strings.Builder
	fmt.Fprintf(&b, "exercise.Language(%q, map[string]string{\n", t.Language)
	for i, english := range used {
		if s, ok := t.Messages[english]; ok && !slices.Contains(used[:i], english) {
			fmt.Fprintf(&b, "\t%s: %s,\n", strconv.Quote(english), strconv.Quote(s))
		}
	}
	b.WriteString("})")
	return b.String()
}
