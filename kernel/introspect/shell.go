package introspect

import "strings"

// special are the characters that a shell takes for something else than themselves, outside of quotes.
const special = " \t\n\\'\"`$&|;<>()[]{}*?!#~="

// shellFiles completes the name of a file at the end of a command for the shell, quoted as the shell wants it.
func (q *question) shellFiles(command string) {
	word, quote := lastWord(command)
	typed := word // its last part, as it stands
	if quote == 0 {
		typed = word[strings.LastIndexByte(word, '/')+1:]
		word = unescaped(word)
	}
	q.files(word, false)
	if quote != 0 {
		return // what is special there is rare in names
	}
	q.start, q.prefix = q.cursor-len(typed), typed
	for i := range q.matches {
		q.matches[i].text = escaped(q.matches[i].text)
	}
}

// lastWord returns the last word of a command that is not complete, and the quote that is open in it, 0 if none is. What
// precedes that quote is not part of the word.
func lastWord(command string) (word string, quote byte) {
	start := 0
	for i := 0; i < len(command); i++ {
		switch b := command[i]; {
		case quote != 0 && b == quote:
			quote = 0
		case quote == '\'':
		case b == '\\':
			i++
		case quote != 0:
		case b == '"' || b == '\'':
			quote, start = b, i+1
		case strings.IndexByte(" \t=|;<>&(", b) >= 0:
			start = i + 1
		}
	}
	return command[start:], quote
}

// escaped returns a name as a word of the shell.
func escaped(name string) string {
	var b strings.Builder
	dir := strings.HasSuffix(name, "/")
	for i, r := range strings.TrimSuffix(name, "/") {
		// A tilde means something only where it begins a word, and so does what begins a comment.
		if strings.ContainsRune(special, r) && (i == 0 || r != '~' && r != '#' && r != '=') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	if dir {
		b.WriteByte('/')
	}
	return b.String()
}

// unescaped is what the shell makes of a word without quotes.
func unescaped(word string) string {
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		if word[i] == '\\' && i+1 < len(word) {
			i++
		}
		b.WriteByte(word[i])
	}
	return b.String()
}
