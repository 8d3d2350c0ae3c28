package notebook

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gokernel/kernel/magic"
)

// inlineCode is what stands in backquotes on one line.
var inlineCode = regexp.MustCompile("`([^`\n]+)`")

// TestDocumentedMagicsExist checks the magics that the documentation names, and their flags.
// That no magic is left out is for TestEveryMagic.
func TestDocumentedMagicsExist(t *testing.T) {
	table := (&Notebook{}).commands()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, name := range append(names, "../../README.md") {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range inlineCode.FindAllStringSubmatch(string(page), -1) {
			words := strings.Fields(strings.ReplaceAll(code[1], `\|`, "|"))
			if len(words) == 0 || !regexp.MustCompile(`^%%?[a-z]+$`).MatchString(words[0]) {
				continue
			}
			command, ok := table.Lookup(words[0])
			if !ok {
				t.Errorf("%s: there is no magic %s", name, words[0])
				continue
			}
			calls++
			for _, w := range words[1:] {
				if flag := strings.Trim(w, "[]"); regexp.MustCompile(`^-[a-z]+$`).MatchString(flag) && !has(command, flag) {
					t.Errorf("%s: %s has no flag %s", name, words[0], flag)
				}
			}
		}
	}
	if calls < 30 {
		t.Errorf("%d magics were found in the documentation: the test does not see them", calls)
	}
}

// has reports whether a magic has a flag.
func has(c magic.Command, flag string) bool {
	for _, f := range c.Flags {
		if f.Name == flag {
			return true
		}
	}
	return false
}
