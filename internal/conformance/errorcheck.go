package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gokernel/kernel/check"
)

// errorcheckList names the errorcheck files whose every error the checker must report on its line.
const errorcheckList = "internal/conformance/testdata/errorcheck-passing.txt"

// othersList names files that expect errors which are not the type checker's, each with the reason behind it.
const othersList = "internal/conformance/testdata/errorcheck-others.txt"

// lines and words are how well the checker does on one file: every expected error is reported on its line; it is
// reported in the words that the file expects as well, and nothing else is.
const (
	lines verdict = "lines"
	words verdict = "words"
)

// A complaint is an error that a file expects, or that the checker has reported.
type complaint struct {
	line int
	text string // a regular expression, or the message
}

// errorcheck holds the checker to the files of the tree that expect errors of the compiler's front end. Files that
// need flags of the compiler are left out and counted: they concern other parts of it, or older versions of Go.
func (c *config) errorcheck() error {
	var results []result
	var inWords, flags int
	others, err := readList(othersList)
	if err != nil {
		return err
	}
	lib := check.StdLibrary()
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(c.tree, folder, "*.go"))
		if err != nil {
			return err
		}
		for _, file := range names {
			name := path.Join(folder, filepath.Base(file))
			if c.only != nil && !c.only.MatchString(name) {
				continue
			}
			src, err := os.ReadFile(file)
			if err != nil {
				return fmt.Errorf("reading a file: %w", err)
			}
			ours, listed := expectsErrors(string(src))
			if !ours {
				if listed {
					flags++
				}
				continue
			}
			if slices.Contains(others, name) {
				continue
			}
			r, err := checkFile(lib, name, string(src))
			if err != nil {
				return err
			}
			if r.verdict == words {
				inWords++
				r.verdict = pass
			} else if r.verdict == lines {
				if c.only != nil {
					fmt.Printf("words    %s: %s\n", r.name, r.why)
				}
				r.verdict = pass
			}
			results = append(results, r)
		}
	}
	must, err := readList(errorcheckList)
	if err != nil {
		return err
	}
	printFailures(results)
	passed := 0
	for _, r := range results {
		if r.verdict == pass {
			passed++
		}
	}
	all := float64(max(len(results), 1))
	fmt.Printf("errorcheck: %d files; left out are %d that need flags of the compiler and %d that concern other parts of it (%s)\n",
		len(results), flags, len(others), othersList)
	fmt.Printf("every error on its line: %d (%.1f%%); also in the compiler's words and no other: %d (%.1f%%)\n",
		passed, 100*float64(passed)/all, inWords, 100*float64(inWords)/all)
	if c.only != nil {
		return nil
	}
	return c.hold(errorcheckList, must, results)
}

// expectsErrors reports whether src is an errorcheck file of the compiler's front end, and whether it is one at all.
func expectsErrors(src string) (ours, listed bool) {
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//go:build") {
			continue
		}
		fields := strings.Fields(strings.TrimPrefix(line, "//"))
		if !strings.HasPrefix(line, "//") || len(fields) == 0 || fields[0] != "errorcheck" {
			return false, false
		}
		return !slices.ContainsFunc(fields[1:], func(f string) bool { return f != "-d=panic" && f != "-e" }), true
	}
	return false, false
}

// checkFile checks one file as a cell and compares what is reported with what it expects.
func checkFile(lib check.Library, name, src string) (r result, err error) {
	r = result{program: program{name: name}}
	want, err := expected(src)
	if err != nil {
		return r, fmt.Errorf("reading what %s expects: %w", name, err)
	}
	defer func() {
		if p := recover(); p != nil { // a fault of the checker is one failed file
			r.verdict, r.why = broken, fmt.Sprint(p)
		}
	}()
	var got []complaint
	_, err = check.Check(check.NewScope(lib), 1, "x.go", src)
	var list check.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			if strings.HasSuffix(e.Msg, " is not a main package") {
				continue // it may be any: the file is to be compiled, not run
			}
			got = append(got, complaint{e.Line, e.Msg})
		}
	} else if err != nil {
		return r, err
	}
	r.verdict, r.why = compareComplaints(got, want)
	return r, nil
}

var (
	expectation = regexp.MustCompile(`// (?:GC_)?ERROR (.*)`)
	quoted      = regexp.MustCompile(`"([^"]*)"`)
	lineNumber  = regexp.MustCompile(`LINE(?:([+-])(\d+))?`)
)

// expected returns the errors that src expects, by its ERROR comments.
func expected(src string) ([]complaint, error) {
	var want []complaint
	n := 0
	for line := range strings.Lines(src) {
		n++
		m := expectation.FindStringSubmatch(line)
		if m == nil || strings.Contains(line, "////") {
			continue
		}
		for _, q := range quoted.FindAllStringSubmatch(m[1], -1) {
			rx := lineNumber.ReplaceAllStringFunc(q[1], func(s string) string {
				at := n
				if len(s) > len("LINE") {
					delta, _ := strconv.Atoi(s[len("LINE"):]) // digits, by the expression
					at += delta
				}
				return fmt.Sprintf("x.go:%d", at)
			})
			if _, err := regexp.Compile(rx); err != nil {
				return nil, err
			}
			want = append(want, complaint{n, rx})
		}
	}
	return want, nil
}

// compareComplaints judges a file, and says what was missed first.
func compareComplaints(got, want []complaint) (verdict, string) {
	left := map[int][]string{}
	for _, g := range got {
		left[g.line] = append(left[g.line], g.text)
	}
	lineOf := map[int]bool{}
	for _, g := range got {
		lineOf[g.line] = true
	}
	why := ""
	for _, w := range want {
		if !lineOf[w.line] {
			return wrong, fmt.Sprintf("line %d: not reported: %s", w.line, w.text)
		}
		rx := regexp.MustCompile(w.text) // expected has compiled it before
		n := len(left[w.line])
		before := left[w.line]
		left[w.line] = slices.DeleteFunc(slices.Clone(before), rx.MatchString)
		if len(left[w.line]) == n && why == "" {
			why = fmt.Sprintf("line %d: got %q, want %s", w.line, before, w.text)
		}
	}
	if why != "" {
		return lines, why
	}
	for line, texts := range left {
		if len(texts) > 0 {
			return lines, fmt.Sprintf("line %d: unexpected: %q", line, texts)
		}
	}
	return words, ""
}
