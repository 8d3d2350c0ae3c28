package nbrun

import (
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	tests := []struct {
		name    string
		mode    Mode
		want    string
		good    []string
		bad     []string
		mention string // stands in the difference of the first bad one
	}{
		{"exact", Exact, "a\nb {int}\n", []string{"a\nb {int}\n"}, []string{"a\nb {int}", "a\n", "", "a\nb {int}\n\n", "a \nb {int}\n"}, "no newline"},
		{"empty", Exact, "", []string{""}, []string{"x", "\n"}, "+ x"},
		{"seconds", Pattern, "Finished in {seconds 1.0..1.9} seconds\n",
			[]string{"Finished in 1.05 seconds\n", "Finished in 1.0 seconds\n", "Finished in 1.9 seconds\n"},
			[]string{"Finished in 2.31 seconds\n", "Finished in 0.111 seconds\n", "Finished in  seconds\n", "finished in 1.2 seconds\n", "Finished in 1.05 seconds"}, "2.31 is above 1.9"},
		{"int", Pattern, "{int 3000..} polls, {int ..-1}, {int}", []string{"3000 polls, -7, 0"}, []string{"2999 polls, -7, 0", "3000 polls, 0, 0", "3e3 polls, -1, 0", "99999999999999999999 polls, -1, 1"}, "2999 is below 3000"},
		{"duration", Pattern, "took {duration 100ms..0.2s}!", []string{"took 101.5ms!", "took 200ms!"}, []string{"took 1.2s!", "took 99ms!", "took 100!"}, "1.2s is above 0.2s"},
		{"hex", Pattern, "{hex 4}", []string{"00fF"}, []string{"00fg", "00f", "00fff"}, "+ 00fg"},
		{"hex any", Pattern, "0x{hex}", []string{"0xc000012345"}, []string{"0x", "c00"}, "+ 0x"},
		{"bytes", Pattern, "{bytes 3}", []string{"[1 20 255]", `"\x00a\n"`, "00 ff 0a", "00ff0a", `b'a\x00\n'`}, []string{"[1 20]", `"ab"`, "00ff", "xyz"}, "[1 20] has 2 bytes, want 3"},
		{"oneof", Pattern, "{oneof yes|no}.", []string{"yes.", "no."}, []string{"maybe.", "yes"}, "+ maybe."},
		{"text and word", Pattern, "{word}: {text}", []string{"a: b c"}, []string{"a b: c", "a: "}, "+ a b: c"},
		{"braces", Pattern, "{{1 2} map[a:{{3}]", []string{"{1 2} map[a:{3}]"}, []string{"{{1 2} map[a:{3}]"}, "+ {{1"},
		{"repeat", Pattern, "{repeat 5..15} Working...\nExit status 0\n",
			[]string{strings.Repeat("Working...\n", 5) + "Exit status 0\n", strings.Repeat("Working...\n", 15) + "Exit status 0\n"},
			[]string{strings.Repeat("Working...\n", 4) + "Exit status 0\n", strings.Repeat("Working...\n", 16) + "Exit status 0\n", "Exit status 0\n", strings.Repeat("Working...\n", 7) + "Exit status 1\n"}, "got 4 of these lines"},
		{"lines", Pattern, "a\n{lines}\nz\n", []string{"a\nz\n", "a\nb\nz\nz\n"}, []string{"a\nb\n", "b\nz\n"}, "- z"},
		{"lines bounded", Pattern, "{lines 1..2}", []string{"x", "x\ny"}, []string{"", "x\ny\nz"}, ""},
		{"unordered", Unordered, "a\nb\n{int}\n", []string{"a\nb\n1\n", "2\nb\na\n"}, []string{"a\na\n1\n", "a\nb\n", "a\nb\n1\n1\n"}, "- b"},
		{"unordered needs a matching", Unordered, "{word}\n{int}\nx\n", []string{"x\n1\n2\n", "1\nx\n2\n"}, []string{"x\ny\nz\n"}, ""},
		{"order", Order, "P put\nP done\n---\nC got\nC done\n{before} P put -> C done\n",
			[]string{"P put\nP done\nC got\nC done\n", "C got\nP put\nC done\nP done\n"},
			[]string{"C got\nC done\nP put\nP done\n", "P done\nP put\nC got\nC done\n", "P put\nP done\nC got\n"}, "P put  before  C done   (the order is wrong)"},
		{"order last", Order, "a\nb\n---\nend\n{before} b -> end", []string{"a\nb\nend"}, []string{"a\nend\nb", "end\na\nb"}, "b  before  end"},
		{"order of equal lines", Order, "a\na\n---\nb\n{before} a -> b", []string{"a\na\nb"}, []string{"a\nb\na"}, ""},
		{"blocks", Pattern, "start\n{unordered}\na\nb\n{end}\nend {int}\n", []string{"start\nb\na\nend 3\n"}, []string{"start\nb\nb\nend 3\n", "b\nstart\na\nend 3\n"}, "- a   (in any place)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tmpl, err := ParseTemplate(tt.mode, tt.want)
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range tt.good {
				if diff := tmpl.Match(got); diff != "" {
					t.Errorf("%q does not match:\n%s", got, diff)
				}
			}
			for i, got := range tt.bad {
				diff := tmpl.Match(got)
				if diff == "" {
					t.Errorf("%q matches, want a difference", got)
				}
				if i == 0 && !strings.Contains(diff, tt.mention) {
					t.Errorf("%q: the difference does not mention %q:\n%s", got, tt.mention, diff)
				}
			}
		})
	}
}

func TestTemplateErrors(t *testing.T) {
	tests := []struct {
		mode Mode
		text string
		want string
	}{
		{"fuzzy", "a", `unknown mode "fuzzy"`},
		{Pattern, "ok\n{sceonds 1..2}", "line 2: unknown hole {sceonds 1..2}"},
		{Pattern, "{int 1", "line 1: hole without an end"},
		{Pattern, "{int}{int}", "two holes with nothing between"},
		{Pattern, "{int 5}", `bounds "5"`},
		{Pattern, "{int 5..1}", "admit nothing"},
		{Pattern, "{seconds x..}", `bound "x"`},
		{Pattern, "{hex x}", `count "x"`},
		{Pattern, "{repeat 3..1} a", `count "3..1"`},
		{Pattern, "a\n{unordered}\nb", "line 2: {unordered} without {end}"},
		{Pattern, "{oneof}", "names no choices"},
		{Pattern, "{text 3}", "takes no bounds"},
		{Order, "a\n{before} a - b", "line 2: want {before}"},
		{Order, "a\n{before} a -> b", "line 2: a line of {before} is not in a chain"},
		{Order, "a\nb\n{before} b -> a", "no order fulfils"},
	}
	for _, tt := range tests {
		if _, err := ParseTemplate(tt.mode, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: got %v, want %q", tt.mode, tt.text, err, tt.want)
		}
	}
}

// A large unordered text, and an order whose lines all look alike, must be decided quickly.
func TestTemplatesAreFast(t *testing.T) {
	lines := strings.Repeat("{int}\n", 300)
	for _, mode := range []Mode{Unordered, Order} {
		tmpl, err := ParseTemplate(mode, lines)
		if err != nil {
			t.Fatal(err)
		}
		if diff := tmpl.Match(strings.Repeat("7\n", 300)); diff != "" {
			t.Errorf("%s: %s", mode, diff)
		}
		if diff := tmpl.Match(strings.Repeat("7\n", 299) + "x\n"); diff == "" {
			t.Errorf("%s: matches, want a difference", mode)
		}
	}
}

// FuzzTemplate: no text makes parsing or matching panic or hang, a text is exactly itself, and literal lines
// match themselves in every mode.
func FuzzTemplate(f *testing.F) {
	for _, m := range mutations {
		f.Add(m.text, m.output)
	}
	f.Add("{repeat 0..} {int}\n{lines}\n{unordered}\n{text}\n{word}\n{end}\n", "1\n2\nx y\nz\n")
	f.Fuzz(func(t *testing.T, text, output string) {
		if len(text) > 500 || len(output) > 500 {
			return // the search for an order is bounded in steps, not in their cost
		}
		for _, mode := range []Mode{Exact, Pattern, Unordered, Order} {
			tmpl, err := ParseTemplate(mode, text)
			if err != nil {
				continue
			}
			diff := tmpl.Match(output)
			if mode == Exact && (diff == "") != (text == output) {
				t.Errorf("%q against %q: %q", text, output, diff)
			}
			literal := !strings.Contains(text, "{") && !strings.Contains(text, "---")
			if own := tmpl.Match(text); literal && own != "" {
				t.Errorf("%s: %q does not match itself: %s", mode, text, own)
			}
		}
	})
}
