package native

import (
	"bytes"
	"strings"
	"testing"
)

// entry is a name as the runtime keeps it.
func entry(flags byte, text string) []byte {
	length := []byte{byte(len(text))}
	if len(text) >= 0x80 {
		length = []byte{byte(len(text))&0x7f | 0x80, byte(len(text) >> 7)}
	}
	return append(append([]byte{flags}, length...), text...)
}

func TestPlainNames(t *testing.T) {
	long := strings.Repeat("x", 120)
	for _, tt := range []struct {
		name  string
		flags byte
		text  string
		want  string
	}{
		{"one argument", 1, "*main.Stack[notebook/u3.Job]", "*main.Stack[main.Job]"},
		{"several", 0, "main.Pair[notebook/u12.Job,map[string]notebook/u3.T]", "main.Pair[main.Job,map[string]main.T]"},
		{"a length of two bytes", 1, "main.P[notebook/u3." + long + "]", "main.P[main." + long + "]"},
		{"one that comes down to one byte", 1, "main.P[notebook/u3." + strings.Repeat("y", 109) + "]", "main.P[main." + strings.Repeat("y", 109) + "]"},
		{"a length that ends in a small byte", 1, "main.P[notebook/u3." + strings.Repeat("z", 300) + "]", "main.P[main." + strings.Repeat("z", 300) + "]"},
		{"an import path", 0, "notebook/u3", "notebook/u3"},
		{"a function's name", 0, "notebook/u3.f", "notebook/u3.f"},
		{"with a tag", 2, "F[notebook/u3.Job]", "F[notebook/u3.Job]"},
	} {
		before, after := entry(1, "before"), entry(1, "*main.After")
		data := bytes.Join([][]byte{before, entry(tt.flags, tt.text), after}, nil)
		plainNames(data)
		want := entry(tt.flags, tt.want)
		got, rest := data[len(before):][:len(want)], data[len(data)-len(after):]
		if !bytes.Equal(got, want) || !bytes.Equal(rest, after) || !bytes.HasPrefix(data, before) {
			t.Errorf("%s: got %q", tt.name, data)
		}
	}
	for _, text := range []string{"notebook/u3.f[x]", "\x00\x00[notebook/u3.f", "[notebook/u3.", "\x00\x7f[notebook/u3.x]", "\xff\xff[notebook/u3.x]"} {
		data := []byte(text)
		if spans := plainNames(data); spans != nil || string(data) != text {
			t.Errorf("%q became %q", text, data)
		}
	}
}
