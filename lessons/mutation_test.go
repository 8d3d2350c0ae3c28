package lessons

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

// seed makes the mutations the same each time.
const seed = 5

// A mutation changes a text. It reports false if there is nothing that it could change.
type mutation struct {
	name   string
	modes  string // in which it must be noticed
	mutate func(r *rand.Rand, text string) (string, bool)
}

// literal finds the characters of a line of a pattern that stand for themselves and are not blank.
var (
	hole  = regexp.MustCompile(`\{\{|\{[^}]*\}`)
	bound = regexp.MustCompile(`\{(int|seconds|float) [^}]*\}`)
)

// literals returns the places of characters outside of holes.
func literals(text string) []int {
	holes := hole.FindAllStringIndex(text, -1)
	var at []int
	for i := range len(text) {
		c := text[i]
		inHole := slices.ContainsFunc(holes, func(h []int) bool { return i >= h[0] && i < h[1] })
		if !inHole && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z') {
			at = append(at, i)
		}
	}
	return at
}

// expectationMutations are those that no expectation may bear.
var expectationMutations = []mutation{
	{"another character", "exact pattern unordered order", func(r *rand.Rand, text string) (string, bool) {
		at := literals(text)
		if len(at) == 0 {
			return "", false
		}
		i := at[r.IntN(len(at))]
		return text[:i] + "~" + text[i+1:], true
	}},
	{"a line less", "exact pattern unordered order", onLine(func(r *rand.Rand, lines []string, i int) []string {
		return slices.Delete(lines, i, i+1)
	})},
	{"a line twice", "exact pattern unordered order", onLine(func(r *rand.Rand, lines []string, i int) []string {
		return slices.Insert(lines, i, lines[i])
	})},
	{"a line more", "exact pattern unordered order", onLine(func(r *rand.Rand, lines []string, i int) []string {
		return slices.Insert(lines, i, "never printed\n")
	})},
	{"two lines swapped", "exact pattern", onLine(func(r *rand.Rand, lines []string, i int) []string {
		if i+1 == len(lines) || lines[i] == lines[i+1] {
			return nil
		}
		lines[i], lines[i+1] = lines[i+1], lines[i]
		return lines
	})},
	{"a bound out of reach", "pattern unordered order", func(r *rand.Rand, text string) (string, bool) {
		found := bound.FindAllStringSubmatchIndex(text, -1)
		if len(found) == 0 {
			return "", false
		}
		m := found[r.IntN(len(found))]
		return text[:m[0]] + "{" + text[m[2]:m[3]] + " 999999999..}" + text[m[1]:], true
	}},
}

// onLine makes a mutation of one that changes a list of lines at one of them.
func onLine(f func(r *rand.Rand, lines []string, i int) []string) func(r *rand.Rand, text string) (string, bool) {
	return func(r *rand.Rand, text string) (string, bool) {
		lines := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(s string) bool { return s == "" })
		if strings.Contains(text, "{lines") {
			return "", false // which takes in what is missing elsewhere
		}
		var usable []int
		for i, ln := range lines {
			// A line of holes only may fit its neighbours' text, and so may a repetition.
			if len(literals(ln)) > 0 && !strings.HasPrefix(ln, "{before}") && !strings.HasPrefix(ln, "{repeat") {
				usable = append(usable, i)
			}
		}
		if len(usable) == 0 {
			return "", false
		}
		changed := f(r, slices.Clone(lines), usable[r.IntN(len(usable))])
		if changed == nil {
			return "", false
		}
		mutated := strings.Join(changed, "")
		return mutated, mutated != text
	}
}

// TestMutatedExpectations changes what cells are expected to print: the outputs that were recorded must not pass.
func TestMutatedExpectations(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, seed))
	tried := 0
	for _, l := range all(t) {
		recorded := l.Notebook()
		for _, c := range l.Cells {
			if c.Output.Mode == "" || slices.Contains(c.Ignore, "stdout") {
				continue
			}
			at := slices.IndexFunc(recorded.Cells, func(nc *nbformat.Cell) bool { return nc.ID == c.ID })
			shown := nbrun.ShownBy(recorded.Cells[at])
			for _, m := range expectationMutations {
				if !slices.Contains(strings.Fields(m.modes), c.Output.Mode) {
					continue
				}
				text, ok := m.mutate(r, c.Output.Text)
				if !ok {
					continue
				}
				mutant := c
				mutant.Output.Text = text
				tried++
				e, err := nbrun.Expected(mutant.notebookCell(Reader, nil))
				if err == nil && len(e.Compare(shown)) == 0 {
					t.Errorf("%s, cell %s, %s: nobody notices\n%s", l.Name, c.ID, m.name, text)
				}
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d mutations were tried", tried)
	}
	t.Logf("%d mutations, seed %d", tried, seed)
}

// A pause is the length of a time. Longer pauses and deadlines are not tried: what a cell shows is the same by design, for upper
// bounds of times are generous, and a machine that is busy makes all of them longer. None at all is tried instead.
var pause = regexp.MustCompile(`\b\d+ ?\* ?time\.\w+`)

// A codeMutation changes one line of code.
type codeMutation struct {
	name string
	find *regexp.Regexp
	by   func(found string) string
	only string // on lines that hold this
}

var codeMutations = []codeMutation{
	{"no pause", pause, func(string) string { return "0" }, ""},
	{"number", regexp.MustCompile(`\b\d+\b`), func(s string) string { return s + "1" }, ""},
	{"operator", regexp.MustCompile(` (\+|-|\*|/|==|!=|<=|>=|<|>|&&|\|\|) `), func(s string) string {
		return map[string]string{" + ": " - ", " - ": " + ", " * ": " + ", " / ": " * ", " == ": " != ", " != ": " == ",
			" <= ": " > ", " >= ": " < ", " < ": " >= ", " > ": " <= ", " && ": " || ", " || ": " && "}[s]
	}, ""},
	{"step", regexp.MustCompile(`\+\+|--|\+=|-=`), func(s string) string {
		return map[string]string{"++": "--", "--": "++", "+=": "-=", "-=": "+="}[s]
	}, ""},
	{"text", regexp.MustCompile(`"[^"%]*[a-zA-Z][^"%]*"`), func(s string) string { return s[:1] + "~" + s[1:] }, "Print"},
	{"truth", regexp.MustCompile(`\b(true|false)\b`), func(s string) string {
		return map[string]string{"true": "false", "false": "true"}[s]
	}, ""},
}

// A block whose head is onError and whose first line is handsOn runs only if something fails, which nothing does in the
// lessons. Nothing in it can be noticed.
var handsOn = regexp.MustCompile(`\b(panic|return|Print(ln|f)?)\b.*\berr\b|\.Stop\(\)`)
var onError = regexp.MustCompile(`^\s*if .*\berr(s|\[\w+\])? != nil \{|^\s*(} else )?if err := .* \{`)

// mutants returns all ways to change one line of a listing's code.
func mutants(source string) []mutant {
	var all []mutant
	lines := strings.Split(source, "\n")
	end := "" // of a block that runs only if something fails
	for i, ln := range lines {
		code, _, _ := strings.Cut(ln, "//")
		if end != "" {
			if strings.HasPrefix(ln, end) {
				end = ""
			}
			continue
		}
		if onError.MatchString(ln) && i+1 < len(lines) && handsOn.MatchString(lines[i+1]) {
			end = ln[:len(ln)-len(strings.TrimLeft(ln, "\t"))] + "}"
		}
		if trimmed := strings.TrimSpace(code); trimmed == "" || trimmed == "}" {
			continue
		}
		add := func(name, line string) {
			changed := slices.Clone(lines)
			changed[i] = line
			all = append(all, mutant{i + 1, fmt.Sprintf("%s: %s", name, strings.TrimSpace(line)), strings.Join(changed, "\n")})
		}
		if !strings.HasSuffix(code, "{") && !strings.HasSuffix(strings.TrimSpace(code), "{") && !strings.HasPrefix(strings.TrimSpace(code), "}") {
			add("deleted "+strings.TrimSpace(ln), "")
		}
		for _, m := range codeMutations {
			target := code
			if m.name != "no pause" { // blank it out: it is one thing, and changed as such
				target = pause.ReplaceAllStringFunc(code, func(s string) string { return strings.Repeat("_", len(s)) })
			} else if strings.HasPrefix(strings.TrimSpace(code), "time.Sleep(") {
				continue // which is the same as without the line
			}
			if at := m.find.FindStringIndex(target); at != nil && strings.Contains(code, m.only) {
				add(m.name, code[:at[0]]+m.by(code[at[0]:at[1]])+code[at[1]:])
			}
		}
	}
	return all
}

// A mutant is a cell with one line changed.
type mutant struct {
	line   int
	what   string
	source string
}
